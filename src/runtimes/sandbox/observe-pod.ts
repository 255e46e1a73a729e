import type { ContainerState, PodObservation, SidecarObservation } from '../../tasks/pod-observation.ts';
import type { PodPlan } from '../../tasks/pod-plan.ts';
import { terminatedState } from '../../tasks/step-verdict.ts';
import type { ContainerConfigError } from './environment.ts';
import type { SettledStep } from './settled-step.ts';
import type { SidecarFacts } from './sidecars/pod-sidecars.ts';

/** What is known of a pod at one moment. */
export interface PodFacts {
  readonly plan: PodPlan;
  readonly settled: readonly SettledStep[];
  /** When the step after the settled ones was started, if it was. */
  readonly runningSince?: number | undefined;
  readonly sidecars: ReadonlyMap<string, SidecarFacts>;
  readonly problems: ReadonlyMap<string, ContainerConfigError>;
  readonly startedAt?: number | undefined;
  readonly ended?:
    | { readonly phase: 'Succeeded' | 'Failed'; readonly at: number; readonly reason?: string; readonly message?: string }
    | undefined;
  /** What the pod waits for, as far as it is about the pod as a whole. */
  readonly waiting?: { readonly reason: string; readonly message: string } | undefined;
  readonly ranBy: string;
}

export function observe(facts: PodFacts): PodObservation {
  const { plan, settled, ended, waiting } = facts;
  return {
    uid: plan.uid,
    phase: ended?.phase ?? (facts.startedAt === undefined ? 'Pending' : 'Running'),
    ...(ended === undefined && waiting),
    ...(ended?.reason !== undefined && { reason: ended.reason }),
    ...(ended?.message !== undefined && { message: ended.message }),
    ...(facts.startedAt !== undefined && { startedAt: facts.startedAt }),
    ...(ended !== undefined && { finishedAt: ended.at }),
    steps: plan.steps.map((step, index) => {
      const done = settled[index];
      return {
        name: step.name,
        container: step.container,
        imageId: step.image,
        state:
          done === undefined
            ? unsettledState(facts, step.container, index)
            : terminatedState(done.verdict, done.startedAt, done.finishedAt),
        ...(done !== undefined && { terminationReason: done.verdict.terminationReason }),
        results: done?.results ?? {},
        taskResults: done?.taskResults ?? {},
        ...(done?.artifacts !== undefined && { artifacts: done.artifacts }),
        ...(done?.taskArtifacts !== undefined && { taskArtifacts: done.taskArtifacts }),
      };
    }),
    sidecars: plan.sidecars.map(
      (sidecar): SidecarObservation => ({
        name: sidecar.name,
        container: sidecar.container,
        imageId: sidecar.image,
        state: facts.sidecars.get(sidecar.container)?.state ?? waitingState(facts, sidecar.container),
        ...facts.sidecars.get(sidecar.container)?.health,
      }),
    ),
    ranBy: facts.ranBy,
  };
}

function unsettledState(facts: PodFacts, container: string, index: number): ContainerState {
  if (index === facts.settled.length && facts.runningSince !== undefined) return { type: 'running', startedAt: facts.runningSince };
  return waitingState(facts, container);
}

function waitingState({ problems, waiting }: PodFacts, container: string): ContainerState {
  const problem = problems.get(container);
  if (problem !== undefined) return { type: 'waiting', reason: problem.reason, message: problem.message };
  return { type: 'waiting', reason: waiting?.reason ?? 'PodInitializing' };
}
