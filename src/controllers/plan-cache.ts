import type { PipelineRunFacts } from '../pipelines/decisions.ts';
import { type PlanOutcome, planPipelineRun } from '../pipelines/plan.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

interface Entry {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly outcome: PlanOutcome;
}

/**
 * Keeps each run's plan while its spec stays the same. Without it a graph of a thousand tasks would be checked and laid out anew at each of
 * its changes. The definitions are those of the first look: a run goes on with what it began with, whatever becomes of its Tasks.
 */
export class PlanCache {
  readonly #entries = new Map<string, Entry>();

  /** The plan, if there is one: then no definitions are needed. */
  get(key: string, { metadata }: PipelineRun): PlanOutcome | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.uid === metadata.uid && entry.generation === metadata.generation ? entry.outcome : undefined;
  }

  make(key: string, facts: PipelineRunFacts): PlanOutcome {
    const outcome = planPipelineRun(facts);
    const { uid, generation } = facts.run.metadata;
    if (outcome.type === 'ready') this.#entries.set(key, { uid, generation, outcome });
    return outcome;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
