import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { unlessOutdated } from './apply.ts';
import { Informer, splitKey } from './informer.ts';
import { WorkQueue } from './work-queue.ts';

export interface KeeperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Keeper {
  readonly depth: number;
  close(): Promise<void>;
}

type Claim = KubeObject & {
  readonly spec?: { readonly accessModes?: unknown; readonly resources?: { readonly requests?: unknown } };
  readonly status?: { readonly phase?: string };
};

const ASK_AGAIN_MS = 1_000;

/**
 * What a cluster's volume controllers do for claims, where they are folders of the runtime: binds them, so that `kubectl get pvc` says `Bound`,
 * and frees what they kept when they are deleted, once no pod uses it, as Kubernetes protects claims in use.
 */
export async function startClaimKeeper(options: KeeperOptions & { readonly runtime: Runtime }): Promise<Keeper> {
  const { store, clock, logger, runtime } = options;
  const claims = new Informer<Claim>({
    ...options,
    kind: 'PersistentVolumeClaim',
    onChange: (now, _before, key) => {
      if (now?.status?.phase !== 'Bound') queue.add(key);
    },
  });
  const queue = new WorkQueue({
    clock,
    logger,
    concurrency: 16,
    reconcile: async (key) => {
      const claim = claims.get(key);
      if (claim !== undefined) await bind(store, claim);
      else await free(key);
    },
  });

  async function free(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const known = await store.get({ kind: 'PersistentVolumeClaim', namespace, name });
    // Made again meanwhile: what the name holds is the new one's.
    if (known !== undefined || runtime.releaseClaim === undefined) return;
    if (!(await runtime.releaseClaim(namespace, name))) queue.addAt(key, clock.now() + ASK_AGAIN_MS);
  }

  await claims.start();
  queue.begin();
  return {
    get depth() {
      return queue.depth;
    },
    async close() {
      await claims.close();
      await queue.close();
    },
  };
}

async function bind(store: Store, { metadata, spec, status }: Stored<Claim>): Promise<void> {
  if (status?.phase === 'Bound' || metadata.deletionTimestamp !== undefined) return;
  const { namespace, name } = metadata;
  const bound = { phase: 'Bound', accessModes: spec?.accessModes, capacity: spec?.resources?.requests };
  await unlessOutdated(store.patch({ kind: 'PersistentVolumeClaim', namespace, name }, { status: bound }, { subresource: 'status' }));
}
