import type { KubeObject } from './object.ts';

/** How a run stands by its `Succeeded` condition; one that has none yet is running. */
export function runOutcome(run: KubeObject): 'running' | 'succeeded' | 'failed' {
  const status = run['status'];
  const conditions = typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : undefined;
  const succeeded = Array.isArray(conditions) ? conditions.find((condition) => condition?.type === 'Succeeded')?.status : undefined;
  if (succeeded === 'True') return 'succeeded';
  return succeeded === 'False' ? 'failed' : 'running';
}
