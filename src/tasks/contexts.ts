import type { Replacements } from '../expressions/variables/replacements.ts';
import { registerString, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { attemptOf } from './pod-uid.ts';

/** `context.taskRun.*` and `context.task.*`. */
export function contextReplacements(taskRun: TaskRun, taskName: string): Replacements {
  const builder = replacementsBuilder();
  registerString(builder, 'context.taskRun.name', taskRun.metadata.name ?? '');
  registerString(builder, 'context.taskRun.namespace', taskRun.metadata.namespace ?? '');
  registerString(builder, 'context.taskRun.uid', taskRun.metadata.uid ?? '');
  registerString(builder, 'context.task.name', taskName);
  registerString(builder, 'context.task.retry-count', String(attemptOf(taskRun)));
  return builder;
}
