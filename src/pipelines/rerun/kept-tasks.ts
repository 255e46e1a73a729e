import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { KubeObject } from '../../resources/object.ts';
import type { ChildReference, PipelineRun, SkippedTask } from '../../resources/pipeline-run/schema.ts';
import { reusedNames } from '../../resources/run-annotations.ts';
import { runOutcome } from '../../resources/run-outcome.ts';
import { type TaskState, taskState } from '../children.ts';
import { failure, type RunFailure } from '../outcome.ts';
import type { PlannedTask } from '../plan.ts';
import { type SkipReason, skipReasons } from '../skip.ts';
import { reusedRunName, sourceName, type TaskRecord, taskRecords } from './reused-references.ts';

/** What a rerun goes by besides its own children. */
export interface ReusedFacts {
  /** The run it was made of; absent when it is gone, or no longer needed. */
  readonly from?: PipelineRun | undefined;
  /** Those of `reusedReferences` that exist. */
  readonly children: readonly KubeObject[];
}

/** How a task stands that a rerun does not run again, and what is told of it. */
export type KeptTask =
  | { readonly type: 'ran'; readonly state: TaskState; readonly references: readonly ChildReference[] }
  | { readonly type: 'skipped'; readonly reason: SkipReason; readonly told: SkippedTask };

export type KeptTasks = { readonly ok: true; readonly byPlace: ReadonlyMap<number, KeptTask> } | RunFailure;

const knownReasons: ReadonlyMap<string, SkipReason> = new Map(Object.values(skipReasons).map((reason) => [reason, reason]));

/**
 * The tasks a rerun keeps, by their place in its plan. Their outcome is that of the children they had in the run it was made of, or that they
 * had none: what that run never came to is kept like what it stopped before. Ours; upstream has no reruns, and no reason for one that cannot be.
 */
export function keptTasks(run: PipelineRun, reused: ReusedFacts | undefined, tasks: readonly PlannedTask[]): KeptTasks {
  const reuse = reusedNames(run.metadata.annotations);
  if (!reuse.ok) return invalidRerun(run, reuse.message);
  const byPlace = new Map<number, KeptTask>();
  if (reuse.names.length === 0) return { ok: true, byPlace };

  const source = sourceName(run);
  if (source === '') return invalidRerun(run, 'nothing says which run it was made of');
  const { from, children = [] } = reused ?? {};
  if (reusedRunName(run) !== undefined) {
    if (from === undefined) return invalidRerun(run, `PipelineRun ${goQuote(source)}, whose tasks it keeps, does not exist`);
    if (runOutcome(from) === 'running') return invalidRerun(run, `PipelineRun ${goQuote(source)}, whose tasks it keeps, still runs`);
  }
  const records = taskRecords(run, from);
  const places = new Map(tasks.map(({ name }, place) => [name, place]));
  const objects = new Map(children.map((child) => [`${child.kind}/${child.metadata.name}`, child]));
  for (const name of reuse.names) {
    const place = places.get(name);
    const planned = place === undefined ? undefined : tasks[place];
    if (place === undefined || planned === undefined) return invalidRerun(run, `its pipeline has no task ${goQuote(name)} to keep`);
    const record = records.get(name);
    if (record === undefined) return invalidRerun(run, `PipelineRun ${goQuote(source)} had no task ${goQuote(name)} to keep`);
    const runs: KubeObject[] = [];
    for (const { kind, name: childName } of record.children) {
      const child = objects.get(`${kind}/${childName}`);
      if (child === undefined) return invalidRerun(run, `it keeps task ${goQuote(name)}, but ${kind} ${goQuote(childName)} is gone`);
      if (runOutcome(child) === 'running')
        return invalidRerun(run, `it keeps task ${goQuote(name)}, but ${kind} ${goQuote(childName)} still runs`);
      runs.push(child);
    }
    byPlace.set(place, runs.length > 0 ? ranAs(planned, runs, record) : skippedAs(name, record));
  }
  return { ok: true, byPlace };
}

function ranAs(planned: PlannedTask, runs: readonly KubeObject[], { children }: TaskRecord): KeptTask {
  return { type: 'ran', state: { ...taskState(planned, runs), kept: true }, references: children };
}

function skippedAs(name: string, { skip }: TaskRecord): KeptTask {
  const reason = knownReasons.get(skip?.reason ?? '') ?? skipReasons.stopping;
  return { type: 'skipped', reason, told: { ...skip, name, reason } };
}

/** Its reason's name; `decide` cancels what such a run has begun. */
export const INVALID_RERUN = 'InvalidRerun';

function invalidRerun({ metadata }: PipelineRun, message: string): RunFailure {
  return failure(INVALID_RERUN, `PipelineRun ${metadata.namespace ?? ''}/${metadata.name ?? ''} cannot go on as a rerun: ${message}`);
}
