import type { PodPlan } from '../../tasks/pod-plan.ts';
import { ContainerConfigError } from './environment.ts';

/** Go's names for what Node calls otherwise. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/**
 * Refuses a pod for another operating system or processor: what it builds would be something else than it believes. Labels that only the nodes of some
 * cluster have say nothing about this machine.
 */
export function checkNode({ podTemplate }: PodPlan): void {
  const labels = { 'kubernetes.io/os': process.platform, 'kubernetes.io/arch': architectures[process.arch] ?? process.arch };
  for (const [label, value] of Object.entries(labels)) {
    const wanted = podTemplate?.nodeSelector?.[label];
    if (wanted === undefined || wanted === value) continue;
    throw new ContainerConfigError(
      `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector: ${label} is ${JSON.stringify(value)} here, the pod template wants ${JSON.stringify(wanted)}`,
    );
  }
}
