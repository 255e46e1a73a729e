import type { ComputeResources } from '../../../resources/core/pod-fields.ts';
import { quantity } from '../../../tasks/quantity.ts';

/** At least one is there. */
export interface ContainerLimits {
  readonly memoryBytes?: number | undefined;
  /** Thousandths of a CPU. */
  readonly cpuMillis?: number | undefined;
}

/** What a container may use; `undefined`: as much as there is. Requests are for schedulers, and one machine has none. */
export function containerLimits(resources: ComputeResources | undefined): ContainerLimits | undefined {
  const amount = (name: 'memory' | 'cpu'): number => quantity(resources?.limits?.[name] ?? '') ?? 0;
  const [memoryBytes, cpuMillis] = [Math.floor(amount('memory')), Math.ceil(amount('cpu') * 1000)];
  if (memoryBytes <= 0 && cpuMillis <= 0) return undefined;
  return { ...(memoryBytes > 0 && { memoryBytes }), ...(cpuMillis > 0 && { cpuMillis }) };
}
