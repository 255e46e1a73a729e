import { StoreError } from '../../ports/store.ts';

/** Deeper than any resource; shallow enough that no recursion over a stored object nears the end of the stack. */
const MAX_DEPTH = 200;

/**
 * What the store keeps of a value it is given: a deeply frozen copy of its JSON form, so that neither side can change the other's.
 *
 * Where `next` says the same as `current` (order of keys apart), `current` itself comes back, at every level: a write that changes nothing
 * is `settle(next, current) === current`, and versions of an object share what they have in common. `current` must be settled.
 *
 * Absent and `undefined` are the same. Throws `StoreError` `Invalid` for what JSON cannot hold.
 */
export function settle<T>(next: T, current?: unknown): T {
  return settleValue(next, current, []) as T;
}

function settleValue(next: unknown, current: unknown, path: string[]): unknown {
  if (typeof next === 'object' && next !== null) {
    if (next === current) return current;
    if (path.length >= MAX_DEPTH) throw invalid(path, `nested deeper than ${MAX_DEPTH} levels`);
    return Array.isArray(next) ? settleArray(next, current, path) : settleRecord(next, current, path);
  }
  switch (typeof next) {
    case 'number':
      if (!Number.isFinite(next)) throw invalid(path, `${next} is not a number JSON can hold`);
      return next === 0 ? 0 : next;
    case 'bigint':
    case 'symbol':
    case 'function':
      throw invalid(path, `a ${typeof next} cannot be stored`);
    default:
      return next;
  }
}

function settleArray(next: readonly unknown[], current: unknown, path: string[]): unknown {
  const before: readonly unknown[] | undefined = Array.isArray(current) ? current : undefined;
  let same = before?.length === next.length;
  const copy: unknown[] = new Array(next.length);
  for (let i = 0; i < next.length; i++) {
    path.push(String(i));
    const value = settleValue(next[i] ?? null, before?.[i], path);
    path.pop();
    copy[i] = value;
    if (same && value !== before?.[i]) same = false;
  }
  return same ? current : Object.freeze(copy);
}

function settleRecord(next: object, current: unknown, path: string[]): unknown {
  const prototype: unknown = Object.getPrototypeOf(next);
  // A prototype without a prototype is some realm's Object.prototype; anything else is a class, a Map, a Date, a Buffer.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw invalid(path, `a ${next.constructor?.name ?? 'object'} cannot be stored`);
  const before =
    typeof current === 'object' && current !== null && !Array.isArray(current) ? (current as Record<string, unknown>) : undefined;
  let same = before !== undefined;
  let size = 0;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(next)) {
    const raw = (next as Record<string, unknown>)[key];
    if (raw === undefined) continue;
    const old = before !== undefined && Object.hasOwn(before, key) ? before[key] : undefined;
    path.push(key);
    const value = settleValue(raw, old, path);
    path.pop();
    // Plain assignment would set the prototype; keys come from strangers' payloads.
    if (key === '__proto__') Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
    else copy[key] = value;
    size++;
    if (same && value !== old) same = false;
  }
  return same && before !== undefined && Object.keys(before).length === size ? current : Object.freeze(copy);
}

function invalid(path: readonly string[], why: string): StoreError {
  const shown = path.length > 12 ? [...path.slice(0, 12), '…'] : path;
  return new StoreError('Invalid', `${shown.length === 0 ? 'object' : shown.join('.')}: ${why}`);
}
