import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PodPlan } from '../../tasks/pod-plan.ts';
import type { EarlierSteps } from '../../tasks/step-protocol.ts';
import type { StepVerdict } from '../../tasks/step-verdict.ts';
import { readJson, writeAtomically } from './files.ts';
import { containerPaths, type PodPaths } from './pod-paths.ts';
import { type SettledStep, settledWithout } from './settled-step.ts';

/** The steps of one pod that need no more attention, in their order; kept so that a later server knows them. */
export class SettledSteps implements EarlierSteps {
  readonly all: SettledStep[] = [];
  readonly #plan: PodPlan;
  readonly #paths: PodPaths;

  constructor(plan: PodPlan, paths: PodPaths) {
    this.#plan = plan;
    this.#paths = paths;
  }

  get count(): number {
    return this.all.length;
  }

  get verdicts(): readonly StepVerdict[] {
    return this.all.map(({ verdict }) => verdict);
  }

  /** Takes over the next one as an earlier server has settled it; false when none has. */
  recall(): boolean {
    const step = this.#plan.steps[this.count];
    const known = step && readJson<SettledStep>(containerPaths(this.#paths, step.container).settled);
    if (known !== undefined) this.all.push(known);
    return known !== undefined;
  }

  /** The next one. */
  add(settled: SettledStep): void {
    const index = this.all.push(settled) - 1;
    const step = this.#plan.steps[index];
    if (step === undefined) return;
    const { exitCodeFile } = settled.verdict;
    // Before the next step starts; what is not followed by one is in the last observation, or is found out again.
    const isLast = index + 1 === this.#plan.steps.length;
    if (exitCodeFile !== undefined) writeFileSync(join(this.#paths.tekton, `run/${index}/status/exitCode`), exitCodeFile);
    if (!isLast) writeAtomically(containerPaths(this.#paths, step.container).settled, JSON.stringify(settled));
  }

  /** Gives a verdict to every step that has none. */
  cover(now: number, verdictFor: (isFirst: boolean) => StepVerdict): void {
    const missing = this.#plan.steps.length - this.count;
    for (let i = 0; i < missing; i++) this.all.push(settledWithout(verdictFor(i === 0), now));
  }

  readonly result = (stepName: string, result: string): string | undefined => {
    const results = this.#of(stepName)?.results ?? {};
    return Object.hasOwn(results, result) ? results[result] : undefined;
  };

  readonly artifacts = (stepName: string): string | undefined => this.#of(stepName)?.artifacts;

  #of(stepName: string): SettledStep | undefined {
    return this.all[this.#plan.steps.findIndex((step) => step.name === stepName)];
  }
}
