import { goQuote } from '../../expressions/variables/go-quote.ts';
import { pipelineTaskDependencies } from './dependencies.ts';
import type { PipelineTask } from './schema.ts';

/**
 * Why these tasks make no graph: a name twice, a cycle, or a dependency on a task that is not there. `undefined` when they do.
 * Order and words are upstream's (pkg/reconciler/pipeline/dag, Build).
 */
export function graphError(tasks: readonly PipelineTask[]): string | undefined {
  const dependencies = new Map<string, readonly string[]>();
  for (const task of tasks) {
    if (dependencies.has(task.name)) {
      return `task ${task.name} is already present in Graph, can't add it again: duplicate pipeline task`;
    }
    dependencies.set(task.name, pipelineTaskDependencies(task));
  }
  return cycle(dependencies) ?? missingTask(dependencies);
}

/** Kahn's algorithm: takes away what depends on nothing until nothing more goes; what is left is in, or behind, a cycle. */
function cycle(dependencies: ReadonlyMap<string, readonly string[]>): string | undefined {
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
  const [first] = [...waiting.keys()].sort();
  if (first === undefined) return undefined;
  const parents = [...(waiting.get(first) ?? [])].sort().map(goQuote);
  return `cycle detected; task ${goQuote(first)} depends on ${parents.join(', ')}`;
}

function missingTask(dependencies: ReadonlyMap<string, readonly string[]>): string | undefined {
  for (const [task, parents] of dependencies) {
    const missing = parents.find((parent) => !dependencies.has(parent));
    if (missing === undefined) continue;
    return `couldn't add link between ${task} and ${missing}: task ${task} depends on ${missing} but ${missing} wasn't present in Pipeline`;
  }
  return undefined;
}
