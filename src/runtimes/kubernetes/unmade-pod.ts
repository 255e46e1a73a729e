import type { PodObservation } from '../../tasks/pod-observation.ts';
import type { PodPlan } from '../../tasks/pod-plan.ts';

/** Why there is no pod yet, or never will be. */
export interface Obstacle {
  readonly phase: 'Pending' | 'Failed';
  readonly reason: string;
  readonly message: string;
  /** The container it is about; absent: the pod as a whole. */
  readonly container?: string | undefined;
}

/** A pod that was accepted and that the cluster does not have. */
export function observeUnmade(plan: PodPlan, obstacle: Obstacle | undefined, at: number): PodObservation {
  const { phase = 'Pending', reason, message, container: blamed } = obstacle ?? {};
  const cancelled = phase === 'Failed' && reason === 'Cancelled';
  const waiting = (container: string): { readonly type: 'waiting'; readonly reason: string; readonly message?: string | undefined } =>
    container === blamed && reason !== undefined ? { type: 'waiting', reason, message } : { type: 'waiting', reason: 'PodInitializing' };
  return {
    uid: plan.uid,
    phase,
    ...(reason !== undefined && blamed === undefined && { reason, ...(message !== '' && { message }) }),
    ...(phase === 'Failed' && { finishedAt: at }),
    steps: plan.steps.map(({ name, container, image }) => ({
      name,
      container,
      imageId: image,
      state: cancelled ? { type: 'terminated', exitCode: 9, reason: 'Error', startedAt: at, finishedAt: at } : waiting(container),
      ...(cancelled && { terminationReason: 'Cancelled' }),
      results: {},
      taskResults: {},
    })),
    sidecars: plan.sidecars.map(({ name, container, image }) => ({ name, container, imageId: image, state: waiting(container) })),
    ranBy: 'kubernetes',
  };
}
