import type { TaskSpec } from '../resources/task/schema.ts';
import type { SidecarState, StepState } from '../resources/task-run/schema.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { ContainerState, PodObservation } from './pod-observation.ts';
import { stepResults } from './run-results.ts';

/** `status.steps`. `done`: the TaskRun has ended, its steps' results are shown. */
export function stepStates(spec: TaskSpec, pod: PodObservation, done: boolean): StepState[] {
  return pod.steps.map((step, index) => {
    const results = done ? stepResults(spec.steps?.[index], step.results) : [];
    return {
      ...wireState(step.state),
      name: step.name,
      container: step.container,
      imageID: step.imageId,
      ...(results.length > 0 && { results }),
      ...(step.terminationReason !== undefined && step.state.type === 'terminated' && { terminationReason: step.terminationReason }),
    };
  });
}

export function sidecarStates(pod: PodObservation): SidecarState[] {
  return pod.sidecars.map(({ name, container, imageId, state }) => ({ ...wireState(state), name, container, imageID: imageId }));
}

/** Steps of a pod that was stopped under them: what had not ended has now, with the TaskRun's reason. */
export function terminateSteps(steps: readonly StepState[], reason: string, podName: string, finishedAt: string): StepState[] {
  return steps.map((step) => {
    if (step.running === undefined && step.waiting === undefined) return step;
    const { running, waiting: _waiting, ...rest } = step;
    return {
      ...rest,
      terminated: {
        exitCode: 1,
        reason,
        message: `Step ${step.name} terminated as pod ${podName} is terminated`,
        ...(running?.startedAt !== undefined && { startedAt: running.startedAt }),
        finishedAt,
      },
      terminationReason: reason,
    };
  });
}

/** Sidecars that were still shown as running when the TaskRun ended, once they have been stopped. */
export function stoppedSidecars(states: readonly SidecarState[], pod: PodObservation): SidecarState[] {
  return states.map((shown) => {
    const observed = pod.sidecars.find(({ container }) => container === shown.container)?.state;
    if (shown.running === undefined || observed?.type !== 'terminated') return shown;
    const { running: _running, ...rest } = shown;
    return {
      ...rest,
      terminated: {
        exitCode: observed.exitCode,
        reason: 'Completed',
        message: 'Sidecar container successfully stopped by nop image',
        startedAt: timestamp(observed.startedAt),
        finishedAt: timestamp(observed.finishedAt),
      },
    };
  });
}

function wireState(state: ContainerState): Pick<StepState, 'waiting' | 'running' | 'terminated'> {
  switch (state.type) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message !== undefined && { message: state.message }) } };
    case 'running':
      return { running: { startedAt: timestamp(state.startedAt) } };
    case 'terminated':
      return {
        terminated: {
          exitCode: state.exitCode,
          reason: state.reason,
          ...(state.message !== undefined && { message: state.message }),
          ...(state.signal !== undefined && { signal: state.signal }),
          startedAt: timestamp(state.startedAt),
          finishedAt: timestamp(state.finishedAt),
        },
      };
  }
}
