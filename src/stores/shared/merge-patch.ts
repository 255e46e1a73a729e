/**
 * JSON merge patch (RFC 7386): null removes, objects merge, anything else replaces. Neither argument is changed.
 * Recursion is bounded: it goes no deeper than the target, which is settled, and copies what it adds without looking inside,
 * but for nulls in added objects, which the RFC drops.
 */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isRecord(patch) || depth > 200) return patch;
  const base = isRecord(target) ? target : {};
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else if (value !== undefined) merged.set(key, mergePatch(merged.get(key), value, depth + 1));
  }
  // Unlike assignment, fromEntries makes an own property of the key `__proto__`.
  return Object.fromEntries(merged);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
