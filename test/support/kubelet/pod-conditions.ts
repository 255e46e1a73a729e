import { type Condition, type ContainerStatus, isSidecar, type Phase, type Pod } from './pod.ts';

interface Facts {
  readonly pod: Pod;
  readonly phase: Phase;
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  /** Its folders and volumes stand. */
  readonly canStart: boolean;
  readonly before: readonly Condition[];
  /** RFC 3339. */
  readonly now: string;
}

type Told = Omit<Condition, 'lastTransitionTime'>;

/** Follows kubernetes pkg/kubelet/status/generate.go. A time is that of the last change of `status`. */
export function conditionsOf(facts: Facts): readonly Condition[] {
  const { before, now, canStart } = facts;
  const ready = readiness(facts);
  const told: readonly Told[] = [
    { type: 'PodReadyToStartContainers', status: canStart && !isOver(facts) ? 'True' : 'False' },
    initialized(facts),
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
  ];
  const kept = before.filter(({ type }) => !told.some((one) => one.type === type));
  const dated = told.map((one): Condition => {
    const last = before.find(({ type }) => type === one.type);
    return { ...one, lastTransitionTime: last?.status === one.status ? last.lastTransitionTime : now };
  });
  return [...dated, ...kept];
}

function initialized({ pod, phase, init }: Facts): Told {
  const type = 'Initialized';
  const incomplete = (pod.spec.initContainers ?? []).filter((container) => {
    const status = init.find(({ name }) => name === container.name);
    return isSidecar(container) ? status?.started !== true && status?.state.terminated === undefined : status?.ready !== true;
  });
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  if (incomplete.length === 0) return { type, status: 'True' };
  const message = `containers with incomplete status: [${incomplete.map(({ name }) => name).join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

function readiness(facts: Facts): Pick<Condition, 'status' | 'reason' | 'message'> {
  const { pod, phase, init, main } = facts;
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => init.find((status) => status.name === name));
  const unready = [...sidecars, ...main].flatMap((status) => (status === undefined || status.ready ? [] : [status.name]));
  if (unready.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
}

function isOver({ phase }: Facts): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
