import type { ContainerState, SidecarObservation, StepObservation } from '../../../tasks/pod-observation.ts';
import { skippedAfterFailure, terminatedState } from '../../../tasks/step-verdict.ts';
import type { WireContainer, WireContainerState, WireContainerStatus } from './pod-status.ts';
import { readTermination, type Termination } from './read-termination.ts';

const STEP = 'step-';
const SIDECAR = 'sidecar-';

export interface StepView {
  readonly container: WireContainer;
  readonly status: WireContainerStatus | undefined;
  /** For one that does not run yet. */
  readonly waiting: { readonly reason: string; readonly message?: string | undefined };
  /** Steps before it have not ended: its container is up and waits for its turn. */
  readonly isEarly: boolean;
  /** Set where the pod was stopped before the step had ended by itself: when. */
  readonly cancelledAt: number | undefined;
  /** The step before it was cancelled. */
  readonly isBehindCancelled: boolean;
  /** Set where a step before it has failed and its entrypoint could not say so: when. */
  readonly brokenAt: number | undefined;
}

/**
 * Failed before its entrypoint had a word to say, or to begin with (`StartError`). Later steps may wait for it in vain, where upstream's do so until the
 * TaskRun's time is up. What was killed for lack of memory ends the TaskRun anyhow.
 */
export function endedUnsaid(status: WireContainerStatus | undefined): boolean {
  const ended = status?.state?.terminated;
  return ended !== undefined && ended.exitCode !== 0 && ended.reason !== 'OOMKilled' && readTermination(ended.message) === undefined;
}

export function isStep({ name }: WireContainer): boolean {
  return name.startsWith(STEP);
}

export function isSidecar({ name }: WireContainer): boolean {
  return name.startsWith(SIDECAR);
}

export function observeStep(view: StepView): StepObservation {
  const { container, status, waiting, isEarly, cancelledAt, isBehindCancelled, brokenAt } = view;
  const ended = status?.state?.terminated;
  const told = readTermination(ended?.message);
  const common = {
    name: container.name.slice(STEP.length),
    container: container.name,
    imageId: status?.imageID || container.image || '',
    results: told?.results ?? {},
    taskResults: told?.taskResults ?? {},
    ...(told?.artifacts !== undefined && { artifacts: told.artifacts }),
    ...(told?.taskArtifacts !== undefined && { taskArtifacts: told.taskArtifacts }),
  };
  // All containers are told to stop at once: one may see the end of the step before it first, and one that has only just begun is not told at all.
  const isSkippedSo = isBehindCancelled && told?.reason === 'Skipped' && ended?.exitCode !== 0;
  // Whoever was killed before its entrypoint could say anything, or never began.
  if (cancelledAt !== undefined && (ended === undefined || isSkippedSo || (told === undefined && ended.reason !== 'OOMKilled'))) {
    const startedAt = instant(status?.state?.running?.startedAt ?? ended?.startedAt) ?? cancelledAt;
    const state = {
      type: 'terminated',
      exitCode: CANCELLED,
      reason: 'Error',
      startedAt,
      finishedAt: Math.max(startedAt, cancelledAt),
    } as const;
    return { ...common, state, terminationReason: 'Cancelled' };
  }
  if (ended === undefined && brokenAt !== undefined) {
    return {
      ...common,
      state: terminatedState(skippedAfterFailure, brokenAt, brokenAt),
      terminationReason: skippedAfterFailure.terminationReason,
    };
  }
  if (ended === undefined) return { ...common, state: unfinished(status?.state, waiting, isEarly) };
  return { ...common, state: terminated(ended, told), terminationReason: terminationReason(ended, told) };
}

/** What the entrypoint exits with when it is told to stop. */
const CANCELLED = 9;

