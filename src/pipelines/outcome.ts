import type { PipelineSpec } from '../resources/pipeline/schema.ts';
import type { RefSource } from '../resources/status.ts';

/** Why a run cannot go on: it ends `False` with this reason. */
export interface RunFailure {
  readonly type: 'failed';
  readonly reason: string;
  readonly message: string;
  /** The pipeline as far as it was known; kept in the status of a failed run, too. */
  readonly pipelineSpec?: PipelineSpec | undefined;
  /** Where a resolver had it from. */
  readonly refSource?: RefSource | undefined;
}

/** What upstream puts before messages about mistakes that only the user can mend. Source: pkg/apis/pipeline/errors/errors.go. */
export const userErrorLabel = '[User error] ';

export function failure(reason: string, message: string): RunFailure {
  return { type: 'failed', reason, message };
}

export function userError(reason: string, message: string): RunFailure {
  return { type: 'failed', reason, message: userErrorLabel + message };
}

export function invalidSpec(namespace: string, pipeline: string, errors: string): RunFailure {
  return userError('PipelineValidationFailed', `Pipeline ${namespace}/${pipeline} can't be Run; it has an invalid spec: ${errors}`);
}
