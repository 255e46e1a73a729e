import { goQuote } from '../../expressions/variables/go-quote.ts';
import { pipelineTaskDependencies } from './dependencies.ts';
import type { PipelineTask } from './schema.ts';

export interface GraphError {
  /** Upstream's words. */
  readonly message: string;
  /** The whole circle, where that is it: upstream names one task of it and those it waits for. */
  readonly circle?: string | undefined;
}

/**
 * Why these tasks make no graph: a name twice, a cycle, or a dependency on a task that is not there. `undefined` when they do.
 * Order and words are upstream's (pkg/reconciler/pipeline/dag, Build).
 */
export function graphError(tasks: readonly PipelineTask[]): GraphError | undefined {
  const dependencies = new Map<string, readonly string[]>();
  for (const task of tasks) {
    if (dependencies.has(task.name)) {
      return { message: `task ${task.name} is already present in Graph, can't add it again: duplicate pipeline task` };
    }
    dependencies.set(task.name, pipelineTaskDependencies(task));
  }
  const waiting = cyclic(dependencies);
  return waiting.size > 0 ? cycle(waiting) : missingTask(dependencies);
}

/** Kahn's algorithm: takes away what depends on nothing until nothing more goes; what is left is in, or behind, a cycle. */
function cyclic(dependencies: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, ReadonlySet<string>> {
  const waiting = new Map<string, Set<string>>();
  const children = new Map<string, string[]>();
  const free: string[] = [];
  for (const [task, parents] of dependencies) {
    if (parents.length > 0) waiting.set(task, new Set(parents));
    for (const parent of parents) {
      const known = children.get(parent);
      if (known !== undefined) known.push(task);
      else {
        children.set(parent, [task]);
        if ((dependencies.get(parent) ?? []).length === 0) free.push(parent);
      }
    }
  }
  for (let parent = free.pop(); parent !== undefined; parent = free.pop()) {
    for (const child of children.get(parent) ?? []) {
      const left = waiting.get(child);
      left?.delete(parent);
      if (left?.size !== 0) continue;
      waiting.delete(child);
      free.push(child);
    }
  }
  return waiting;
}

/** A circle of more tasks than these is told with a gap. */
const LONGEST_CIRCLE = 30;

function cycle(waiting: ReadonlyMap<string, ReadonlySet<string>>): GraphError {
  const parentsOf = (task: string): readonly string[] => [...(waiting.get(task) ?? [])].sort();
  const [first = ''] = [...waiting.keys()].sort();
  const message = `cycle detected; task ${goQuote(first)} depends on ${parentsOf(first).map(goQuote).join(', ')}`;
  // Whatever waits has a parent that waits: going from one to the next comes back to where it was.
  const path: string[] = [];
  const seen = new Map<string, number>();
  let task = first;
  for (; !seen.has(task); task = parentsOf(task).find((parent) => waiting.has(parent)) ?? '') {
    seen.set(task, path.length);
    path.push(task);
  }
  const circle = [...path.slice(seen.get(task)), task].map(goQuote);
  const told =
    circle.length <= LONGEST_CIRCLE
      ? circle
      : [...circle.slice(0, LONGEST_CIRCLE - 1), `… (${circle.length - LONGEST_CIRCLE} more)`, ...circle.slice(-1)];
  return { message, circle: `each of these waits for the next: ${told.join(' -> ')}` };
}

function missingTask(dependencies: ReadonlyMap<string, readonly string[]>): GraphError | undefined {
  for (const [task, parents] of dependencies) {
    const missing = parents.find((parent) => !dependencies.has(parent));
    if (missing === undefined) continue;
    return {
      message: `couldn't add link between ${task} and ${missing}: task ${task} depends on ${missing} but ${missing} wasn't present in Pipeline`,
    };
  }
  return undefined;
}
