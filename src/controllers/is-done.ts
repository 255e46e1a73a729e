import type { Stored } from '../resources/object.ts';

/** Whether a run has ended: its `Succeeded` condition is known, one way or the other. */
export function isDone(object: Stored): boolean {
  const status = object['status'];
  const conditions = typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : undefined;
  if (!Array.isArray(conditions)) return false;
  return conditions.some((condition) => condition?.type === 'Succeeded' && (condition.status === 'True' || condition.status === 'False'));
}
