import type { Condition } from '../resources/object.ts';
import type { TaskRun, TaskRunStatus } from '../resources/task-run/schema.ts';
import { timestamp } from '../resources/timestamp.ts';

export type Outcome = Pick<Condition, 'status' | 'reason' | 'message'>;

export function succeededCondition(status: TaskRunStatus | undefined): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Succeeded');
}

export function isDone(taskRun: Pick<TaskRun, 'status'>): boolean {
  const status = succeededCondition(taskRun.status)?.status;
  return status === 'True' || status === 'False';
}

/** Sets `Succeeded`, beside other conditions. The transition time stays unless the condition says something new. */
export function withCondition(status: TaskRunStatus, outcome: Outcome, now: number): TaskRunStatus {
  const before = succeededCondition(status);
  const same = before?.status === outcome.status && before.reason === outcome.reason && (before.message ?? '') === (outcome.message ?? '');
  const condition: Condition = {
    type: 'Succeeded',
    status: outcome.status,
    ...(outcome.reason !== undefined && { reason: outcome.reason }),
    ...(outcome.message && { message: outcome.message }),
    lastTransitionTime: (same ? before.lastTransitionTime : undefined) ?? timestamp(now),
  };
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'Succeeded');
  return { ...status, conditions: [condition, ...others] };
}

/**
 * A failed attempt put aside and the run made ready for the next one: upstream clears times, pod name and results, and leaves steps, sidecars and
 * task spec as they were. Follows tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go, `retryTaskRun`.
 */
export function retried(status: TaskRunStatus, now: number): TaskRunStatus {
  const { retriesStatus = [], ...attempt } = status;
  const { startTime: _start, completionTime: _completion, podName: _pod, results: _results, ...kept } = attempt;
  const message = succeededCondition(status)?.message;
  return withCondition({ ...kept, retriesStatus: [...retriesStatus, attempt] }, { status: 'Unknown', reason: 'ToBeRetried', message }, now);
}
