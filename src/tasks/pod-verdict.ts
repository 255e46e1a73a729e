import { goQuote } from '../expressions/variables/go-quote.ts';
import type { Condition } from '../resources/object.ts';
import type { ContainerState, PodObservation, SidecarObservation, StepObservation } from './pod-observation.ts';

/** What a pod means for its TaskRun's `Succeeded` condition. */
export type PodVerdict = Required<Pick<Condition, 'status' | 'reason' | 'message'>>;

/**
 * Upstream's reading of a pod. A pod that runs has ended once all its steps have, whatever its sidecars do; a step that was killed for lack of memory
 * ends it at once. Follows tektoncd/pipeline pkg/pod/status.go, `MakeTaskRunStatus`. `ignoresFailure`: the pipeline task has `onError: continue`.
 */
export function podVerdict(pod: PodObservation, ignoresFailure: boolean): PodVerdict {
  if (!hasEnded(pod)) return unfinished(pod);
  if (!hasFailed(pod)) return { status: 'True', reason: 'Succeeded', message: 'All Steps have completed executing' };
  const blamed = blame(pod);
  return { status: 'False', reason: ignoresFailure ? 'FailureIgnored' : blamed.reason, message: failureMessage(pod, blamed) };
}

export function hasEnded(pod: PodObservation): boolean {
  if (pod.awaitsResults) return pod.steps.some(({ state }) => isOutOfMemory(state));
  if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return true;
  if (pod.steps.some(({ state }) => isOutOfMemory(state))) return true;
  return pod.phase === 'Running' && pod.steps.length > 0 && pod.steps.every(({ state }) => state.type === 'terminated');
}

function hasFailed(pod: PodObservation): boolean {
  return pod.phase === 'Failed' || pod.steps.some(stepFailed);
}

/** The exit code of a step that `onError: continue` forgave is shown, but does not count. */
function stepFailed(step: StepObservation): boolean {
  return isOutOfMemory(step.state) || (step.terminationReason !== 'Continued' && exitCode(step.state) !== 0);
}

/** Why a pod failed, and the container that is to blame. */
interface Blame {
  readonly reason: string;
  readonly container?: StepObservation | SidecarObservation | undefined;
}

/** What a runtime says of a pod that no step of it is to blame for; its message is the TaskRun's. */
const ownReasons: ReadonlySet<string> = new Set(['PodCreationFailed', 'PodAdmissionFailed', 'InitContainerOOM', 'InitContainerFailed']);

/** First match, as upstream: a sidecar's failure goes before the step's, but only matters when the pod has failed. */
function blame(pod: PodObservation): Blame {
  if (pod.reason === 'Evicted') return { reason: 'PodEvicted' };
  if (pod.reason !== undefined && ownReasons.has(pod.reason)) return { reason: pod.reason };
  const candidates: readonly Blame[] = [
    { reason: 'SidecarOOM', container: pod.sidecars.find(({ state }) => isOutOfMemory(state)) },
    { reason: 'StepOOM', container: pod.steps.find(({ state }) => isOutOfMemory(state)) },
    { reason: 'SidecarFailed', container: pod.sidecars.find(({ state }) => exitCode(state) !== 0) },
    { reason: 'StepFailed', container: pod.steps.find(stepFailed) },
  ];
  return candidates.find(({ container }) => container !== undefined) ?? { reason: 'Failed' };
}

/** Speaks of the container that gives the reason. */
function failureMessage(pod: PodObservation, { container }: Blame): string {
  if (pod.reason === 'Evicted') return pod.message ?? '';
  if (container === undefined || container.state.type !== 'terminated') return pod.message || 'build failed for unspecified reasons.';
  if ('terminationReason' in container && container.terminationReason === 'TimeoutExceeded') {
    return `${goQuote(container.container)} exited because the step exceeded the specified timeout limit`;
  }
  const { exitCode: code, reason } = container.state;
  return `${goQuote(container.container)} exited with code ${code}${reason ? `: ${reason}` : ''}`;
}

/** Upstream's whole message. What a pod that runs waits for follows it here. */
export const unfinishedMessage = 'Not all Steps in the Task have finished executing';

/**
 * Whether the pod could not be made because of a quota: its TaskRun has not begun.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go, `handlePodCreationError`.
 */
export function isHeldByQuota({ phase, reason }: PodObservation): boolean {
  return phase === 'Pending' && (reason === 'ExceededResourceQuota' || reason === 'ResourceQuotaConflict');
}

function unfinished(pod: PodObservation): PodVerdict {
  if (pod.phase === 'Running' || pod.awaitsResults) {
    return {
      status: 'Unknown',
      reason: 'Running',
      message: pod.message === undefined ? unfinishedMessage : `${unfinishedMessage}: ${pod.message}`,
    };
  }
  if (pod.reason === 'ExceededResourceQuota') {
    return {
      status: 'Unknown',
      reason: 'ExceededResourceQuota',
      message: `TaskRun Pod exceeded available resources: ${pod.message ?? ''}`,
    };
  }
  if (pod.reason === 'Unschedulable' && pod.message?.includes('Insufficient')) {
    return { status: 'Unknown', reason: 'ExceededNodeResources', message: 'TaskRun Pod exceeded available resources' };
  }
  const waiting = [...pod.steps, ...pod.sidecars].map(({ container, state }) => ({ container, state }));
  const imageError = waiting.some(({ state }) => state.type === 'waiting' && imageErrors.has(state.reason));
  return { status: 'Unknown', reason: imageError ? 'PullImageFailed' : 'Pending', message: waitingMessage(pod, waiting) };
}

const imageErrors = new Set([
  'ImagePullBackOff',
  'ImageInspectError',
  'ErrImagePull',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'InvalidImageName',
]);

/** `pod.reason` has no counterpart upstream: a local runtime says with it what the pod waits for. */
function waitingMessage(pod: PodObservation, containers: readonly { container: string; state: ContainerState }[]): string {
  for (const { container, state } of containers) {
    if (state.type === 'waiting' && state.message) {
      return `build step ${goQuote(container)} is pending with reason ${goQuote(state.message)}`;
    }
  }
  return pod.message || pod.reason || 'Pending';
}

/**
 * Steps whose results cannot be had. The reason and message of one that is too large follow tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go,
 * `ReconcileKind`; upstream asks for a log that cannot be read until the TaskRun's time is up.
 */
export function resultsFailure(
  taskRunName: string,
  { resultsProblem }: PodObservation,
): Pick<PodVerdict, 'reason' | 'message'> | undefined {
  if (resultsProblem === undefined) return undefined;
  const failed = `TaskRun ${goQuote(taskRunName)} failed:`;
  return resultsProblem.type === 'too-large'
    ? {
        reason: 'TaskRunResultLargerThanAllowedLimit',
        message: `${failed} results exceeded size limit ${resultsProblem.limitBytes} bytes`,
      }
    : { reason: 'Failed', message: `${failed} its results could not be read: ${resultsProblem.message}` };
}

function isOutOfMemory(state: ContainerState): boolean {
  return state.type === 'terminated' && state.reason === 'OOMKilled';
}

function exitCode(state: ContainerState): number {
  return state.type === 'terminated' ? state.exitCode : 0;
}
