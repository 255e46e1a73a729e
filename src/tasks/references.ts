import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';

/**
 * The name of the Task in the TaskRun's namespace that a decision needs; `undefined` when the spec is embedded, comes from a resolver, or is
 * already in the status.
 */
export function taskRefName(taskRun: TaskRun): string | undefined {
  const { taskRef, taskSpec } = taskRun.spec;
  if (taskRun.status?.taskSpec !== undefined || taskSpec !== undefined || taskRef?.resolver) return undefined;
  return taskRef?.name || undefined;
}

/**
 * The task whose StepActions a decision needs: none once the attempt has its pod's name, an embedded one again for every retry. `task` is what
 * `taskRefName` led to.
 */
export function specToResolve(taskRun: TaskRun, task: TaskSpec | undefined): TaskSpec | undefined {
  return taskRun.status?.podName === undefined ? (taskRun.spec.taskSpec ?? task) : undefined;
}

/** Names of the StepActions a task's steps refer to, each once, in order. Those that a resolver fetches have no name. */
export function stepActionNames(spec: TaskSpec): readonly string[] {
  return [...new Set((spec.steps ?? []).flatMap((step) => (step.ref?.name ? [step.ref.name] : [])))];
}
