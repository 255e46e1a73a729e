import { Failure, limitExceeded } from './failure.ts';
import { type Budget, spend, spendRead } from './limits.ts';
import { findKey, mapEntries, mapSize } from './maps.ts';
import { type CelValue, Duration, isList, isMap, Timestamp, TypeValue, Uint } from './values.ts';

/**
 * CEL equality: numbers by value across int, uint and double; NaN equals nothing; other values of different types are unequal, not an
 * error. Fails only when the budget is used up or the data is nested too deep.
 */
export function equals(a: CelValue, b: CelValue, budget: Budget): boolean | Failure {
  if (typeof a === 'string' && typeof b === 'string') return equalTexts(a, b, budget);
  if (typeof a !== 'object' && typeof b !== 'object') return a === b || (typeof a !== typeof b && equalNumbers(a, b));
  return equalsDeep(a, b, budget, 0);
}

/** Texts of the same length are read to their end when they are equal. */
function equalTexts(a: string, b: string, budget: Budget): boolean | Failure {
  if (a.length !== b.length) return false;
  return (a.length > 64 ? spendRead(budget, a.length) : undefined) ?? a === b;
}

function equalNumbers(a: CelValue, b: CelValue): boolean {
  return compareNumbers(a, b) === 0;
}

/**
 * The order of two numbers of any types; NaN when one is, `undefined` when one is no number. An integer meets a double as a double, as
 * in cel-go, so that the largest int equals 2^63.
 */
export function compareNumbers(a: CelValue, b: CelValue): number | undefined {
  const left = numberOf(a);
  const right = numberOf(b);
  if (left === undefined || right === undefined) return undefined;
  if (typeof left === typeof right) return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN;
  return Number(left) - Number(right);
}

export function numberOf(value: CelValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Uint ? value.value : undefined;
}

function equalsDeep(a: CelValue, b: CelValue, budget: Budget, depth: number): boolean | Failure {
  const spent = spend(budget, 1);
  if (spent) return spent;
  if (typeof a === 'string' && typeof b === 'string') return equalTexts(a, b, budget);
  if (a === b) return typeof a !== 'object' || a === null || !(isList(a) || isMap(a)) || equalsContainer(a, b, budget, depth);
  if (a === null || b === null) return false;
  if (a instanceof Uint || b instanceof Uint) return equalNumbers(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanoseconds === b.nanoseconds;
  if (a instanceof Duration) return b instanceof Duration && a.nanoseconds === b.nanoseconds;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b, budget);
  if (typeof a !== 'object' || typeof b !== 'object') return equalNumbers(a, b);
  return equalsContainer(a, b, budget, depth);
}

function equalsContainer(a: CelValue, b: CelValue, budget: Budget, depth: number): boolean | Failure {
  if (depth > budget.limits.maxDataDepth) return limitExceeded(`value is nested deeper than ${budget.limits.maxDataDepth}`);
  if (isList(a)) {
    if (!isList(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) {
      const same = equalsDeep(a[index] ?? null, b[index] ?? null, budget, depth + 1);
      if (same !== true) return same;
    }
    return true;
  }
  if (!isMap(a) || !isMap(b) || mapSize(a) !== mapSize(b)) return false;
  for (const [key, value] of mapEntries(a)) {
    const spent = spend(budget, 2 + (typeof key === 'string' ? key.length >>> 6 : 0));
    if (spent) return spent;
    const other = findKey(b, key);
    if (other === undefined) return false;
    const same = equalsDeep(value, other, budget, depth + 1);
    if (same !== true) return same;
  }
  return true;
}

function equalBytes(a: Uint8Array, b: Uint8Array, budget: Budget): boolean | Failure {
  if (a.length !== b.length) return false;
  const spent = spendRead(budget, a.length);
  if (spent) return spent;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Whether `list` has an element equal to `value`. */
export function includes(list: readonly CelValue[], value: CelValue, budget: Budget): boolean | Failure {
  const spent = spend(budget, list.length);
  if (spent) return spent;
  for (const element of list) {
    const same = equals(element, value, budget);
    if (same instanceof Failure) return same;
    if (same) return true;
  }
  return false;
}
