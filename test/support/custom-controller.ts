import type { Clock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import type { CustomRun } from '../../src/resources/custom-run/schema.ts';
import { parseDuration } from '../../src/resources/duration.ts';
import type { Stored } from '../../src/resources/object.ts';
import { timestamp } from '../../src/resources/timestamp.ts';
import type { CustomRunScript } from './scenario.ts';

/**
 * Stands for the controller that a user's custom tasks have: it ends CustomRuns as they are scripted, sees to their timeouts, and obeys a
 * cancel unless told not to.
 */
export class CustomController {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #scripts: Readonly<Record<string, CustomRunScript>>;
  /** By uid: when a CustomRun ends. */
  readonly #ends = new Map<string, number>();

  constructor(store: Store, clock: Clock, scripts: Readonly<Record<string, CustomRunScript>>) {
    this.#store = store;
    this.#clock = clock;
    this.#scripts = scripts;
  }

  /** Looks at every CustomRun once; true when it wrote something. */
  async look(): Promise<boolean> {
    let wrote = false;
    for (const run of (await this.#store.list<CustomRun>('tekton.dev/CustomRun')).items) {
      if (run.status?.conditions?.some(({ status }) => status !== 'Unknown')) continue;
      const script = this.#scriptOf(run);
      const status = this.#statusOf(run, script);
      if (status === undefined) continue;
      await this.#store.updateStatus({ ...run, status });
      wrote = true;
    }
    return wrote;
  }

  #scriptOf({ metadata: { name, labels } }: Stored<CustomRun>): CustomRunScript {
    const task = labels?.['tekton.dev/pipelineTask'] ?? '';
    for (const key of [name, task]) if (Object.hasOwn(this.#scripts, key)) return this.#scripts[key] ?? {};
    return {};
  }

  #statusOf(run: Stored<CustomRun>, script: CustomRunScript): object | undefined {
    const now = this.#clock.now();
    if (run.spec.status === 'RunCancelled' && script.ignoresCancel !== true) {
      return ended(script, now, 'False', 'CustomRunCancelled', `CustomRun "${run.metadata.name}" was cancelled`);
    }
    const length = script.neverEnds ? Number.POSITIVE_INFINITY : (script.after ?? 0) * 1000;
    const timeout = parseDuration(run.spec.timeout ?? '') || Number.POSITIVE_INFINITY;
    const ends = this.#ends.get(run.metadata.uid) ?? now + Math.min(length, timeout);
    if (!this.#ends.has(run.metadata.uid)) {
      this.#ends.set(run.metadata.uid, ends);
      // Whoever goes from one timer to the next stops here too.
      if (ends > now && ends < Number.POSITIVE_INFINITY) this.#clock.at(ends, () => undefined);
    }
    if (now < ends) return undefined;
    const late = { reason: 'CustomRunTimedOut', message: `CustomRun "${run.metadata.name}" failed to finish within "${run.spec.timeout}"` };
    const fails = length > timeout ? late : script.fails;
    return fails === undefined
      ? ended(script, now, 'True', 'Succeeded', 'done as scripted')
      : ended(script, now, 'False', fails.reason, fails.message);
  }
}

function ended({ results = {} }: CustomRunScript, now: number, status: string, reason: string, message: string): object {
  return {
    conditions: [{ type: 'Succeeded', status, reason, message, lastTransitionTime: timestamp(now) }],
    completionTime: timestamp(now),
    results: Object.entries(results).map(([name, value]) => ({ name, value })),
  };
}
