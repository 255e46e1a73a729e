import type { Condition, Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { succeeded } from './columns.ts';
import type { CliContext } from './context.ts';
import { StepLogs } from './step-logs.ts';

export interface FollowListener {
  /** Something about the run or its tasks changed. */
  onChange(run: Stored<PipelineRun> | Stored<TaskRun>, taskRuns: readonly Stored<TaskRun>[]): void;
  onLine(task: string, step: string, line: string): void;
}

export type RunKind = 'PipelineRun' | 'TaskRun';

/** Watches a run to its end and hands on what its steps write, line by line. Gives the run as it ended. */
export async function followRun(
  context: CliContext,
  kind: RunKind,
  name: string,
  listener: FollowListener,
): Promise<Stored<PipelineRun> | Stored<TaskRun>> {
  const { client, namespace } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  const taskRuns = new Map<string, Stored<TaskRun>>();
  const logs = new StepLogs(context, signal, listener.onLine);
  let run: Stored<PipelineRun> | Stored<TaskRun> | undefined;
  const changed = (): void => {
    if (run !== undefined) listener.onChange(run, [...taskRuns.values()]);
  };
  const seeTaskRun = (taskRun: Stored<TaskRun>): void => {
    taskRuns.set(taskRun.metadata.name, taskRun);
    logs.see(taskRun);
    changed();
  };
  const children =
    kind === 'PipelineRun'
      ? watchAll<Stored<TaskRun>>(context, 'tekton.dev/TaskRun', { labelSelector: `tekton.dev/pipelineRun=${name}` }, signal, seeTaskRun)
      : Promise.resolve();
  try {
    const first = await client.get(`tekton.dev/${kind}`, namespace, name);
    if (first === undefined) throw new CliError(exitCodes.usage, `${kind} ${namespace}/${name} not found`);
    await watchAll(context, `tekton.dev/${kind}`, { fieldSelector: `metadata.name=${name}` }, signal, (object: Stored, type) => {
      if (type === 'DELETED') throw new CliError(exitCodes.failed, `${kind} ${namespace}/${name} was deleted while it was followed`);
      run = object as Stored<PipelineRun> | Stored<TaskRun>;
      if (kind === 'TaskRun') seeTaskRun(object as Stored<TaskRun>);
      changed();
      return succeeded(object)?.status === 'True' || succeeded(object)?.status === 'False';
    });
    // The two watches are two connections: the run may be told done before its last task is.
    if (kind === 'PipelineRun') {
      const { items } = await client.list('tekton.dev/TaskRun', namespace, { labelSelector: `tekton.dev/pipelineRun=${name}` });
      for (const taskRun of items) seeTaskRun(taskRun as Stored<TaskRun>);
    }
    await logs.settle();
  } finally {
    stop.abort();
    await children;
  }
  if (run === undefined) throw new CliError(exitCodes.unavailable, 'stopped before the run ended');
  return run;
}

/** Lists, then watches; ends when `see` says so (returns true) or the signal aborts. A broken connection is taken up again. */
async function watchAll<T extends Stored>(
  { client, namespace, clock }: CliContext,
  kind: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  see: (object: T, type: string) => boolean | undefined | void,
): Promise<void> {
  while (!signal.aborted) {
    const list = await client.list(kind, namespace, query);
    for (const object of list.items) if (see(object as T, 'ADDED') === true) return;
    try {
      for await (const event of client.watch(kind, namespace, { ...query, resourceVersion: list.resourceVersion }, signal)) {
        if (event.type === 'ERROR') break;
        if (event.type !== 'BOOKMARK' && see(event.object as T, event.type) === true) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CliError) throw error;
    }
    if (!signal.aborted) await clock.pause(200);
  }
}

/** The exit code that tells scripts how a run ended. */
export function exitCodeOf(condition: Condition | undefined): ExitCode {
  if (condition?.status === 'True') return exitCodes.ok;
  if (condition?.reason === 'Cancelled' || condition?.reason === 'TaskRunCancelled') return exitCodes.cancelled;
  if (condition?.reason === 'PipelineRunTimeout' || condition?.reason === 'TaskRunTimeout') return exitCodes.timeout;
  return exitCodes.failed;
}
