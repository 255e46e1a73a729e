import { timestamp } from '../../../src/resources/timestamp.ts';
import { type Container, type ContainerState, type ContainerStatus, isSidecar, type Pod, type PodStatus } from './pod.ts';
import { conditionsOf } from './pod-conditions.ts';
import { phaseOf } from './pod-phase.ts';

/** What is known of one container; absent fields: nothing has happened yet. */
export interface ContainerRecord {
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
  /** By its readiness probe; without one from when it has started. */
  readonly ready?: boolean;
  /** By its startup probe and its postStart hook. */
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly image?: string;
  readonly imageId?: string;
}

export interface PodFacts {
  readonly pod: Pod;
  readonly records: ReadonlyMap<string, ContainerRecord>;
  readonly startedAt: number;
  readonly now: number;
  readonly canStart: boolean;
  /** The kubelet has ended it by itself. */
  readonly evicted?: { readonly reason: string; readonly message: string } | undefined;
  /** Nothing of it runs any more, and nothing will. */
  readonly isTerminated: boolean;
}

/** The status of a pod as a kubelet writes it, of what the last one said and of what is known now. */
export function podStatus(facts: PodFacts, before: PodStatus | undefined): PodStatus {
  const { pod, records, isTerminated, evicted } = facts;
  const { initContainers = [], containers } = pod.spec;
  const statusOf = (container: Container): ContainerStatus =>
    containerStatus(container, records.get(container.name), initContainers.length > 0);
  // What an init container was to do is done when it has ended well.
  let init = initContainers.map(statusOf).map((status, index) => {
    const isDone = initContainers[index]?.restartPolicy === undefined && status.state.terminated?.exitCode === 0;
    return isDone ? { ...status, ready: true } : status;
  });
  // By name, whatever the spec's order is.
  let main = containers.map(statusOf).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const computed = evicted === undefined ? phaseOf(pod, init, main) : 'Failed';
  const isOver = computed === 'Succeeded' || computed === 'Failed';
  // A pod is not over before its last container is.
  const phase = !isTerminated ? (isOver ? (before?.phase ?? 'Pending') : computed) : isOver ? computed : 'Failed';
  if (isTerminated) {
    if (hasInitialized(pod, init, main)) main = main.map(settled);
    const lastBegun = init.findLastIndex((status) => hasBegun(status));
    init = init.map((status, index) => (index <= lastBegun ? settled(status) : status));
  }
  const said = isTerminated && evicted !== undefined ? evicted : {};
  return {
    phase,
    ...said,
    startTime: timestamp(facts.startedAt),
    hostIP: '127.0.0.1',
    podIP: '127.0.0.1',
    qosClass: 'BestEffort',
    conditions: conditionsOf({
      pod,
      phase,
      init,
      main,
      canStart: facts.canStart,
      before: before?.conditions ?? [],
      now: timestamp(facts.now),
    }),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: main,
  };
}

function containerStatus(container: Container, record: ContainerRecord | undefined, hasInit: boolean): ContainerStatus {
  const state = record?.state ?? { waiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } };
  const isRunning = state.running !== undefined;
  return {
    name: container.name,
    state,
    lastState: record?.lastState ?? {},
    ready: isRunning && record?.ready === true,
    started: isRunning && record?.started === true,
    restartCount: record?.restartCount ?? 0,
    image: record?.image ?? container.image ?? '',
    imageID: record?.imageId ?? '',
  };
}

function hasBegun({ state, lastState }: ContainerStatus): boolean {
  return state.waiting === undefined || lastState.terminated !== undefined;
}

/** Follows kubernetes pkg/kubelet/status/status_manager.go, `hasPodInitialized`. */
function hasInitialized({ spec }: Pod, init: readonly ContainerStatus[], main: readonly ContainerStatus[]): boolean {
  const { initContainers = [] } = spec;
  const last = initContainers.at(-1);
  if (last === undefined || main.some(hasBegun)) return true;
  const status = init.find(({ name }) => name === last.name);
  return isSidecar(last) ? status?.started === true : status?.state.terminated?.exitCode === 0;
}

/** Of what a terminated pod never began, or nobody knows the end, this is said (`TerminatePod`, in the same file). */
function settled(status: ContainerStatus): ContainerStatus {
  if (status.state.terminated !== undefined) return status;
  const message = 'The container could not be located when the pod was terminated';
  const terminated = { reason: 'ContainerStatusUnknown', message, exitCode: 137, startedAt: null, finishedAt: null };
  return { ...status, state: { terminated }, ready: false, started: false };
}
