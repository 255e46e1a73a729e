import { pipelineTaskDependencies } from '../resources/pipeline/dependencies.ts';
import { graphError } from '../resources/pipeline/graph-error.ts';
import type { PipelineTask } from '../resources/pipeline/schema.ts';

/** Which task waits for which. Tasks are known by their place in the list the graph was built from. */
export interface Graph {
  readonly parents: readonly (readonly number[])[];
  readonly children: readonly (readonly number[])[];
  /** Every task behind all of its parents. */
  readonly order: readonly number[];
}

export type GraphOutcome = { readonly ok: true; readonly graph: Graph } | { readonly ok: false; readonly message: string };

/** The graph of a pipeline's `tasks`, or upstream's words for why they make none. `finally` has no graph: its tasks cannot wait for each other. */
export function buildGraph(tasks: readonly PipelineTask[]): GraphOutcome {
  const error = graphError(tasks);
  if (error !== undefined) return { ok: false, message: error.circle === undefined ? error.message : `${error.message}\n${error.circle}` };

  const places = new Map(tasks.map((task, place) => [task.name, place]));
  const parents = tasks.map((task) => pipelineTaskDependencies(task).flatMap((name) => places.get(name) ?? []));
  const children: number[][] = tasks.map(() => []);
  for (const [place, own] of parents.entries()) for (const parent of own) children[parent]?.push(place);
  return { ok: true, graph: { parents, children, order: topologicalOrder(parents, children) } };
}

/** Kahn's algorithm; the graph has no cycle. */
function topologicalOrder(parents: readonly (readonly number[])[], children: readonly (readonly number[])[]): readonly number[] {
  const open = parents.map((own) => own.length);
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
