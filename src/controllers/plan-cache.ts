import type { PipelineRunFacts } from '../pipelines/decisions.ts';
import { type PlanOutcome, planPipelineRun } from '../pipelines/plan.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { Task } from '../resources/task/schema.ts';

interface Entry {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly taskNames: readonly string[];
  readonly tasks: readonly Resolved<Task>[];
  readonly outcome: PlanOutcome;
}

/**
 * Keeps each run's plan while what it was made of stays the same: the run's spec and the Tasks it refers to. Without it a graph of a
 * thousand tasks would be checked and laid out anew at each of its changes.
 */
export class PlanCache {
  readonly #entries = new Map<string, Entry>();

  /** The names of the Tasks a run refers to, when they are known already. */
  taskNames(key: string, run: PipelineRun): readonly string[] | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && isOf(entry, run) ? entry.taskNames : undefined;
  }

  plan(key: string, facts: PipelineRunFacts): PlanOutcome {
    const { run } = facts;
    const tasks = [...facts.tasks.values()];
    const known = this.#entries.get(key);
    if (known !== undefined && isOf(known, run) && sameTasks(known.tasks, tasks)) return known.outcome;
    const outcome = planPipelineRun(facts);
    if (outcome.type === 'ready') {
      this.#entries.set(key, { uid: run.metadata.uid, generation: run.metadata.generation, taskNames: [...facts.tasks.keys()], tasks, outcome });
    }
    return outcome;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}

function isOf(entry: Entry, { metadata }: PipelineRun): boolean {
  return entry.uid === metadata.uid && entry.generation === metadata.generation;
}

/** The live copies hand out the same object until it changes. */
function sameTasks(before: readonly Resolved<Task>[], now: readonly Resolved<Task>[]): boolean {
  return before.length === now.length && before.every((one, index) => objectOf(one) === objectOf(now[index]));
}

function objectOf(task: Resolved<Task> | undefined): unknown {
  return task?.type === 'found' ? task.object : task?.type === 'missing' ? task.message : task?.type;
}
