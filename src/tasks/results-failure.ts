import { goQuote } from '../expressions/variables/go-quote.ts';
import type { PodObservation } from './pod-observation.ts';
import type { StartFailure } from './start-failure.ts';

/**
 * Steps whose results cannot be had. The reason and message of one that is too large follow tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go,
 * `ReconcileKind`; upstream asks for a log that cannot be read until the TaskRun's time is up.
 */
export function resultsFailure(
  taskRunName: string,
  { resultsProblem }: PodObservation,
): Extract<StartFailure, { type: 'fails' }> | undefined {
  if (resultsProblem === undefined) return undefined;
  const failed = `TaskRun ${goQuote(taskRunName)} failed:`;
  return resultsProblem.type === 'too-large'
    ? {
        type: 'fails',
        reason: 'TaskRunResultLargerThanAllowedLimit',
        message: `${failed} results exceeded size limit ${resultsProblem.limitBytes} bytes`,
      }
    : { type: 'fails', reason: 'Failed', message: `${failed} its results could not be read: ${resultsProblem.message}` };
}
