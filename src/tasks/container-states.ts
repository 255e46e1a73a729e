import type { RefSource } from '../resources/status.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { SidecarState, StepState } from '../resources/task-run/schema.ts';
import { timestamp } from '../resources/timestamp.ts';
import { stepName } from './container-name.ts';
import type { ContainerState, PodObservation, StepObservation } from './pod-observation.ts';
import { parseArtifacts } from './run-artifacts.ts';
import { stepResults } from './run-results.ts';
import { terminationMessage } from './termination-message.ts';

/** `status.steps`. `done`: the TaskRun has ended, its steps' results are shown. `before`: as they were, and where they are from. */
export function stepStates(spec: TaskSpec, pod: PodObservation, done: boolean, before: readonly StepState[] | undefined): StepState[] {
  return pod.steps.map((step, index) => {
    const results = done ? stepResults(spec.steps?.[index], step.results) : [];
    const { inputs, outputs } = parseArtifacts(step.artifacts);
    const origin = before?.find(({ name }) => name === step.name)?.provenance;
    return {
      ...wireState(withMessage(step, index)),
      name: step.name,
      container: step.container,
      imageID: step.imageId,
      ...(results.length > 0 && { results }),
      ...(origin && { provenance: origin }),
      ...(step.terminationReason !== undefined && step.state.type === 'terminated' && { terminationReason: step.terminationReason }),
      ...(inputs && inputs.length > 0 && { inputs }),
      ...(outputs && outputs.length > 0 && { outputs }),
    };
  });
}

/** What a runtime has to say goes before what the step reports. */
function withMessage(step: StepObservation, index: number): ContainerState {
  const { state } = step;
  if (state.type !== 'terminated' || state.message !== undefined || step.resultsAreLogged) return state;
  return { ...state, message: terminationMessage(step, index) };
}

export function sidecarStates(pod: PodObservation): SidecarState[] {
  return pod.sidecars.map(({ name, container, imageId, state }) => ({ ...wireState(state), name, container, imageID: imageId }));
}

/** Steps that no pod has begun, when resolvers fetched any of them: names, and where they are from. */
export function fetchedSteps(spec: TaskSpec, sources: ReadonlyMap<number, RefSource> | undefined): StepState[] | undefined {
  if (sources === undefined || sources.size === 0) return undefined;
  return spec.steps?.map(({ name }, index) => {
    const refSource = sources.get(index);
    return { name: stepName(name, index), ...(refSource && { provenance: { refSource } }) };
  });
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
