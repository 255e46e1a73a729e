import { goQuote } from '../expressions/variables/go-quote.ts';
import { parseDuration } from '../resources/duration.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { ContainerState, PodObservation } from './pod-observation.ts';

/** `fails`: the TaskRun, at once. `waits`: until then the container has time to recover; milliseconds since the epoch. */
export type StartFailure =
  | { readonly type: 'fails'; readonly reason: string; readonly message: string }
  | { readonly type: 'waits'; readonly until: number };

type Timeouts = Pick<EngineConfig, 'default-imagepullbackoff-timeout' | 'default-create-container-error-timeout'>;

/**
 * The first container of a pod that will never start: a step before a sidecar. `ErrImagePull` is tolerated, it may pass; others for as long as the
 * configuration says, counted from when the pod's containers could have been started.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/taskrun.go, `checkPodFailed` and `checkContainerFailure`.
 */
export function startFailure(taskRunName: string, pod: PodObservation, config: Timeouts, now: number): StartFailure | undefined {
  const containers = [
    ...pod.steps.map((container) => ({ kind: 'step', ...container })),
    ...pod.sidecars.map((container) => ({ kind: 'sidecar', ...container })),
  ];
  let waits: StartFailure | undefined;
  for (const { kind, name, imageId, state } of containers) {
    if (state.type !== 'waiting') continue;
    const found = failureOf(kind, state);
    if (found === undefined) continue;
    const until = (pod.containersDueAt ?? now) + (parseDuration(config[found.timeout] ?? '0') ?? 0);
    if (found.recovers && now < until) {
      waits ??= { type: 'waits', until };
      continue;
    }
    const what = found.isPull ? `pull the image ${goQuote(imageId)}` : 'start';
    const who = `the ${kind} ${goQuote(name)} in TaskRun ${goQuote(taskRunName)} failed to ${what}`;
    return { type: 'fails', reason: found.reason, message: `${who}. The pod errored with the message: "${state.message ?? ''}."` };
  }
  return waits;
}

interface Failure {
  readonly reason: string;
  readonly isPull: boolean;
  readonly recovers: boolean;
  readonly timeout: keyof Timeouts;
}

function failureOf(kind: string, { reason, message = '' }: Extract<ContainerState, { type: 'waiting' }>): Failure | undefined {
  const pull = { reason: 'TaskRunImagePullFailed', isPull: true, timeout: 'default-imagepullbackoff-timeout' } as const;
  // A runtime under load, of which upstream thinks here.
  const slow = message.includes('context deadline exceeded');
  const start = { isPull: false, recovers: slow, timeout: 'default-create-container-error-timeout' } as const;
  switch (reason) {
    case 'ImagePullBackOff':
      return { ...pull, recovers: true };
    case 'InvalidImageName':
      return { ...pull, recovers: false };
    case 'CreateContainerConfigError':
      return { ...start, reason: 'CreateContainerConfigError' };
    case 'CreateContainerError':
      return { ...start, reason: 'PodCreationFailed' };
    case 'CrashLoopBackOff':
      // Upstream's sidecars are started once, and the steps begin when one has ended.
      return kind === 'sidecar' ? { ...start, reason: 'SidecarFailed', recovers: false } : undefined;
    default:
      return undefined;
  }
}
