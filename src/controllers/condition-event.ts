import type { Condition } from '../resources/object.ts';

/** What a core/v1 Event says of its object. */
export interface RunEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/**
 * The Event that a change of a run's status is worth, if it is worth one: when the `Succeeded` condition says something new. Reasons and
 * types as upstream's (tektoncd/pipeline pkg/reconciler/events/k8sevent/event.go, `EmitK8sEvents`).
 */
export function conditionEvent(before: unknown, now: unknown): RunEvent | undefined {
  const condition = succeeded(now);
  const last = succeeded(before);
  if (condition === undefined || saysTheSame(condition, last)) return undefined;
  const { reason = '', message = '' } = condition;
  switch (condition.status) {
    case 'True':
      return { type: 'Normal', reason: 'Succeeded', message };
    case 'False':
      return { type: 'Warning', reason: 'Failed', message };
    case 'Unknown':
      return last === undefined ? { type: 'Normal', reason: 'Started', message: '' } : { type: 'Normal', reason, message };
  }
}

function succeeded(status: unknown): Condition | undefined {
  const conditions = typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : undefined;
  return Array.isArray(conditions) ? conditions.find((condition: Condition | null) => condition?.type === 'Succeeded') : undefined;
}

function saysTheSame(a: Condition, b: Condition | undefined): boolean {
  return a.status === b?.status && (a.reason ?? '') === (b.reason ?? '') && (a.message ?? '') === (b.message ?? '');
}
