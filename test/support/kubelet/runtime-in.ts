import { systemClock } from '../../../src/main/system-clock.ts';
import { KubernetesRuntime } from '../../../src/runtimes/kubernetes/kubernetes-runtime.ts';
import type { PodSettings } from '../../../src/runtimes/kubernetes/pod/pod-settings.ts';
import { silentLogger } from '../silent-logger.ts';
import type { ClusterUnderTest } from './cluster-under-test.ts';

/** Our runtime on a cluster under test. Others may use it, too: pods are made in the test's own namespace, whatever their plans say. */
export function runtimeIn({ client, namespace }: ClusterUnderTest, delivery: PodSettings['delivery']): KubernetesRuntime {
  class OwnRuntime extends KubernetesRuntime {
    override start(...[plan, materials]: Parameters<KubernetesRuntime['start']>): Promise<void> {
      return super.start({ ...plan, namespace }, materials);
    }
  }
  return new OwnRuntime({
    client,
    clock: systemClock,
    logger: silentLogger,
    namespaces: [namespace],
    settings: {
      toolsImage: process.env['TAPPET_TEST_ENTRYPOINT_IMAGE'] ?? 'busybox',
      delivery,
      restrictsOwnContainers: true,
      readOnlyRoot: true,
    },
    lookUpImage: async () => ({ ok: true, command: { entrypoint: [], cmd: ['sh'] } }),
  });
}
