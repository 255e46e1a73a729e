import type { PlannedStep, PodPlan } from './pod-plan.ts';
import { type StepArtifactsReader, substituteStepArtifacts } from './step-artifacts.ts';
import { type StepResultReader, substituteStepResults } from './step-results.ts';
import { type StepVerdict, skippedAfterFailure, skippedByWhen } from './step-verdict.ts';
import { whenHolds } from './step-when.ts';

/** What a runtime that orders the steps itself has to do next. */
export type NextStep =
  /** Run this step; results and artifacts of earlier steps are already in its `env`, `command`, `args` and (artifacts only) `script`. */
  | {
      readonly type: 'run';
      readonly index: number;
      readonly step: PlannedStep;
      /** Why results or artifacts of earlier steps were left unreplaced, for the step's log; upstream logs it too and runs the step all the same. */
      readonly warning?: string | undefined;
    }
  /** Nothing runs: record this verdict for the step and ask again. */
  | { readonly type: 'settle'; readonly index: number; readonly step: PlannedStep; readonly verdict: StepVerdict }
  /** Every step has its verdict. Sidecars may be stopped. */
  | { readonly type: 'done'; readonly phase: 'Succeeded' | 'Failed' };

/** What earlier steps have written, by their names. */
export interface EarlierSteps {
  readonly result: StepResultReader;
  readonly artifacts: StepArtifactsReader;
}

/**
 * The order of a pod's steps, as upstream's entrypoints bring it about with their wait files, but without waiting. `verdicts` are those of
 * the steps settled so far, in order; start with none, append one after each answer until `done`:
 *
 *     run    -> run `step`, append `stepVerdict(step, end)`
 *     settle -> append `verdict`
 *
 * In both cases write `verdict.exitCodeFile` and read results as the verdict says. A restarted runtime that has kept its verdicts carries on
 * where it was.
 */
export function nextStep(plan: Pick<PodPlan, 'steps'>, verdicts: readonly StepVerdict[], earlier: EarlierSteps): NextStep {
  const failed = verdicts.some((verdict) => verdict.stopsPod);
  const index = verdicts.length;
  const step = plan.steps[index];
  if (step === undefined) return { type: 'done', phase: failed ? 'Failed' : 'Succeeded' };
  // As upstream's entrypoints: who waits for breakpoints does not look at how the step before it ended.
  if (failed && step.pausesOnFailure !== true) return { type: 'settle', index, step, verdict: skippedAfterFailure };

  const substituted = substituteStepResults(step, earlier.result);
  if (substituted.type === 'refused') {
    return { type: 'settle', index, step, verdict: broken(panicked, substituted.message) };
  }
  const allowed = whenHolds(substituted.step.when);
  if (!allowed.ok) return { type: 'settle', index, step, verdict: broken(1, allowed.message) };
  if (!allowed.holds) return { type: 'settle', index, step, verdict: skippedByWhen };
  const ready = substituteStepArtifacts(substituted.step, earlier.artifacts);
  const warning = [substituted.warning, ready.warning].filter((text) => text !== undefined).join('; ');
  return { type: 'run', index, step: ready.step, ...(warning !== '' && { warning }) };
}

/** Upstream's entrypoint panics at an index out of range, and this is Go's exit code for it. */
const panicked = 2;

function broken(exitCode: number, message: string): StepVerdict {
  return { exitCode, reason: 'Error', terminationReason: 'Error', message, stopsPod: true, readsResults: false };
}
