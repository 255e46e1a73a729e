import { goQuote } from '../expressions/variables/go-quote.ts';
import { formatDuration } from '../resources/duration.ts';
import { outcomeCode } from './children.ts';
import type { Plan } from './plan.ts';
import type { Schedule } from './schedule.ts';
import { skipReasons } from './skip.ts';

/** A condition without its time. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export interface ConditionInput {
  readonly runName: string;
  readonly plan: Plan;
  readonly schedule: Schedule;
  readonly specStatus: string | undefined;
  readonly pipelineTimedOut: boolean;
  readonly tasksTimedOut: boolean;
}

interface Counts {
  succeeded: number;
  failed: number;
  ignoredFailed: number;
  cancelled: number;
  invalid: number;
  skipped: number;
  skippedByTimeout: number;
  incomplete: number;
}

const longestErrors = 1024;
const timeoutSkips: ReadonlySet<string | undefined> = new Set([
  skipReasons.pipelineTimeout,
  skipReasons.tasksTimeout,
  skipReasons.finallyTimeout,
]);

/**
 * The run's `Succeeded` condition from how its tasks stand. Finally tasks count like the others.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/pipelinerunstate.go, `GetPipelineConditionStatus`, to the comma.
 */
export function condition(input: ConditionInput): Verdict {
  const { runName, plan, schedule, pipelineTimedOut, tasksTimedOut } = input;
  if (pipelineTimedOut) return timedOutVerdict(runName, plan.timeouts.pipeline);
  const finalsDone = allFinalsDone(schedule, plan);
  const hasFinals = plan.tasks.length > plan.graph.parents.length;
  if (tasksTimedOut && (!hasFinals || finalsDone)) {
    const limit = goQuote(formatDuration(plan.timeouts.tasks ?? 0));
    return {
      status: 'False',
      reason: 'PipelineRunTimeout',
      message: `PipelineRun ${goQuote(runName)} failed due to tasks failed to finish within ${limit}`,
    };
  }
  const counts = count(schedule);
  return counts.incomplete === 0 ? ended(input, counts) : running(input, counts, tasksTimedOut && hasFinals && !finalsDone, finalsDone);
}

export function timedOutVerdict(runName: string, limit: number): Verdict {
  const message = `PipelineRun ${goQuote(runName)} failed to finish within ${goQuote(formatDuration(limit))}`;
  return { status: 'False', reason: 'PipelineRunTimeout', message };
}

export function cancelledVerdict(runName: string): Verdict {
  return { status: 'False', reason: 'Cancelled', message: `PipelineRun ${goQuote(runName)} was cancelled` };
}

function ended({ runName, schedule, specStatus, plan }: ConditionInput, counts: Counts): Verdict {
  const message = endedMessage(counts) + invalidMessage(schedule, plan);
  if (counts.invalid > 0) return { status: 'False', reason: 'PipelineValidationFailed', message };
  if (counts.failed > 0 || counts.skippedByTimeout > 0) return { status: 'False', reason: 'Failed', message };
  if (specStatus === 'CancelledRunFinally' || specStatus === 'StoppedRunFinally') return cancelledVerdict(runName);
  if (counts.cancelled > 0) return { status: 'False', reason: 'Cancelled', message };
  return { status: 'True', reason: counts.skipped > 0 ? 'Completed' : 'Succeeded', message };
}

function endedMessage(counts: Counts): string {
  const failed = counts.failed + counts.ignoredFailed;
  const ignored = counts.ignoredFailed > 0 ? ` (Ignored: ${counts.ignoredFailed})` : '';
  return `Tasks Completed: ${completed(counts)} (Failed: ${failed}${ignored}, Cancelled ${counts.cancelled}), Skipped: ${counts.skipped}`;
}

function invalidMessage({ invalid }: Schedule, plan: Plan): string {
  if (invalid.size === 0) return '';
  const named = [...invalid].map(([place, message]) => ({ name: plan.tasks[place]?.name ?? '', message }));
  const errors = named
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ message }) => message)
    .join('; ');
  return `, Failed Validation: ${invalid.size} (${errors.length > longestErrors ? `${errors.slice(0, longestErrors)}...` : errors})`;
}

function running({ specStatus }: ConditionInput, counts: Counts, finallyAfterTimeout: boolean, finalsDone: boolean): Verdict {
  const message = `Tasks Completed: ${completed(counts)} (Failed: ${counts.failed}, Cancelled ${counts.cancelled}), Incomplete: ${counts.incomplete}, Skipped: ${counts.skipped}`;
  const stopping = counts.cancelled > 0 || (counts.failed > 0 && finalsDone);
  if (finallyAfterTimeout) return { status: 'Unknown', reason: 'PipelineRunTimeoutRunningFinally', message };
  if (specStatus === 'CancelledRunFinally') return { status: 'Unknown', reason: 'CancelledRunningFinally', message };
  if (specStatus === 'StoppedRunFinally') return { status: 'Unknown', reason: 'StoppedRunningFinally', message };
  return { status: 'Unknown', reason: stopping ? 'PipelineRunStopping' : 'Running', message };
}

function completed(counts: Counts): number {
  return counts.succeeded + counts.failed + counts.cancelled + counts.ignoredFailed;
}

/** Skipped finally tasks are not done in this sense: upstream asks whether they ended. Without finally tasks it holds. */
function allFinalsDone({ states }: Schedule, plan: Plan): boolean {
  for (let place = plan.graph.parents.length; place < states.length; place++) {
    const outcome = states[place]?.outcome;
    if (outcome !== 'succeeded' && outcome !== 'failed') return false;
  }
  return true;
}

function count({ states, codes, skipped, invalid }: Schedule): Counts {
  const counts: Counts = {
    succeeded: 0,
    failed: 0,
    ignoredFailed: 0,
    cancelled: 0,
    invalid: 0,
    skipped: 0,
    skippedByTimeout: 0,
    incomplete: 0,
  };
  for (let place = 0; place < states.length; place++) {
    const code = codes[place];
    if (code === outcomeCode.succeeded) {
      counts.succeeded++;
      continue;
    }
    const state = code === outcomeCode.failed ? states[place] : undefined;
    if (state === undefined) {
      if (invalid.has(place)) counts.invalid++;
      else if (skipped[place] === undefined) counts.incomplete++;
      else {
        counts.skipped++;
        if (timeoutSkips.has(skipped[place])) counts.skippedByTimeout++;
      }
    } else if (state.timedOut) counts.failed++;
    else if (state.cancelled) counts.cancelled++;
    else if (state.planned.ignoresFailure) counts.ignoredFailed++;
    else counts.failed++;
  }
  return counts;
}
