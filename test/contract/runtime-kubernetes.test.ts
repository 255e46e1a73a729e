import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import { KubernetesRuntime } from '../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import { type ClusterUnderTest, clusterName, clusterUnavailable, clusterUnderTest } from '../support/kubelet/cluster-under-test.ts';
import { silentLogger } from '../support/silent-logger.ts';
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

  /** Others may use the cluster, for this suite too: its pods are made in a namespace of their own. */
  class OwnRuntime extends KubernetesRuntime {
    override start(...[plan, materials]: Parameters<KubernetesRuntime['start']>): Promise<void> {
      return super.start({ ...plan, namespace: cluster.namespace }, materials);
    }
  }

  for (const delivery of ['image-volume', 'init-container'] as const) {
    runtimeContract(`kubernetes, ${delivery}`, {
      unavailable: clusterUnavailable,
      isCluster: true,
      open: async () =>
        new OwnRuntime({
          client: cluster.client,
          clock: systemClock,
          logger: silentLogger,
          namespaces: [cluster.namespace],
          settings: { toolsImage: 'busybox', delivery, restrictsOwnContainers: true, readOnlyRoot: true },
          lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
        }),
    });
  }
});
