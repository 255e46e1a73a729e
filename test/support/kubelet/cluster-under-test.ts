import { randomBytes } from 'node:crypto';
import type { KubeConnection } from '../../../src/kube/connection.ts';
import { createKubeClient } from '../../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../../src/kube/load-kubeconfig.ts';
import { systemClock } from '../../../src/main/system-clock.ts';
import { KubernetesStore } from '../../../src/stores/kubernetes/kubernetes-store.ts';
import { realCluster } from '../kubernetes-under-test.ts';
import { type StandInCluster, standInCluster, standInHasUsers, standInUnavailable } from './stand-in-cluster.ts';

/** For titles. */
export const clusterName = realCluster === undefined ? 'a stand-in kubelet' : 'a real cluster';
/** Why there is no cluster of either kind. */
export const clusterUnavailable: string | undefined = realCluster === undefined ? standInUnavailable : undefined;
/** For titles: why a suite is skipped, if it is. */
export const skippedBecause: string = clusterUnavailable === undefined ? '' : ` (skipped: ${clusterUnavailable})`;
/** Whether containers' users are users of the node: not where a stand-in may make only its own. */
export const clusterHasUsers: boolean = realCluster !== undefined || standInHasUsers;

export interface ClusterUnderTest {
  readonly connection: KubeConnection;
  readonly client: KubeClient;
  readonly store: KubernetesStore;
  /** Of the test's own, with its account. */
  readonly namespace: string;
  close(): Promise<void>;
}

/** A cluster that runs pods: the one that `TAPPET_TEST_KUBECONFIG` names, else our own API and a stand-in kubelet. */
export async function clusterUnderTest(): Promise<ClusterUnderTest> {
  let standIn: StandInCluster | undefined;
  if (realCluster === undefined) standIn = await standInCluster();
  const connection = standIn?.connection ?? (await loadKubeconfig({ file: realCluster ?? '' }));
  const client = createKubeClient(connection, { clock: systemClock, qps: 1_000, burst: 1_000 });
  const store = new KubernetesStore({ client, clock: systemClock });
  const namespace = `tappet-test-${randomBytes(4).toString('hex')}`;
  await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  if (standIn === undefined) await accountThere(store, namespace);
  return {
    connection,
    client,
    store,
    namespace,
    async close() {
      await store.delete({ kind: 'Namespace', name: namespace });
      await store.close();
      client.close();
      await standIn?.close();
    },
  };
}

/** On a real cluster a namespace's account is made a moment after it, and no pod is admitted before. */
async function accountThere(store: KubernetesStore, namespace: string): Promise<void> {
  const { items, resourceVersion } = await store.list('ServiceAccount', { namespace });
  if (items.some(({ metadata }) => metadata.name === 'default')) return;
  for await (const { object } of store.watch('ServiceAccount', { namespace, resourceVersion }))
    if (object.metadata.name === 'default') return;
}
