import { join } from 'node:path';
import type { PlannedStep } from '../../tasks/pod-plan.ts';
import { type StepVerdict, stepVerdict } from '../../tasks/step-verdict.ts';
import type { ContainerEnd } from './container-run.ts';
import { readForeign } from './files.ts';
import type { PodPaths } from './pod-paths.ts';

/** A step that needs no more attention. */
export interface SettledStep {
  readonly verdict: StepVerdict;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Contents of the step's own result files. */
  readonly results: Readonly<Record<string, string>>;
  /** Contents of the task's result files as this step left them. */
  readonly taskResults: Readonly<Record<string, string>>;
  /** Its own `provenance.json`, and the task's as this step left it. */
  readonly artifacts?: string | undefined;
  readonly taskArtifacts?: string | undefined;
  /** Present when nobody knows how it ended. */
  readonly lost?: string | undefined;
}

/** Longer result files are cut; what counts as too large is for the engine to say. */
const RESULT_LIMIT_BYTES = 1024 * 1024;
const LOST_EXIT_CODE = 137;

export function settleStep(
  step: PlannedStep,
  index: number,
  end: ContainerEnd,
  taskResults: readonly string[],
  pod: PodPaths,
): SettledStep {
  const verdict = verdictOf(step, end);
  const read = (names: readonly string[], folder: string): Record<string, string> =>
    verdict.readsResults ? readResults(names, folder) : {};
  const results = read(step.results, join(pod.tekton, `run/${index}/status/results`));
  const ofTask = read(taskResults, join(pod.tekton, 'results'));
  const provenance = (folder: string): string | undefined =>
    verdict.readsResults ? readForeign(join(pod.tekton, folder, 'provenance.json'), RESULT_LIMIT_BYTES) : undefined;
  const artifacts = provenance(`run/${index}/status/artifacts`);
  const taskArtifacts = provenance('artifacts');
  const { startedAt, finishedAt } = end;
  return {
    verdict,
    startedAt,
    finishedAt,
    results,
    taskResults: ofTask,
    ...(artifacts !== undefined && { artifacts }),
    ...(taskArtifacts !== undefined && { taskArtifacts }),
    ...(end.type === 'lost' && { lost: end.message }),
  };
}

/** For a step no process was started for. */
export function settledWithout(verdict: StepVerdict, at: number): SettledStep {
  return { verdict, startedAt: at, finishedAt: at, results: {}, taskResults: {} };
}

function verdictOf(step: PlannedStep, end: ContainerEnd): StepVerdict {
  switch (end.type) {
    case 'exited':
      return stepVerdict(step, { type: 'exited', exitCode: end.exitCode, outOfMemory: end.outOfMemory });
    case 'killed':
      return stepVerdict(step, { type: end.reason === 'Cancelled' ? 'cancelled' : 'timed-out' });
    case 'debugged':
      return stepVerdict(step, { type: 'debugged', exitCode: end.exitCode });
    case 'not-runnable':
      return stepVerdict(step, { type: 'not-runnable', message: end.message });
    case 'lost':
      // `onError: continue` forgives an exit code; here there is none to forgive.
      return { ...stepVerdict({ onError: 'stopAndFail' }, { type: 'exited', exitCode: LOST_EXIT_CODE }), message: end.message };
  }
}

function readResults(names: readonly string[], folder: string): Record<string, string> {
  const found: [string, string][] = [];
  for (const name of names) {
    if (name === '' || name.includes('/') || name === '..' || name.includes('\0')) continue;
    const contents = readForeign(join(folder, name), RESULT_LIMIT_BYTES);
    if (contents !== undefined) found.push([name, contents]);
  }
  return Object.fromEntries(found);
}

/** One that may have run when the machine went down, and whose results nobody can vouch for. */
export function lostStep(step: PlannedStep, index: number, now: number, paths: PodPaths): SettledStep {
  const message = 'the machine was restarted while it may have run';
  return settleStep(step, index, { type: 'lost', message, startedAt: now, finishedAt: now }, [], paths);
}
