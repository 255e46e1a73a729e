import type { Condition } from '../resources/object.ts';
import type { PipelineRun, PipelineRunStatus } from '../resources/pipeline-run/schema.ts';
import type { Verdict } from './condition.ts';

/** RFC 3339 in UTC with whole seconds, as Kubernetes writes times. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

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

/** Whether a status already says all that another says. Parts taken over unchanged are told by identity, so this costs little. */
export function sameStatus(old: PipelineRun['status'], next: PipelineRunStatus): boolean {
  return sameValue(old ?? {}, next);
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((element, index) => sameValue(element, b[index]));
  }
  const left = definedEntries(a);
  const right = new Map(definedEntries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)));
}

function definedEntries(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined);
}
