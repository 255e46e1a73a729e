import { type KubeClient, KubeError } from '../kube/kube-client.ts';
import { withRule } from '../kube/missing-rule.ts';
import type { Logger } from '../ports/logger.ts';
import { StartError } from './start-error.ts';

interface Workload {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: { readonly replicas?: number };
}

/** What Tekton's release, its operator and OpenShift call it, in whatever namespace; a StatefulSet where the operator is told to share work by ordinals. */
const CONTROLLER = 'tekton-pipelines-controller';

/**
 * Two engines that run the same resources would each make pods of their own, and write over each other's statuses. Throws a `StartError` when Tekton's
 * controller is installed and not scaled to nothing. By its workload and not by its Leases: these are there only with leader election, and to tell whether
 * one is alive takes longer than a start may. Asked for by name, in all namespaces, so that the right to list that name is enough.
 */
export async function checkAlone(client: KubeClient, logger: Logger): Promise<void> {
  const found: string[] = [];
  for (const [plural, kind] of [
    ['deployments', 'Deployment'],
    ['statefulsets', 'StatefulSet'],
  ] as const) {
    try {
      const query = { fieldSelector: `metadata.name=${CONTROLLER}` };
      const { body } = await client.request<{ readonly items: readonly Workload[] }>({
        method: 'GET',
        path: `/apis/apps/v1/${plural}`,
        query,
      });
      // An API that does not know the selector gives everything.
      const running = body.items.filter(({ metadata, spec }) => metadata.name === CONTROLLER && spec?.replicas !== 0);
      found.push(...running.map(({ metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`));
    } catch (error) {
      // A server of custom resources alone.
      if (error instanceof KubeError && error.code === 404) continue;
      if (!(error instanceof KubeError && error.code === 403)) throw error;
      logger.warn('whether Tekton is installed here could not be seen; both would run the same resources', { error: withRule(error) });
    }
  }
  if (found.length === 0) return;
  throw new StartError(
    'TektonInstalled',
    `Tekton is installed on ${client.server} (${found.join(', ')}) and would run the same PipelineRuns and TaskRuns: leave them to it ` +
      '(--engine tekton; chart: engine: tekton), or uninstall it or scale it to 0; ' +
      'where it looks after other namespaces than this server, say so (setting kubernetes.besideTekton: true)',
  );
}
