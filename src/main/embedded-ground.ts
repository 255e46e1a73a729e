import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime } from '../ports/runtime.ts';
import { type Store, StoreError } from '../ports/store.ts';
import { resourceTypes } from '../resources/registry.ts';
import { createSandboxRuntime } from '../runtimes/sandbox/create-sandbox-runtime.ts';
import { parseImageMap } from '../runtimes/sandbox/image-map.ts';
import { openSqlite } from '../stores/sqlite/open-sqlite.ts';
import { startAccessTokens } from './access-tokens.ts';
import type { Ground } from './ground.ts';
import type { Settings } from './settings.ts';
import { startEngine } from './start-engine.ts';
import { StartError } from './start-error.ts';
import { startHousekeeping } from './start-housekeeping.ts';

export interface GroundFacts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** Everything below the data directory: SQLite, and pods as processes of this machine. */
export async function embeddedGround(settings: Settings, facts: GroundFacts): Promise<Ground> {
  const { clock, logger } = facts;
  const { store, journal, close } = await openSqlite(settings.dataDir, facts);
  let runtime: Runtime;
  try {
    await createDefaults(store);
    runtime = await startRuntime(settings, facts);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    store,
    journal,
    runtime,
    resourceTypes,
    stepsRunIn: settings.isolation === 'bubblewrap' ? 'in sandboxes (bubblewrap)' : 'as plain processes, with the rights of the server',
    async startWork({ execute }) {
      const engine = execute === undefined ? undefined : await startEngine({ ...execute, store, runtime });
      const housekeeping = await startHousekeeping({ store, runtime, clock, logger });
      return {
        async close() {
          await housekeeping.close();
          await engine?.close();
        },
      };
    },
    startAccess: (ownToken) => startAccessTokens({ store, clock, logger, ownToken }),
    async close() {
      await runtime.close();
      await close();
    },
  };
}

async function startRuntime(settings: Settings, { clock, logger }: GroundFacts): Promise<Runtime> {
  const images = parseImageMap({ images: settings.images });
  if (!images.ok) throw new StartError('InvalidImageMap', images.errors.join('\n'));
  return createSandboxRuntime({
    dataDir: settings.dataDir,
    imageMap: images.map,
    isolation: settings.isolation,
    network: settings.network,
    maxPods: settings.maxPods,
    hostPaths: settings.hostPaths,
    clock,
    logger,
  });
}

/** What every Kubernetes cluster has from its first minute. */
async function createDefaults(store: Store): Promise<void> {
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
  ];
  await Promise.all(
    objects.map(async (object) => {
      const known = await store.get({ kind: object.kind, namespace: object.metadata.namespace, name: object.metadata.name });
      if (known !== undefined) return;
      await store.create(object).catch((error: unknown) => {
        if (!(error instanceof StoreError && error.code === 'AlreadyExists')) throw error;
      });
    }),
  );
}
