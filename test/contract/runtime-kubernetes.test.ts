import { afterAll, beforeAll, describe } from 'vitest';
import { KubeError } from '../../src/kube/kube-client.ts';
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

  for (const delivery of ['image-volume', 'init-container'] as const) {
    runtimeContract(`kubernetes, ${delivery}`, {
      unavailable: clusterUnavailable,
      isCluster: true,
      open: async () => {
        const { client } = cluster;
        const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ci' } };
        await client.request({ method: 'POST', path: '/api/v1/namespaces', body: namespace }).catch(unlessThere);
        return new KubernetesRuntime({
          client,
          clock: systemClock,
          logger: silentLogger,
          namespaces: ['ci'],
          settings: { toolsImage: 'busybox', delivery, restrictsOwnContainers: true, readOnlyRoot: true },
          lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
        });
      },
    });
  }
});

function unlessThere(error: unknown): void {
  if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error;
}
