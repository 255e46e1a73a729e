import { goQuote } from '../expressions/variables/go-quote.ts';
import type { PipelineTask } from '../resources/pipeline/schema.ts';
import { resultReferences } from './result-references.ts';

/** Which task waits for which. Tasks are known by their place in the list the graph was built from. */
export interface Graph {
  readonly parents: readonly (readonly number[])[];
  readonly children: readonly (readonly number[])[];
  /** Every task behind all of its parents. */
  readonly order: readonly number[];
}

export type GraphOutcome = { readonly ok: true; readonly graph: Graph } | { readonly ok: false; readonly message: string };

/**
 * The graph of a pipeline's `tasks` (`finally` has none: its tasks cannot wait for each other). Edges are `runAfter` and result references.
 * Messages are upstream's. Follows tektoncd/pipeline pkg/reconciler/pipeline/dag/dag.go, `Build`.
 */
export function buildGraph(tasks: readonly PipelineTask[]): GraphOutcome {
  const places = new Map<string, number>();
  for (const [place, { name }] of tasks.entries()) {
    if (places.has(name)) {
      return { ok: false, message: `task ${name} is already present in Graph, can't add it again: duplicate pipeline task` };
    }
    places.set(name, place);
  }

  const dependencies = tasks.map(dependenciesOf);
  const cycle = findCycle(tasks, dependencies, places);
  if (cycle !== undefined) return { ok: false, message: cycle };

  const parents: number[][] = [];
  const children: number[][] = tasks.map(() => []);
  for (const [place, names] of dependencies.entries()) {
    const own: number[] = [];
    for (const name of names) {
      const parent = places.get(name);
      if (parent === undefined) return { ok: false, message: missingLink(tasks[place]?.name ?? '', name) };
      own.push(parent);
      children[parent]?.push(place);
    }
    parents.push(own);
  }
  return { ok: true, graph: { parents, children, order: topologicalOrder(parents, children) } };
}

/** The names of the tasks that one waits for, each once, sorted. */
export function dependenciesOf(task: PipelineTask): readonly string[] {
  return [...new Set([...resultReferences(task).map((reference) => reference.task), ...(task.runAfter ?? [])])].sort();
}

function missingLink(task: string, dependency: string): string {
  return `couldn't add link between ${task} and ${dependency}: task ${task} depends on ${dependency} but ${dependency} wasn't present in Pipeline`;
}

/** Kahn's algorithm by names, so that a name that is no task counts as done: a cycle is reported before a missing task, as upstream does. */
function findCycle(
  tasks: readonly PipelineTask[],
  dependencies: readonly (readonly string[])[],
  places: ReadonlyMap<string, number>,
): string | undefined {
  const open = dependencies.map((names) => new Set(names.filter((name) => places.has(name))));
  const waiting = new Map<string, number[]>();
  for (const [place, names] of open.entries()) {
    for (const name of names) {
      const list = waiting.get(name);
      if (list === undefined) waiting.set(name, [place]);
      else list.push(place);
    }
  }
  const free = tasks.flatMap((task, place) => (open[place]?.size === 0 ? [task.name] : []));
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    for (const place of waiting.get(name) ?? []) {
      const rest = open[place];
      if (rest?.delete(name) && rest.size === 0) free.push(tasks[place]?.name ?? '');
    }
  }
  const [first] = tasks
    .map((task, place) => ({ name: task.name, rest: open[place] }))
    .filter(({ rest }) => rest !== undefined && rest.size > 0)
    .sort(byName);
  return first && `cycle detected; task ${goQuote(first.name)} depends on ${[...(first.rest ?? [])].sort().map(goQuote).join(', ')}`;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function topologicalOrder(parents: readonly (readonly number[])[], children: readonly (readonly number[])[]): readonly number[] {
  const open = parents.map((list) => list.length);
  const order = open.flatMap((count, place) => (count === 0 ? [place] : []));
  for (let next = 0; next < order.length; next++) {
    for (const child of children[order[next] ?? -1] ?? []) {
      const left = (open[child] ?? 0) - 1;
      open[child] = left;
      if (left === 0) order.push(child);
    }
  }
  return order;
}
