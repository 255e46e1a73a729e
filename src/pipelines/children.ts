import type { Condition, KubeObject } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { cancelReasons, failedFastMessages, timedOutMessages } from './cancel-words.ts';
import type { PlannedTask } from './plan.ts';

export const pipelineTaskLabel = 'tekton.dev/pipelineTask';

/** Outcomes as numbers, for the loops that go over every task of a run at every look. Whatever is at least `succeeded` has ended. */
export const outcomeCode = { none: 0, running: 1, succeeded: 2, failed: 3 } as const;

/** A pipeline task and what is to be seen of its children. Several children are a matrix. */
export interface TaskState {
  readonly planned: PlannedTask;
  readonly runs: readonly KubeObject[];
  /** `failed` and `succeeded` only when all children are done; a failed one among running ones is `running`. */
  readonly outcome: 'none' | 'running' | 'succeeded' | 'failed';
  /** All done, at least one cancelled. */
  readonly cancelled: boolean;
  /** Cancelled because the run as a whole, its tasks or its finally tasks timed out. */
  readonly timedOut: boolean;
  /** Of a rerun: the children are those of the run it was made of. */
  readonly kept?: boolean | undefined;
}

export function ownChildren(run: PipelineRun, children: readonly KubeObject[]): readonly KubeObject[] {
  const { uid } = run.metadata;
  return children.filter((child) => child.metadata.ownerReferences?.[0]?.uid === uid);
}

export function succeededCondition(object: KubeObject): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === 'Succeeded');
}

export function isDone(object: KubeObject): boolean {
  const status = succeededCondition(object)?.status;
  return status === 'True' || status === 'False';
}

export function hasFailed(object: KubeObject): boolean {
  return succeededCondition(object)?.status === 'False';
}

/** The reason upstream gives for a task: of the first child that did not succeed, else of the first; its first condition's. */
export function reasonOf(state: TaskState): string {
  const withCondition = state.runs.filter((run) => conditionsOf(run).length > 0);
  const unlucky = withCondition.find((run) => succeededCondition(run)?.status !== 'True') ?? state.runs[0];
  return (unlucky && conditionsOf(unlucky)[0]?.reason) ?? '';
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  const { conditions } = (object['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions ?? [];
}

const none: readonly KubeObject[] = [];

export function taskState(planned: PlannedTask, runs: readonly KubeObject[] = none): TaskState {
  const state = { planned, runs, outcome: 'none', cancelled: false, timedOut: false } as const;
  if (runs.length === 0) return state;
  const conditions = runs.map(succeededCondition);
  const done = conditions.every((condition) => condition?.status === 'True' || condition?.status === 'False');
  if (!done) return { ...state, outcome: 'running' };
  if (conditions.every((condition) => condition?.status === 'True')) return { ...state, outcome: 'succeeded' };

  const cancelled = runs.filter(
    (run, index) => conditions[index]?.status === 'False' && wasCancelled(run, conditions[index]?.reason ?? ''),
  );
  const failedItself = conditions.filter((condition) => condition?.status === 'False').length > cancelled.length;
  // A matrix that was ended because one of its own has failed has failed.
  const counts = failedItself ? !cancelled.every((child) => failedFastMessages.has(messageOf(child))) : cancelled.length > 0;
  const timedOut = cancelled.some((child) => timedOutMessages.has(messageOf(child)));
  return { ...state, outcome: 'failed', cancelled: counts, timedOut };
}

/** Upstream cannot cancel a child pipeline; we can, and then it counts like any other child that was cancelled. */
function wasCancelled({ kind }: KubeObject, reason: string): boolean {
  return kind === 'PipelineRun' ? reason === 'Cancelled' : cancelReasons.has(reason);
}

/** What a child was told when it was cancelled. */
function messageOf(child: KubeObject): string {
  const { statusMessage } = (child['spec'] ?? {}) as { readonly statusMessage?: string };
  return statusMessage ?? '';
}
