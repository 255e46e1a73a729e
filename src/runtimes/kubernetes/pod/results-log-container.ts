import type { PodPlan } from '../../../tasks/pod-plan.ts';
import { BUSYBOX, resultsLogMounts } from './implicit-volumes.ts';
import type { Container } from './pod-manifest.ts';
import type { PodSettings } from './pod-settings.ts';
import { isFileName, names } from './result-names.ts';

/** Upstream's name for it. */
export const RESULTS_LOG_CONTAINER = 'sidecar-tekton-log-results';

/**
 * Prints the results of a plan with `resultsLog` behind the last step. A container beside the steps and no sidecar of Kubernetes' own: the pod has not ended
 * before it has, and it ends by itself. Follows tektoncd/pipeline pkg/pod/pod.go, `createResultsSidecar`.
 */
export function resultsLogContainer(plan: PodPlan, maxLineBytes: number, settings: PodSettings): Container {
  const ofSteps = plan.steps.flatMap(({ container, results }) => results.filter(isFileName).map((name) => `${container}/${name}`));
  return {
    name: RESULTS_LOG_CONTAINER,
    image: settings.toolsImage,
    imagePullPolicy: 'IfNotPresent',
    command: [BUSYBOX, 'sh', '/tekton/scripts/results-log'],
    args: [
      ...['-index', String(plan.steps.length), '-limit', String(maxLineBytes)],
      ...names('-results', plan.results),
      ...(ofSteps.length === 0 ? [] : ['-step_results', ofSteps.join(',')]),
      ...['-steps', plan.steps.map(({ container }) => container).join(',')],
    ],
    volumeMounts: resultsLogMounts,
  };
}
