import type { ChildReference, PipelineRun, PipelineRunStatus, SkippedTask } from '../../resources/pipeline-run/schema.ts';
import { annotationOf, RERUN_OF, reusedNames } from '../../resources/run-annotations.ts';

/** What became of a task: the children it had, or why it had none. */
export interface TaskRecord {
  readonly children: readonly ChildReference[];
  readonly skip?: SkippedTask | undefined;
}

/** The name of the run a rerun was made of. Empty: it is none. */
export function sourceName({ metadata }: PipelineRun): string {
  return annotationOf(metadata.annotations, RERUN_OF) ?? '';
}

/** The run that `facts.reused` has to have: none once the rerun's own status tells of all that it keeps. */
export function reusedRunName(run: PipelineRun): string | undefined {
  const names = namesOf(run);
  if (names.length === 0) return undefined;
  const own = recordsIn(run.status);
  return names.every((name) => own.has(name)) ? undefined : sourceName(run) || undefined;
}

/** The children that `facts.reused` has to have. Those of a run that kept some itself are found the same way. */
export function reusedReferences(run: PipelineRun, from: PipelineRun | undefined): readonly ChildReference[] {
  const names = namesOf(run);
  if (names.length === 0) return [];
  const records = taskRecords(run, from);
  return names.flatMap((name) => records.get(name)?.children ?? []);
}

/** What became of tasks: as the rerun's own status has it once it does, so that the old run may go, else as the old run's. */
export function taskRecords(run: PipelineRun, from: PipelineRun | undefined): ReadonlyMap<string, TaskRecord> {
  const { tasks = [], finally: finals = [] } = from?.status?.pipelineSpec ?? {};
  const untouched = [...tasks, ...finals].map(({ name }): [string, TaskRecord] => [name, { children: [] }]);
  return new Map([...untouched, ...recordsIn(from?.status), ...recordsIn(run.status)]);
}

function recordsIn(status: PipelineRunStatus | undefined): ReadonlyMap<string, TaskRecord> {
  const records = new Map<string, TaskRecord>();
  for (const skip of status?.skippedTasks ?? []) records.set(skip.name, { children: [], skip });
  for (const reference of status?.childReferences ?? []) {
    const { pipelineTaskName } = reference;
    records.set(pipelineTaskName, { children: [...(records.get(pipelineTaskName)?.children ?? []), reference] });
  }
  return records;
}

function namesOf({ metadata }: PipelineRun): readonly string[] {
  const reuse = reusedNames(metadata.annotations);
  return reuse.ok ? reuse.names : [];
}
