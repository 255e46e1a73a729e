import type { Stored } from '../resources/object.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { taskLabel, time } from './columns.ts';
import type { CliContext } from './context.ts';
import { findRun } from './find-run.ts';
import { followRun, type RunKind } from './follow-run.ts';
import { StepOutput } from './step-output.ts';

export interface LogsOptions {
  /** `NAME`, `pr/NAME` or `tr/NAME`. */
  readonly run: string;
  readonly follow?: boolean | undefined;
}

/** Prints what the steps of a run wrote, task by task in the order they started; with `follow` live, until the run has ended. */
export async function logs(context: CliContext, options: LogsOptions): Promise<void> {
  const { kind, object } = await findRun(context, options.run);
  const { name } = object.metadata;
  if (options.follow === true) {
    await followRun(context, kind, name, {
      onChange: () => {},
      onLine: (task, step, line) => context.print(`[${task} : ${step}] ${context.terminal.output(line)}\n`),
    });
    return;
  }
  const output = new StepOutput(context);
  for (const taskRun of await taskRunsOf(context, kind, name)) await printTaskRun(context, taskRun, output);
}

async function taskRunsOf({ client, namespace }: CliContext, kind: RunKind, name: string): Promise<readonly Stored<TaskRun>[]> {
  if (kind === 'TaskRun') {
    const taskRun = await client.get('tekton.dev/TaskRun', namespace, name);
    return taskRun === undefined ? [] : [taskRun as Stored<TaskRun>];
  }
  const { items } = await client.list('tekton.dev/TaskRun', namespace, { labelSelector: `tekton.dev/pipelineRun=${name}` });
  return (items as Stored<TaskRun>[]).toSorted((a, b) => (time(a.status?.startTime) ?? 0) - (time(b.status?.startTime) ?? 0));
}

async function printTaskRun(context: CliContext, taskRun: Stored<TaskRun>, output: StepOutput): Promise<void> {
  const pod = taskRun.status?.podName;
  if (pod === undefined || pod === '') return;
  const task = taskLabel(taskRun);
  for (const step of taskRun.status?.steps ?? []) {
    const decoder = new TextDecoder();
    let text = '';
    const stream = context.client.logs(taskRun.metadata.namespace ?? context.namespace, pod, { container: step.container }, context.signal);
    for await (const chunk of output.masked(taskRun, stream)) text += decoder.decode(chunk, { stream: true });
    const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text === '' ? [] : text.split('\n');
    for (const line of lines) context.print(`[${task} : ${step.name}] ${context.terminal.output(line)}\n`);
  }
}
