import { compareNumbers } from './equality.ts';
import { type Failure, invalidArgument, noSuchOverload, type Result } from './failure.ts';
import { type Budget, spend } from './limits.ts';
import { type CelValue, Duration, Timestamp } from './values.ts';

/** Negative, zero or positive; NaN when a double is NaN; `undefined` when the two have no order. Numbers compare across types. */
export function compare(a: CelValue, b: CelValue): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareStrings(a, b) : undefined;
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

/** By code point, as CEL (and UTF-8) order strings; JavaScript's own order differs between surrogates and U+E000 … U+FFFF. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** As cel-go says; an error also where the specification has no word on it. */
export function notOrdered(suffix = ''): Failure {
  return invalidArgument(`NaN values cannot be ordered${suffix}`);
}

type Test = (order: number) => boolean;

function relation(test: Test) {
  return (a: CelValue, b: CelValue, budget: Budget): Result => {
    const order = compare(a, b);
    if (order === undefined) return noSuchOverload();
    if (Number.isNaN(order)) return notOrdered();
    return (typeof a === 'string' ? spend(budget, a.length >>> 6) : undefined) ?? test(order);
  };
}

export const less = relation((order) => order < 0);
export const lessOrEqual = relation((order) => order <= 0);
export const greater = relation((order) => order > 0);
export const greaterOrEqual = relation((order) => order >= 0);
