import type { Stored } from '../resources/object.ts';
import { pipelineTaskDependencies } from '../resources/pipeline/dependencies.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { annotationOf, RERUN_OF, reusedNames } from '../resources/run-annotations.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { succeeded, time } from './columns.ts';

/** `kept`: by a rerun, as it was in the run it was made of. */
export type RowState = 'waiting' | 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'kept';

/** One line of a run's tree. */
export interface RunRow {
  readonly task: string;
  readonly final: boolean;
  readonly state: RowState;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  /** What it waits for, why it was skipped or failed. */
  readonly note: string;
}

/** The rows of a PipelineRun, in the order the pipeline lists its tasks; matrix runs have one row each. */
export function pipelineRunRows(run: Stored<PipelineRun>, taskRuns: readonly Stored<TaskRun>[]): readonly RunRow[] {
  const spec = run.status?.pipelineSpec ?? run.spec.pipelineSpec;
  const done = new Set(taskRuns.filter((taskRun) => succeeded(taskRun)?.status !== 'Unknown').map(taskOf));
  const reuse = reusedNames(run.metadata.annotations);
  const kept = new Set(reuse.ok ? reuse.names : []);
  const keptFrom = annotationOf(run.metadata.annotations, RERUN_OF) ?? '';
  const skipped = new Map((run.status?.skippedTasks ?? []).map((task) => [task.name, task.reason]));
  const ended = succeeded(run)?.status !== 'Unknown' && succeeded(run) !== undefined;
  const rows: RunRow[] = [];
  for (const [tasks, final] of [
    [spec?.tasks ?? [], false],
    [spec?.finally ?? [], true],
  ] as const) {
    for (const task of tasks) {
      const name = task.name ?? '';
      const own = taskRuns.filter((taskRun) => taskOf(taskRun) === name);
      if (own.length > 0) rows.push(...own.map((taskRun) => taskRunRow(taskRun, own.length === 1 ? name : taskRun.metadata.name, final)));
      else {
        const reason = skipped.get(name);
        const waits = final
          ? []
          : pipelineTaskDependencies(task).filter((parent) => !done.has(parent) && !skipped.has(parent) && !kept.has(parent));
        if (reason !== undefined) rows.push({ task: name, final, state: 'skipped', note: reason });
        else if (kept.has(name)) rows.push({ task: name, final, state: 'kept', note: `as in ${keptFrom}` });
        else
          rows.push({
            task: name,
            final,
            state: ended ? 'skipped' : 'waiting',
            note: waits.length > 0 ? `waits for ${waits.join(', ')}` : '',
          });
      }
    }
  }
  return rows;
}

export function taskRunRow(taskRun: Stored<TaskRun>, label: string, final: boolean): RunRow {
  const condition = succeeded(taskRun);
  const retried = taskRun.status?.retriesStatus?.length ?? 0;
  const base = {
    task: label,
    final,
    startedAt: time(taskRun.status?.startTime),
    endedAt: time(taskRun.status?.completionTime),
  };
  const note = [
    retried > 0 ? `attempt ${retried + 1}` : '',
    condition?.status === 'True' ? '' : noteOf(condition?.reason, condition?.message),
  ];
  return { ...base, state: stateOf(condition?.status, condition?.reason), note: note.filter((part) => part !== '').join(', ') };
}

function stateOf(status: string | undefined, reason: string | undefined): RowState {
  if (status === 'True') return 'succeeded';
  if (status === 'False') return reason === 'TaskRunCancelled' || reason === 'Cancelled' ? 'cancelled' : 'failed';
  return reason === 'Running' ? 'running' : 'pending';
}

function noteOf(reason: string | undefined, message: string | undefined): string {
  // Words that say no more than the mark beside them.
  if (
    reason === undefined ||
    reason === 'Running' ||
    reason === 'Started' ||
    (reason === 'Pending' && (message ?? 'Pending') === 'Pending')
  )
    return '';
  return message === undefined || message === '' ? reason : `${reason}: ${message}`;
}

function taskOf(taskRun: Stored<TaskRun>): string {
  return taskRun.metadata.labels?.['tekton.dev/pipelineTask'] ?? '';
}
