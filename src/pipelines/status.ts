import type { Condition } from '../resources/object.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { Verdict } from './condition.ts';

/** Milliseconds since the epoch; `undefined` for no or no valid time. */
export function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** The conditions with `Succeeded` as the verdict says. Its time changes only when it says something else than before. */
export function withVerdict(conditions: readonly Condition[] | undefined, verdict: Verdict, now: number): Condition[] {
  const old = conditions?.find((condition) => condition.type === 'Succeeded');
  const same = old !== undefined && old.status === verdict.status && old.reason === verdict.reason && old.message === verdict.message;
  const current: Condition = same ? old : { type: 'Succeeded', ...verdict, lastTransitionTime: timestamp(now) };
  return [...(conditions ?? []).filter((condition) => condition !== old), current];
}
