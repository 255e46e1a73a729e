import type { ContainerState, SidecarObservation, StepObservation } from '../../../tasks/pod-observation.ts';
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
}

export function isStep({ name }: WireContainer): boolean {
  return name.startsWith(STEP);
}

export function isSidecar({ name }: WireContainer): boolean {
  return name.startsWith(SIDECAR);
}

export function observeStep({ container, status, waiting, isEarly, cancelledAt, isBehindCancelled }: StepView): StepObservation {
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

/** `stepsEnded`: Kubernetes ends sidecars behind the steps, and how they take that is not their failure. */
export function observeSidecar(container: WireContainer, status: WireContainerStatus | undefined, stepsEnded: boolean): SidecarObservation {
  const { waiting, running, terminated: ended } = status?.state ?? {};
  const hasProbes = container.readinessProbe !== undefined || container.startupProbe !== undefined;
  return {
    name: container.name.slice(SIDECAR.length),
    container: container.name,
    imageId: status?.imageID || container.image || '',
    state:
      ended !== undefined
        ? sidecarEnd(ended, stepsEnded)
        : running !== undefined
          ? { type: 'running', startedAt: instant(running.startedAt) ?? 0 }
          : { type: 'waiting', reason: waiting?.reason || 'PodInitializing', ...(waiting?.message && { message: waiting.message }) },
    ...(hasProbes && { ready: ended === undefined && status?.ready === true, started: ended === undefined && status?.started === true }),
  };
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
