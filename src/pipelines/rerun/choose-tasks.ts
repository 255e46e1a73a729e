import type { KubeObject } from '../../resources/object.ts';
import type { PipelineRun } from '../../resources/pipeline-run/schema.ts';
import { runOutcome } from '../../resources/run-outcome.ts';
import { buildGraph, type Graph } from '../graph.ts';
import { type Standing, standings } from './standings.ts';

/** What of a run is to run again. */
export type RerunFrom =
  | { readonly type: 'all' }
  | { readonly type: 'failed' }
  /** The task and what is behind it. */
  | { readonly type: 'from'; readonly task: string }
  | { readonly type: 'only'; readonly task: string };

export type ChosenTasks =
  /** Tasks that their guards kept from running are in neither list where they look at the same things again. */
  | { readonly ok: true; readonly again: readonly string[]; readonly keep: readonly string[] }
  | { readonly ok: false; readonly message: string };

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
  const built = buildGraph(tasks);
  if (names.length === 0 || !built.ok) return refuse(`${runName} ended before it knew its tasks: run all of it again`);

  const { graph } = built;
  const standing = standings(run, graph, children);
  const unlucky = tasks.flatMap((_, place) => (isUnlucky(standing[place]) ? [place] : []));
  const ends = finals.map((_, index) => tasks.length + index);
  const chosen = (again: ReadonlySet<number>): ChosenTasks => split(names, standing, again, behind(graph, [...again]));

  if (from.type === 'failed') {
    if (unlucky.length === 0 && !ends.some((place) => isUnlucky(standing[place]))) {
      return refuse(`no task of ${runName} failed: name one, or run all of it again`);
    }
    return chosen(new Set([...behind(graph, unlucky), ...ends]));
  }
  const place = names.indexOf(from.task);
  if (place < 0) return refuse(`${runName} has no task ${from.task}; it has ${names.join(', ')}`);
  if (place >= tasks.length) return chosen(new Set([place]));

  const before = above(graph, place);
  const obstacle = unlucky.find((each) => before.has(each));
  if (obstacle !== undefined) {
    const name = names[obstacle] ?? '';
    return refuse(
      `${from.task} waits for ${name}, which ${wordsFor(standing[obstacle])}: run ${runName} again from ${name}, or from what failed`,
    );
  }
  return chosen(new Set([...(from.type === 'only' ? [place] : behind(graph, [place, ...unlucky])), ...ends]));
}

/** `touched`: what runs again and what is behind it. */
function split(
  names: readonly string[],
  standing: readonly Standing[],
  again: ReadonlySet<number>,
  touched: ReadonlySet<number>,
): ChosenTasks {
  const lost = names.find((_, place) => !again.has(place) && standing[place] === 'gone');
  if (lost !== undefined) return refuse(`${lost} cannot be kept: nothing is left of it`);
  const busy = names.find((_, place) => !again.has(place) && standing[place] === 'running');
  if (busy !== undefined) return refuse(`${busy} cannot be kept: it still runs, though its run has ended; wait for its end`);
  return {
    ok: true,
    again: names.filter((_, place) => again.has(place)),
    keep: names.filter((_, place) => !again.has(place) && (standing[place] !== 'skipped' || touched.has(place))),
  };
}

function isUnlucky(standing: Standing | undefined): boolean {
  return standing === 'failed' || standing === 'running' || standing === 'unreached' || standing === 'owing';
}

function wordsFor(standing: Standing | undefined): string {
  if (standing === 'owing') return 'did not give a result that is wanted';
  if (standing === 'running') return 'still runs';
  return standing === 'unreached' ? 'did not run' : 'failed';
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

function refuse(message: string): ChosenTasks {
  return { ok: false, message };
}
