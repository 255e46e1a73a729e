import { sameValue } from '../../src/resources/same-value.ts';

/** The merge patch (RFC 7386) that makes `after` of `before`. Neither may hold `null`. */
export function mergeDiff(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(before)) if (after[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    if (value !== undefined && !sameValue(before[key], value)) patch[key] = mergeDiff(before[key], value);
  }
  return patch;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
