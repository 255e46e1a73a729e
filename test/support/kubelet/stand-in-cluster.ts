import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeConnection } from '../../../src/kube/connection.ts';
import { createKubeClient } from '../../../src/kube/create-kube-client.ts';
import { systemClock } from '../../../src/main/system-clock.ts';
import { systemIds } from '../../../src/main/system-ids.ts';
import { resourceTypes } from '../../../src/resources/registry.ts';
import { createApi } from '../../../src/server/api.ts';
import { listen } from '../../../src/server/listen.ts';
import { openMemory } from '../../../src/stores/memory/open-memory.ts';
import { busyboxRoot } from '../../../tools/conformance/stand-in-images.ts';
import { whereIs } from '../entrypoint-world.ts';
import { connectionTo } from '../kube-connection.ts';
import { silentLogger } from '../silent-logger.ts';
import { gracefulPods } from './graceful-pods.ts';
import { Kubelet } from './kubelet.ts';
import { admitWithPods, podUpdateErrors } from './pod-admission.ts';
import { podRoutes } from './pod-routes.ts';
import { findUsers, type Users } from './users.ts';

export interface StandInCluster {
  readonly connection: KubeConnection;
  close(): Promise<void>;
}

const users: Users | undefined = whereIs('bwrap') === undefined ? undefined : findUsers();

/** Why there can be none on this machine. */
export const standInUnavailable: string | undefined =
  whereIs('bwrap') === undefined
    ? 'bubblewrap is not installed'
    : users === undefined
      ? 'bubblewrap may not make namespaces here'
      : whereIs('busybox') === undefined
        ? 'busybox-static is not installed'
        : undefined;

export const standInHasUsers: boolean = users?.real === true;

/** A kubelet's seconds take this long here: a sidecar that does not listen to TERM has 30 of them. */
const SECOND_MS = 40;

/** Our own API, and behind it a node that runs its pods: what CI has of a cluster. The image `busybox` is there, and no other. */
export async function standInCluster(): Promise<StandInCluster> {
  if (users === undefined) throw new Error(standInUnavailable);
  const folder = mkdtempSync(join(tmpdir(), 'tappet-kubelet-'));
  // Containers of every user begin below it.
  chmodSync(folder, 0o755);
  const image = join(folder, 'busybox');
  await busyboxRoot(image);
  const stores = openMemory({ clock: systemClock, ids: systemIds });
  const store = gracefulPods(stores.store);
  let kubelet: Kubelet | undefined;
  const api = createApi({
    store,
    journal: stores.journal,
    resourceTypes,
    admit: admitWithPods,
    validateUpdate: podUpdateErrors,
    podLogs: (namespace, pod, container, { follow, signal }) => kubelet?.logs(namespace, pod, container, follow, signal) ?? nothing(),
    clock: systemClock,
    logger: silentLogger,
    version: 'test',
    access: { allowedHosts: [] },
  });
  const handler = podRoutes(stores.store, api.app);
  const server = await listen({ handler, host: '127.0.0.1', port: 0, name: 'api', portOption: '--api', requestTimeoutMs: 0 });
  const connection = connectionTo(server.url);
  const client = createKubeClient(connection, { clock: systemClock, qps: 10_000, burst: 10_000 });
  const images = new Map([['docker.io/library/busybox', image]]);
  kubelet = new Kubelet({ client, pace: { secondMs: SECOND_MS }, images, users, folder });
  return {
    connection,
    async close() {
      await kubelet.close();
      client.close();
      api.close();
      await server.close(1_000);
      await stores.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function* nothing(): AsyncGenerator<Buffer> {}