function unfinished(state: WireContainerState | undefined, waiting: StepView['waiting'], isEarly: boolean): ContainerState {
  if (state?.running !== undefined && !isEarly) return { type: 'running', startedAt: instant(state.running.startedAt) ?? 0 };
  const { reason, message } = (state?.running === undefined ? state?.waiting : undefined) ?? {};
  // What Kubernetes says of every container while the pod is prepared goes behind what is known of the pod.
  const own = reason !== undefined && reason !== 'PodInitializing' && reason !== 'ContainerCreating';
  const shown = own ? { reason, message } : waiting;
  return { type: 'waiting', reason: shown.reason, ...(shown.message && { message: shown.message }) };
}

function terminated(ended: NonNullable<WireContainerState['terminated']>, told: Termination | undefined): ContainerState {
  const startedAt = told?.startedAt ?? instant(ended.startedAt) ?? 0;
  const exitCode = told?.exitCode ?? ended.exitCode;
  const message = told === undefined ? ended.message : told.message;
  return {
    type: 'terminated',
    exitCode,
    reason: ended.reason || (ended.exitCode === 0 ? 'Completed' : 'Error'),
    ...(message && { message }),
    ...(ended.signal && { signal: ended.signal }),
    startedAt,
    // Kubernetes counts seconds, the entrypoint thousandths.
    finishedAt: Math.max(startedAt, instant(ended.finishedAt) ?? 0),
  };
}

function terminationReason(ended: NonNullable<WireContainerState['terminated']>, told: Termination | undefined): string {
  if (told?.reason !== undefined) return told.reason;
  if (told?.exitCode !== undefined) return 'Continued';
  return ended.reason || (ended.exitCode === 0 ? 'Completed' : 'Error');
}

/** How far the steps of a sidecar's pod are. */
export interface StepsProgress {
  readonly begun: boolean;
  /** Kubernetes ends sidecars behind them, and how they take that is not their failure. */
  readonly ended: boolean;
}

export function observeSidecar(
  container: WireContainer,
  status: WireContainerStatus | undefined,
  steps: StepsProgress,
): SidecarObservation {
  const ended = status?.state?.terminated;
  const hasProbes = container.readinessProbe !== undefined || container.startupProbe !== undefined;
  return {
    name: container.name.slice(SIDECAR.length),
    container: container.name,
    imageId: status?.imageID || container.image || '',
    state: sidecarState(status, steps),
    ...(hasProbes && { ready: ended === undefined && status?.ready === true, started: ended === undefined && status?.started === true }),
  };
}

/**
 * Kubernetes starts a sidecar again that has ended, where upstream's stays as it is: between its starts it is shown as it ended. One that ends again and
 * again before it is ready keeps the steps from beginning.
 */
function sidecarState(status: WireContainerStatus | undefined, steps: StepsProgress): ContainerState {
  const { waiting, running, terminated: ended } = status?.state ?? {};
  if (ended !== undefined) return sidecarEnd(ended, steps.ended);
  if (running !== undefined) return { type: 'running', startedAt: instant(running.startedAt) ?? 0 };
  const { terminated: before } = status?.lastState ?? {};
  if (before !== undefined && waiting?.reason === 'CrashLoopBackOff') {
    if (steps.begun) return terminated(before, undefined);
    const said = before.message ? `: ${before.message}` : '';
    const message = `it has ended before it was ready ${(status?.restartCount ?? 0) + 1} times, at last with exit code ${before.exitCode}${said}`;
    return { type: 'waiting', reason: waiting.reason, message };
  }
  return { type: 'waiting', reason: waiting?.reason || 'PodInitializing', ...(waiting?.message && { message: waiting.message }) };
}

function sidecarEnd(ended: NonNullable<WireContainerState['terminated']>, stepsEnded: boolean): ContainerState {
  const state = terminated(ended, undefined);
  if (!stepsEnded || state.type !== 'terminated' || state.reason === 'OOMKilled') return state;
  const { startedAt, finishedAt } = state;
  return { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt, finishedAt };
}

/** Milliseconds since the epoch. */
export function instant(text: string | null | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}
