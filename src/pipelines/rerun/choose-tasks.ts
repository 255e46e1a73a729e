import type { KubeObject } from '../../resources/object.ts';
import type { PipelineTask } from '../../resources/pipeline/schema.ts';
import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import { runOutcome } from '../../resources/run-outcome.ts';
import { buildGraph, type Graph } from '../graph.ts';
import { skipReasons } from '../skip.ts';
import { type TaskRecord, taskRecords } from './reused-references.ts';

/** What of a run is to run again. */
export type RerunFrom =
  | { readonly type: 'all' }
  | { readonly type: 'failed' }
  /** The task and what is behind it; or it alone. */
  | { readonly type: 'from'; readonly task: string }
  | { readonly type: 'only'; readonly task: string };

export type ChosenTasks =
  | { readonly ok: true; readonly again: readonly string[]; readonly keep: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** `unreached`: it did not run because of what became of others, or of the run as a whole. */
type Standing = 'succeeded' | 'failed' | 'ignored' | 'skipped' | 'unreached';

/** Skips that come again when nothing before them changes. */
const settledSkips: ReadonlySet<string> = new Set([
  skipReasons.when,
  skipReasons.parents,
  skipReasons.missingResults,
  skipReasons.emptyMatrix,
]);

/**
 * Which tasks of a run that has ended run again, and which are kept. Whatever did not succeed runs again, and what is behind it, except when one
 * task alone is asked for. Finally tasks belong to the end of every run, and run again too, unless one of them is what is asked for.
 * `children`: those of the run's `childReferences` that still exist.
 */
export function chooseTasks(run: PipelineRun, children: readonly KubeObject[], from: RerunFrom): ChosenTasks {
  const { tasks = [], finally: finals = [] } = run.status?.pipelineSpec ?? {};
  const names = [...tasks, ...finals].map(({ name }) => name);
  if (from.type === 'all') return { ok: true, again: names, keep: [] };
  const runName = run.metadata.name ?? '';
  if (runOutcome(run) === 'running') return refuse(`${runName} still runs; cancel it, or wait for its end`);
  if (names.length === 0) return refuse(`${runName} ended before it knew its tasks: run all of it again`);

  const records = taskRecords(run, undefined);
  const standings = standingsOf([...tasks, ...finals], records, children);
  if (from.type !== 'failed') {
    if (!names.includes(from.task)) return refuse(`${runName} has no task ${from.task}; it has ${names.join(', ')}`);
    if (finals.some(({ name }) => name === from.task)) return chosen(names, new Set([from.task]), children, records);
  }
  const built = buildGraph(tasks);
  if (!built.ok) return refuse(built.message);
  const { graph } = built;
  const unlucky = tasks.flatMap(({ name }, place) => (isUnlucky(standings.get(name)) ? [place] : []));
  if (from.type === 'failed') {
    const failedFinally = finals.some(({ name }) => isUnlucky(standings.get(name)));
    if (unlucky.length === 0 && !failedFinally) return refuse(`no task of ${runName} failed: name one, or run all of it again`);
    return chosen(names, new Set([...namesAt(tasks, behind(graph, unlucky)), ...finals.map(({ name }) => name)]), children, records);
  }

  const place = tasks.findIndex(({ name }) => name === from.task);
  const before = above(graph, place);
  const obstacle = unlucky.find((each) => before.has(each));
  if (obstacle !== undefined) {
    const name = tasks[obstacle]?.name ?? '';
    const what = standings.get(name) === 'failed' ? 'failed' : 'did not run';
    return refuse(`${from.task} waits for ${name}, which ${what}: run ${runName} again from ${name}, or from what failed`);
  }
  const again = from.type === 'only' ? new Set([place]) : behind(graph, [place, ...unlucky]);
  return chosen(names, new Set([...namesAt(tasks, again), ...finals.map(({ name }) => name)]), children, records);
}

function chosen(
  names: readonly string[],
  again: ReadonlySet<string>,
  children: readonly KubeObject[],
  records: ReadonlyMap<string, TaskRecord>,
): ChosenTasks {
  const keep = names.filter((name) => !again.has(name));
  const there = new Set(children.map((child) => `${child.kind}/${child.metadata.name}`));
  for (const task of keep) {
    const gone = records.get(task)?.children.find(({ kind, name }) => !there.has(`${kind}/${name}`));
    if (gone !== undefined) return refuse(`${task} cannot be kept: ${gone.kind} ${gone.name} is gone`);
  }
  return { ok: true, again: names.filter((name) => again.has(name)), keep };
}

function standingsOf(
  tasks: readonly PipelineTask[],
  records: ReadonlyMap<string, TaskRecord>,
  children: readonly KubeObject[],
): ReadonlyMap<string, Standing> {
  const outcomes = new Map(children.map((child) => [`${child.kind}/${child.metadata.name}`, runOutcome(child)]));
  return new Map(
    tasks.map(({ name, onError }): [string, Standing] => {
      const record = records.get(name);
      if (record === undefined || record.children.length === 0) {
        return [name, settledSkips.has(record?.reason ?? '') ? 'skipped' : 'unreached'];
      }
      const own = record.children.map((child) => outcomes.get(`${child.kind}/${child.name}`));
      if (own.every((outcome) => outcome === 'succeeded')) return [name, 'succeeded'];
      return [name, onError === 'continue' ? 'ignored' : 'failed'];
    }),
  );
}

function isUnlucky(standing: Standing | undefined): boolean {
  return standing === 'failed' || standing === 'unreached';
}

/** The places and all that wait for them, however indirectly. */
function behind({ order, parents }: Graph, places: readonly number[]): ReadonlySet<number> {
  const found = new Set(places);
  for (const place of order) if (parents[place]?.some((parent) => found.has(parent))) found.add(place);
  return found;
}

/** All that the place waits for. */
function above({ order, children }: Graph, place: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const each of order.toReversed()) if (children[each]?.some((child) => child === place || found.has(child))) found.add(each);
  return found;
}

function namesAt(tasks: readonly PipelineTask[], places: ReadonlySet<number>): readonly string[] {
  return tasks.flatMap(({ name }, place) => (places.has(place) ? [name] : []));
}

function refuse(message: string): ChosenTasks {
  return { ok: false, message };
}
