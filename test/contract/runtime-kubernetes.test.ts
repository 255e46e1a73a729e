import { afterAll, beforeAll, describe } from 'vitest';
import { type ClusterUnderTest, clusterName, clusterUnavailable, clusterUnderTest } from '../support/kubelet/cluster-under-test.ts';
import { runtimeIn } from '../support/kubelet/runtime-in.ts';
import { runtimeContract } from './runtime.contract.ts';

// A kubelet of our own in every run; a real cluster where TAPPET_TEST_KUBECONFIG names one.
describe(clusterName, () => {
  let cluster: ClusterUnderTest;
  beforeAll(async () => {
    if (clusterUnavailable === undefined) cluster = await clusterUnderTest();
  });
  afterAll(async () => {
    await cluster?.close();
  });

  for (const delivery of ['image-volume', 'init-container'] as const) {
    runtimeContract(`kubernetes, ${delivery}`, {
      unavailable: clusterUnavailable,
      isCluster: true,
      open: async () => runtimeIn(cluster, delivery),
    });
  }
});
