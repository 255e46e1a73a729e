import { childName } from '../resources/naming/child-name.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';

/** Attempts that have failed so far; the current one has this number, from 0. */
export function attemptOf(taskRun: Pick<TaskRun, 'status'>): number {
  return taskRun.status?.retriesStatus?.length ?? 0;
}

/** What runtimes know the current attempt's pod by: `<TaskRun uid>-<attempt>`. */
export function podUid(taskRun: Pick<TaskRun, 'metadata' | 'status'>): string {
  return `${taskRun.metadata.uid ?? ''}-${attemptOf(taskRun)}`;
}

/** `<taskrun>-pod`, on the n-th retry `<taskrun>-pod-retry<n>`, hashed where that is too long for a DNS label. */
export function podName(taskRunName: string, attempt: number): string {
  return childName(taskRunName, attempt === 0 ? '-pod' : `-pod-retry${attempt}`);
}
