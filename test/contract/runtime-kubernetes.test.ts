import { afterAll, beforeAll, describe } from 'vitest';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { KubeError } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/load-kubeconfig.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { KubernetesRuntime } from '../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import { type StandInCluster, standInCluster, standInUnavailable } from '../support/kubelet/stand-in-cluster.ts';
import { realCluster } from '../support/kubernetes-under-test.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { runtimeContract } from './runtime.contract.ts';

// A kubelet of our own in every run; a real cluster where TAPPET_TEST_KUBECONFIG names one.
const where = realCluster === undefined ? 'a stand-in kubelet' : 'a real cluster';
const unavailable = realCluster === undefined ? standInUnavailable : undefined;

describe(where, () => {
  let standIn: StandInCluster | undefined;
  beforeAll(async () => {
    if (realCluster === undefined && unavailable === undefined) standIn = await standInCluster();
  });
  afterAll(async () => {
    await standIn?.close();
  });

  async function open(delivery: 'image-volume' | 'init-container'): Promise<KubernetesRuntime> {
    const connection = standIn?.connection ?? (await loadKubeconfig({ file: realCluster ?? '' }));
    const client = createKubeClient(connection, { clock: systemClock });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ci' } };
    await client.request({ method: 'POST', path: '/api/v1/namespaces', body: namespace }).catch(unlessThere);
    return new KubernetesRuntime({
      client,
      clock: systemClock,
      logger: silentLogger,
      settings: { toolsImage: 'busybox', delivery, restrictsOwnContainers: true, readOnlyRoot: true },
      lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
    });
  }

  for (const delivery of ['image-volume', 'init-container'] as const)
    runtimeContract(`kubernetes, ${delivery}`, { unavailable, isCluster: true, open: () => open(delivery) });
});

function unlessThere(error: unknown): void {
  if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error;
}
