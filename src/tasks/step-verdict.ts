import type { ContainerState } from './pod-observation.ts';
import type { PlannedStep } from './pod-plan.ts';

/** How a step's process came to its end, as a runtime saw it. */
export type StepEnd =
  /** 128 + signal for a killed process. */
  | { readonly type: 'exited'; readonly exitCode: number; readonly signal?: number | undefined; readonly outOfMemory?: boolean | undefined }
  /** `PlannedStep.timeoutMs` elapsed and the runtime killed it. */
  | { readonly type: 'timed-out' }
  | { readonly type: 'cancelled' }
  /** It waited at a breakpoint, and this is what it was told to end with. */
  | { readonly type: 'debugged'; readonly exitCode: number }
  /** No process came to be: command not found, not executable, no such working directory. */
  | { readonly type: 'not-runnable'; readonly message: string };

/** What a step's end means for its container's state, for the steps after it and for the files it leaves. */
export interface StepVerdict {
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error' | 'OOMKilled';
  readonly terminationReason: 'Completed' | 'Continued' | 'Error' | 'OOMKilled' | 'TimeoutExceeded' | 'Skipped' | 'Cancelled';
  readonly message?: string | undefined;
  readonly signal?: number | undefined;
  /** Later steps do not run and the pod fails. */
  readonly stopsPod: boolean;
  /** To be written to `/tekton/steps/<container>/exitCode`; absent: no such file. */
  readonly exitCodeFile?: string | undefined;
  /** Whether files under `/tekton/results` and the step's own results are to be read now. */
  readonly readsResults: boolean;
}

/**
 * Upstream's entrypoint as a table. `onError: continue` forgives an exit code, nothing else: not a timeout, not a missing command, not a kill
 * for lack of memory. Results count even when the step failed.
 */
export function stepVerdict(step: Pick<PlannedStep, 'onError'>, end: StepEnd): StepVerdict {
  switch (end.type) {
    case 'exited':
      return exitVerdict(step, end);
    case 'timed-out':
      return { exitCode: 1, reason: 'Error', terminationReason: 'TimeoutExceeded', stopsPod: true, readsResults: true };
    case 'cancelled':
      return {
        exitCode: 9,
        reason: 'Error',
        terminationReason: 'Cancelled',
        stopsPod: true,
        exitCodeFile: 'killed',
        readsResults: true,
      };
    case 'debugged':
      return end.exitCode === 0
        ? { exitCode: 0, reason: 'Completed', terminationReason: 'Completed', stopsPod: false, readsResults: true }
        : { exitCode: end.exitCode, reason: 'Error', terminationReason: 'Error', stopsPod: true, readsResults: true };
    case 'not-runnable':
      return { exitCode: 1, reason: 'Error', terminationReason: 'Error', message: end.message, stopsPod: true, readsResults: false };
  }
}

function exitVerdict(step: Pick<PlannedStep, 'onError'>, end: Extract<StepEnd, { type: 'exited' }>): StepVerdict {
  const signal = end.signal === undefined ? {} : { signal: end.signal };
  if (end.outOfMemory) {
    return { exitCode: end.exitCode, reason: 'OOMKilled', terminationReason: 'OOMKilled', ...signal, stopsPod: true, readsResults: true };
  }
  if (end.exitCode === 0) {
    return { exitCode: 0, reason: 'Completed', terminationReason: 'Completed', stopsPod: false, exitCodeFile: '0', readsResults: true };
  }
  if (step.onError === 'continue') {
    return {
      exitCode: end.exitCode,
      reason: 'Completed',
      terminationReason: 'Continued',
      stopsPod: false,
      exitCodeFile: String(end.exitCode),
      readsResults: true,
    };
  }
  return { exitCode: end.exitCode, reason: 'Error', terminationReason: 'Error', ...signal, stopsPod: true, readsResults: true };
}

/** For a step that an earlier failure keeps from running. */
export const skippedAfterFailure: StepVerdict = {
  exitCode: 1,
  reason: 'Error',
  terminationReason: 'Skipped',
  stopsPod: true,
  readsResults: false,
};

/** For a step whose `when` does not hold; the steps after it run. */
export const skippedByWhen: StepVerdict = {
  exitCode: 0,
  reason: 'Completed',
  terminationReason: 'Skipped',
  stopsPod: false,
  exitCodeFile: '0',
  readsResults: false,
};

/** The container state an observation shows for it. Times in milliseconds since the epoch; for a skipped step both are when it was skipped. */
export function terminatedState(verdict: StepVerdict, startedAt: number, finishedAt: number): ContainerState {
  return {
    type: 'terminated',
    exitCode: verdict.exitCode,
    reason: verdict.reason,
    ...(verdict.message !== undefined && { message: verdict.message }),
    ...(verdict.signal !== undefined && { signal: verdict.signal }),
    startedAt,
    finishedAt,
  };
}
