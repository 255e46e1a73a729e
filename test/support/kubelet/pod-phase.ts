import { type Container, type ContainerStatus, isSidecar, type Phase, type Pod } from './pod.ts';

/** Follows kubernetes pkg/kubelet/kubelet_pods.go, `getPhase`, for pods whose containers are never started again. */
export function phaseOf({ spec }: Pod, init: readonly ContainerStatus[], main: readonly ContainerStatus[]): Phase {
  const statusOf = (list: readonly ContainerStatus[], { name }: Container): ContainerStatus | undefined =>
    list.find((status) => status.name === name);
  for (const container of spec.initContainers ?? []) {
    const status = statusOf(init, container);
    if (isSidecar(container)) {
      const hasStarted = status?.started === true || status?.lastState.terminated !== undefined || status?.state.terminated !== undefined;
      if (!hasStarted && !main.some(({ state }) => state.waiting === undefined)) return 'Pending';
      continue;
    }
    const ended = status?.state.terminated;
    if (ended === undefined) return 'Pending';
    if (ended.exitCode !== 0) return 'Failed';
  }
  if (main.some(({ state }) => state.waiting !== undefined)) return 'Pending';
  if (main.some(({ state }) => state.running !== undefined)) return 'Running';
  return main.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
}
