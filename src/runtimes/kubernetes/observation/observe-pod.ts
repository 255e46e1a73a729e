import type { PodObservation, SidecarObservation, StepObservation } from '../../../tasks/pod-observation.ts';
import { POD_UID_LABEL } from '../pod/build-pod.ts';
import { RESULTS_LOG_CONTAINER } from '../pod/results-log-container.ts';
import { endedUnsaid, instant, isSidecar, isStep, observeSidecar, observeStep } from './observe-container.ts';
import type { WireContainerStatus, WirePod } from './pod-status.ts';
import { type ResultsLog, unreadable, withResults } from './results-log.ts';

/** `activeDeadlineSeconds` of a pod that we have stopped: no plan has it, and it outlives a restart of ours. */
export const STOPPED_DEADLINE_SECONDS = 1;

/**
 * What a Pod of ours tells, in the words every runtime uses. `log`: what was read of the container that prints results, where the pod has one and it has
 * been read.
 */
export function observePod(pod: WirePod, log?: ResultsLog): PodObservation {
  const seen = observeContainers(pod);
  if (!pod.spec?.containers?.some(({ name }) => name === RESULTS_LOG_CONTAINER)) return seen;
  if (log !== undefined) return withResults(seen, log);
  return owesResults(pod, seen) ? { ...seen, awaitsResults: true, message: 'the results of its steps are being read' } : seen;
}

/** Whether steps have ended whose results are in the log, or will be. A container that was ended before it had printed them has none. */
function owesResults(pod: WirePod, seen: PodObservation): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  const { terminated: end } = statuses.find(({ name }) => name === RESULTS_LOG_CONTAINER)?.state ?? {};
  if (end !== undefined) return end.exitCode === 0;
  const isOver = seen.phase === 'Succeeded' || seen.phase === 'Failed';
  return !isOver && statuses.filter(isStep).every(hasEnded);
}

function observeContainers(pod: WirePod): PodObservation {
  const statuses = new Map(
    [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].map((one) => [one.name, one]),
  );
  const containers = pod.spec?.containers?.filter(isStep) ?? [];
  const sidecarContainers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].filter(isSidecar);
  const progress = {
    begun: containers.some(({ name }) => hasBegun(statuses.get(name))),
    ended: containers.every(({ name }) => hasEnded(statuses.get(name))),
  };
  const sidecars = sidecarContainers.map((container) => observeSidecar(container, statuses.get(container.name), progress));

  const situation = situationOf(pod, sidecars);
  const ended = situation.phase === 'Succeeded' || situation.phase === 'Failed';
  const finishedAt = ended ? endOf(pod) : undefined;
  const wasStopped = situation.phase === 'Failed' && situation.reason === 'Cancelled';
  const waiting = { reason: situation.reason === 'WaitingForSidecars' ? situation.reason : 'PodInitializing' };
  let isEarly = false;
  let isBehindCancelled = false;
  let brokenAt: number | undefined;
  const steps = containers.map((container): StepObservation => {
    const status = statuses.get(container.name);
    const cancelledAt = wasStopped ? finishedAt : undefined;
    const step = observeStep({ container, status, waiting, isEarly, cancelledAt, isBehindCancelled, brokenAt });
    isEarly ||= !hasEnded(status);
    isBehindCancelled = step.terminationReason === 'Cancelled';
    if (endedUnsaid(status)) brokenAt ??= instant(status?.state?.terminated?.finishedAt) ?? 0;
    return step;
  });
  const startedAt = situation.phase === 'Pending' ? undefined : instant(pod.status?.startTime);
  const instants = steps.flatMap(({ state }) => (state.type === 'terminated' ? [state.finishedAt] : []));
  return {
    uid: pod.metadata.labels?.[POD_UID_LABEL] ?? '',
    ...situation,
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt: Math.max(finishedAt, ...instants) }),
    steps,
    sidecars,
    ranBy: pod.spec?.nodeName ?? 'kubernetes',
  };
}

/** The last that was seen of a pod that is no more: whatever ended it was not a step's doing. */
export function observeDeleted(pod: WirePod, at: number, log?: ResultsLog): PodObservation {
  const last = observePod(pod, log);
  if (last.awaitsResults) return observeDeleted(pod, at, unreadable(`pod ${pod.metadata.name} was deleted`));
  if (last.phase === 'Succeeded' || last.phase === 'Failed') return last;
  const message = `pod ${pod.metadata.name} was deleted before its steps had ended`;
  return { ...last, phase: 'Failed', reason: 'Deleted', message, finishedAt: at };
}

type Situation = Pick<PodObservation, 'phase' | 'reason' | 'message'>;

function situationOf(pod: WirePod, sidecars: readonly SidecarObservation[]): Situation {
  const { phase, reason, message } = pod.status ?? {};
  const said = { ...(reason && { reason }), ...(message && { message }) };
  // The node controller's word for a node that does not answer; its pods may never be heard of again.
  if (reason === 'NodeLost') return { phase: 'Failed', ...said };
  switch (phase) {
    case 'Succeeded':
      return { phase: 'Succeeded' };
    case 'Failed':
      return isStopped(pod) && (reason === 'DeadlineExceeded' || reason === undefined)
        ? { phase: 'Failed', reason: 'Cancelled' }
        : { phase: 'Failed', ...said };
    case 'Running':
    case 'Unknown':
      return { phase: 'Running' };
    default:
      // A busy kubelet tells of the ends of containers seconds before it says that their pod has run.
      return haveEnded(pod) ? { phase: 'Running' } : pending(pod, sidecars, said);
  }
}

export function isStopped(pod: WirePod): boolean {
  return pod.spec?.activeDeadlineSeconds === STOPPED_DEADLINE_SECONDS;
}

/** Whether all steps have, which nobody starts again. */
function haveEnded({ spec, status }: WirePod): boolean {
  const steps = spec?.containers?.filter(isStep) ?? [];
  return steps.length > 0 && steps.every(({ name }) => hasEnded(status?.containerStatuses?.find((one) => one.name === name)));
}

/** To Kubernetes a pod is pending until its sidecars have started; here it runs by then, and says what it waits for. */
function pending(pod: WirePod, sidecars: readonly SidecarObservation[], said: Pick<Situation, 'reason' | 'message'>): Situation {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return { phase: 'Pending', reason: 'Unschedulable', ...(scheduled.message && { message: scheduled.message }) };
  }
  const slow = sidecars.find(({ state, started }) => state.type === 'running' && started === false);
  if (slow === undefined) return { phase: 'Pending', ...said };
  return {
    phase: 'Running',
    reason: 'WaitingForSidecars',
    message: `the first step waits for sidecar ${JSON.stringify(slow.name)} to be ready`,
  };
}

function hasBegun(status: WireContainerStatus | undefined): boolean {
  return status?.state?.running !== undefined || hasEnded(status);
}

function hasEnded(status: WireContainerStatus | undefined): boolean {
  return status?.state?.terminated !== undefined;
}

/** The last thing that is known to have happened. */
function endOf({ status }: WirePod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => instant(state?.terminated?.finishedAt) ?? 0);
  const changes = (status?.conditions ?? []).map(({ lastTransitionTime }) => instant(lastTransitionTime) ?? 0);
  const last = Math.max(0, ...ends);
  return last > 0 ? last : Math.max(instant(status?.startTime) ?? 0, ...changes);
}
