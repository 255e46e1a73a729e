import { compareUtf8 } from '../compare-utf8.ts';
import { compareNumbers } from './equality.ts';
import { type Failure, invalidArgument, noSuchOverload, type Result } from './failure.ts';
import { type Budget, spend, spendRead } from './limits.ts';
import { type CelValue, Duration, Timestamp } from './values.ts';

/** Negative, zero or positive; NaN when a double is NaN; `undefined` when the two have no order. Numbers compare across types. */
export function compare(a: CelValue, b: CelValue): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareUtf8(a, b) : undefined;
  const numeric = compareNumbers(a, b);
  if (numeric !== undefined) return numeric;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return compareBigints(a.nanoseconds, b.nanoseconds);
  if (a instanceof Duration && b instanceof Duration) return compareBigints(a.nanoseconds, b.nanoseconds);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  return undefined;
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Accounts for sorting by these keys, which are compared again and again. */
export function spendSorting(budget: Budget, keys: readonly CelValue[]): Failure | undefined {
  let read = keys.length;
  for (const key of keys) read += lengthToRead(key) >>> 6;
  return spend(budget, read * (Math.ceil(Math.log2(keys.length + 1)) + 1));
}

/** As cel-go says; an error also where the specification has no word on it. */
export function notOrdered(suffix = ''): Failure {
  return invalidArgument(`NaN values cannot be ordered${suffix}`);
}

/** Characters or bytes that comparing may read. */
export function lengthToRead(value: CelValue): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
}

type Test = (order: number) => boolean;

function relation(test: Test) {
  return (a: CelValue, b: CelValue, budget: Budget): Result => {
    const spent = spendRead(budget, Math.min(lengthToRead(a), lengthToRead(b)));
    if (spent) return spent;
    const order = compare(a, b);
    if (order === undefined) return noSuchOverload();
    if (Number.isNaN(order)) return notOrdered();
    return test(order);
  };
}

export const less = relation((order) => order < 0);
export const lessOrEqual = relation((order) => order <= 0);
export const greater = relation((order) => order > 0);
export const greaterOrEqual = relation((order) => order >= 0);
