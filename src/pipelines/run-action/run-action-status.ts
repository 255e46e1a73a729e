import type { FieldError } from '../../resources/field-error.ts';
import { renderFieldErrors } from '../../resources/field-error.ts';
import type { Condition, Stored } from '../../resources/object.ts';
import type { RunAction, RunActionStatus, RunOutcome } from '../../resources/run-action/schema.ts';
import { timestamp } from '../../resources/timestamp.ts';

/** A status is read by people, and written at once. The message counts all. */
const mostRunsListed = 1_000;

/** What is said when everything is done that can be. */
export function doneStatus(action: Stored<RunAction>, outcomes: readonly RunOutcome[], now: number): RunActionStatus {
  const failed = outcomes.some(({ outcome }) => outcome === 'Failed');
  const message = outcomes.length === 0 ? 'no run that there was bears its labels' : summary(outcomes);
  const reason = failed ? 'Failed' : outcomes.length === 0 ? 'NothingToDo' : 'Succeeded';
  return status(action, failed ? 'False' : 'True', reason, message, now, outcomes.slice(0, mostRunsListed));
}

/** A RunAction that admission has not seen, or an older one did. */
export function invalidStatus(action: Stored<RunAction>, errors: readonly FieldError[], now: number): RunActionStatus {
  return status(action, 'False', 'InvalidSpec', renderFieldErrors(errors), now);
}

/** It is being tried again. */
export function retryingStatus(action: Stored<RunAction>, error: string, now: number): RunActionStatus {
  const { completionTime: _, ...going } = status(action, 'Unknown', 'Retrying', error, now);
  return going;
}

function status(
  { metadata, status: before }: Stored<RunAction>,
  is: Condition['status'],
  reason: string,
  message: string,
  now: number,
  runs?: readonly RunOutcome[],
): RunActionStatus {
  const at = timestamp(now);
  const last = before?.conditions?.find(({ type }) => type === 'Succeeded');
  const same = last?.status === is && last.reason === reason && last.message === message;
  const lastTransitionTime = same ? (last.lastTransitionTime ?? at) : at;
  return {
    observedGeneration: metadata.generation,
    conditions: [{ type: 'Succeeded', status: is, reason, message, lastTransitionTime }],
    completionTime: at,
    ...(runs === undefined ? {} : { runs: [...runs] }),
  };
}

const phrases: readonly (readonly [RunOutcome['outcome'], string])[] = [
  ['Cancelled', 'cancelled'],
  ['Rerun', 'run again'],
  ['AlreadyDone', 'done before'],
  ['StillRunning', 'still running'],
  ['Failed', 'failed'],
];

/** `2 cancelled, 1 done before` */
function summary(outcomes: readonly RunOutcome[]): string {
  const counts = phrases.map(([outcome, phrase]) => [outcomes.filter((each) => each.outcome === outcome).length, phrase] as const);
  return counts
    .filter(([count]) => count > 0)
    .map(([count, phrase]) => `${count} ${phrase}`)
    .join(', ');
}
