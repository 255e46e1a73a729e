import type { Condition } from '../resources/object.ts';

/** What a core/v1 Event says of its object. */
export interface RunEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** What it tells of goes on, and will be told again by its end. */
  readonly goesOn?: true | undefined;
}

const started: RunEvent = { type: 'Normal', reason: 'Started', message: '', goesOn: true };

/**
 * The Events that a change of a run's status is worth: when it starts, and when the `Succeeded` condition says something new. Its first look may do
 * both. Reasons and types as upstream's (tektoncd/pipeline pkg/reconciler/events/k8sevent/event.go, `EmitK8sEvents`, and where a run starts).
 */
export function conditionEvents(before: unknown, now: unknown): readonly RunEvent[] {
  const starts = startTime(before) === undefined && startTime(now) !== undefined;
  const last = starts ? ({ type: 'Succeeded', status: 'Unknown', reason: 'Started' } as const) : succeeded(before);
  const changed = changeEvent(last, succeeded(now));
  return [...(starts ? [started] : []), ...(changed === undefined ? [] : [changed])];
}

function changeEvent(last: Condition | undefined, condition: Condition | undefined): RunEvent | undefined {
  if (condition === undefined || saysTheSame(condition, last)) return undefined;
  const { reason = '', message = '' } = condition;
  switch (condition.status) {
    case 'True':
      return { type: 'Normal', reason: 'Succeeded', message };
    case 'False':
      return { type: 'Warning', reason: 'Failed', message };
    case 'Unknown':
      return last === undefined ? started : { type: 'Normal', reason, message, goesOn: true };
  }
}

function succeeded(status: unknown): Condition | undefined {
  const conditions = field(status, 'conditions');
  return Array.isArray(conditions) ? conditions.find((condition: Condition | null) => condition?.type === 'Succeeded') : undefined;
}

function startTime(status: unknown): unknown {
  return field(status, 'startTime') ?? undefined;
}

function field(status: unknown, name: string): unknown {
  return typeof status === 'object' && status !== null && Object.hasOwn(status, name) ? Reflect.get(status, name) : undefined;
}

function saysTheSame(a: Condition, b: Condition | undefined): boolean {
  return a.status === b?.status && (a.reason ?? '') === (b.reason ?? '') && (a.message ?? '') === (b.message ?? '');
}
