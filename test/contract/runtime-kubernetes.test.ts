import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/load-kubeconfig.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import { KubernetesRuntime } from '../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { runtimeContract } from './runtime.contract.ts';
import { NAMESPACE } from './runtime-support.ts';

const kubeconfig = process.env['TAPPET_TEST_KUBECONFIG'];

async function connect(): Promise<KubeClient> {
  return createKubeClient(await loadKubeconfig({ file: kubeconfig ?? '' }), { clock: systemClock });
}

for (const delivery of ['image-volume', 'init-container'] as const) {
  runtimeContract(`kubernetes, ${delivery}`, {
    unavailable: kubeconfig === undefined ? 'TAPPET_TEST_KUBECONFIG is not set' : undefined,
    isCluster: true,
    open: async () => {
      const client = await connect();
      await client
        .request({
          method: 'POST',
          path: '/api/v1/namespaces',
          body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
        })
        .catch(() => undefined);
      return new KubernetesRuntime({
        client,
        clock: systemClock,
        logger: silentLogger,
        namespaces: [NAMESPACE],
        settings: { toolsImage: 'busybox', delivery, restrictsOwnContainers: true, readOnlyRoot: true },
        lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
      });
    },
  });
}
