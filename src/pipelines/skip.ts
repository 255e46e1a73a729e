import type { PipelineTask } from '../resources/pipeline/schema.ts';
import { hasEmptyArray } from './matrix.ts';

/** Upstream's words for why a task is not run; `status.skippedTasks[].reason`. Source: pkg/apis/pipeline/v1/pipelinerun_types.go. */
export const skipReasons = {
  stopping: 'PipelineRun was stopping',
  gracefullyCancelled: 'PipelineRun was gracefully cancelled',
  gracefullyStopped: 'PipelineRun was gracefully stopped',
  when: 'When Expressions evaluated to false',
  parents: 'Parent Tasks were skipped',
  missingResults: 'Results were missing',
  pipelineTimeout: 'PipelineRun timeout has been reached',
  tasksTimeout: 'PipelineRun Tasks timeout has been reached',
  finallyTimeout: 'PipelineRun Finally timeout has been reached',
  emptyMatrix: 'Matrix Parameters have an empty array',
} as const;

export type SkipReason = (typeof skipReasons)[keyof typeof skipReasons];

/** What of the whole run bears on whether a task is skipped. */
export interface RunSituation {
  /** A task failed for good, so nothing new starts. */
  readonly stopping: boolean;
  readonly specStatus: string | undefined;
  readonly pipelineTimedOut: boolean;
  readonly tasksTimedOut: boolean;
  readonly finallyTimedOut: boolean;
  /** The first child to fail ends the run's tasks, whatever others of a matrix still do. */
  readonly failsFast?: boolean | undefined;
}

/** What of one task that has no child yet bears on it. */
export interface TaskSituation {
  /** Results replaced where all of them are there. */
  readonly task: PipelineTask;
  readonly parentsDone: boolean;
  /** A parent was skipped for another reason than its own guards. */
  readonly parentSkipped: boolean;
  /** Params or when want a result that will not come, for a reason that excuses it. */
  readonly missingResults: boolean;
  readonly allowed: (task: PipelineTask) => boolean;
}

/** Upstream's order of rules (reference/pipelines.md 4.3): the first that holds gives the reason, and it is asked anew every time. */
export function skipReason(run: RunSituation, situation: TaskSituation): SkipReason | undefined {
  const { task, parentsDone } = situation;
  if (run.stopping) return skipReasons.stopping;
  if (run.specStatus === 'CancelledRunFinally') return skipReasons.gracefullyCancelled;
  if (run.specStatus === 'StoppedRunFinally') return skipReasons.gracefullyStopped;
  if (parentsDone && !situation.allowed(task)) return skipReasons.when;
  if (situation.parentSkipped) return skipReasons.parents;
  if (parentsDone && situation.missingResults) return skipReasons.missingResults;
  if (parentsDone && run.pipelineTimedOut) return skipReasons.pipelineTimeout;
  if (parentsDone && run.tasksTimedOut) return skipReasons.tasksTimeout;
  if (hasEmptyArray(task.matrix)) return skipReasons.emptyMatrix;
  return undefined;
}

/** The same for a finally task, once the other tasks are done. Missing results come before the guards here. */
export function finalSkipReason(
  run: RunSituation,
  situation: Pick<TaskSituation, 'task' | 'missingResults' | 'allowed'>,
): SkipReason | undefined {
  if (situation.missingResults) return skipReasons.missingResults;
  if (!situation.allowed(situation.task)) return skipReasons.when;
  if (run.pipelineTimedOut) return skipReasons.pipelineTimeout;
  if (run.finallyTimedOut) return skipReasons.finallyTimeout;
  if (hasEmptyArray(situation.task.matrix)) return skipReasons.emptyMatrix;
  return undefined;
}
