import type { Condition, Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { CliError, type ExitCode, exitCodes } from './cli-error.ts';
import { succeeded } from './columns.ts';
import type { CliContext } from './context.ts';
import { Patience } from './patience.ts';
import { StepLogs } from './step-logs.ts';

export interface FollowListener {
  /** Something about the run or its tasks changed. */
  onChange(run: Run, taskRuns: readonly Stored<TaskRun>[]): void;
  onLine(task: string, step: string, line: string): void;
}

export type RunKind = 'PipelineRun' | 'TaskRun';
export type Run = Stored<PipelineRun> | Stored<TaskRun>;

/**
 * Watches a run to its end and hands on what its steps write, line by line. Gives the run as it ended; undefined when the context's signal
 * said to stop watching. A server that is restarted is waited for a few seconds.
 */
export async function followRun(context: CliContext, kind: RunKind, name: string, listener: FollowListener): Promise<Run | undefined> {
  const { client, namespace } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  const patience = new Patience(context);
  const taskRuns = new Map<string, Stored<TaskRun>>();
  const logs = new StepLogs(context, signal, listener.onLine);
  let run: Run | undefined;
  let childrenFailed: unknown;
  const changed = (): void => {
    if (run !== undefined) listener.onChange(run, [...taskRuns.values()]);
  };
  const seeTaskRun = (taskRun: Stored<TaskRun>): void => {
    taskRuns.set(taskRun.metadata.name, taskRun);
    logs.see(taskRun);
    changed();
  };
  const childrenOf = { labelSelector: `tekton.dev/pipelineRun=${name}` };
  const children =
    kind === 'PipelineRun'
      ? watchAll<Stored<TaskRun>>(context, patience, 'tekton.dev/TaskRun', childrenOf, signal, seeTaskRun).catch((error: unknown) => {
          childrenFailed = error;
          stop.abort();
        })
      : undefined;
  let ended: boolean;
  try {
    ended = await watchAll(
      context,
      patience,
      `tekton.dev/${kind}`,
      { fieldSelector: `metadata.name=${name}` },
      signal,
      (object: Stored, type) => {
        if (type === 'DELETED') throw new CliError(exitCodes.failed, `${kind} ${namespace}/${name} was deleted while it was followed`);
        run = object as Run;
        if (kind === 'TaskRun') seeTaskRun(object as Stored<TaskRun>);
        changed();
        return succeeded(object)?.status === 'True' || succeeded(object)?.status === 'False';
      },
    );
    // The two watches are two connections: the run may be told done before its last task is.
    if (ended && kind === 'PipelineRun') {
      const { items } = await client.list('tekton.dev/TaskRun', namespace, childrenOf);
      for (const taskRun of items) seeTaskRun(taskRun as Stored<TaskRun>);
    }
    if (ended) await logs.settle();
  } finally {
    stop.abort();
    await children;
  }
  if (!ended && childrenFailed !== undefined) throw childrenFailed;
  return ended ? run : undefined;
}

/** Lists, then watches, and takes a broken connection up again; gives true when `see` says so, false when the signal aborts. */
async function watchAll<T extends Stored>(
  { client, namespace, clock }: CliContext,
  patience: Patience,
  kind: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  see: (object: T, type: string) => unknown,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      const list = await client.list(kind, namespace, query);
      patience.restored();
      for (const object of list.items) if (see(object as T, 'ADDED') === true) return true;
      for await (const event of client.watch(kind, namespace, { ...query, resourceVersion: list.resourceVersion }, signal)) {
        if (event.type === 'ERROR') break;
        if (event.type !== 'BOOKMARK' && see(event.object as T, event.type) === true) return true;
      }
    } catch (error) {
      if (signal.aborted) return false;
      patience.lost(error);
    }
    if (!signal.aborted) await clock.pause(200);
  }
  return false;
}

/** The exit code that tells scripts how a run ended. */
export function exitCodeOf(condition: Condition | undefined): ExitCode {
  if (condition?.status === 'True') return exitCodes.ok;
  if (condition?.reason === 'Cancelled' || condition?.reason === 'TaskRunCancelled') return exitCodes.cancelled;
  if (condition?.reason === 'PipelineRunTimeout' || condition?.reason === 'TaskRunTimeout') return exitCodes.timeout;
  return exitCodes.failed;
}
