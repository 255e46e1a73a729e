import { Failure, noSuchOverload, type Result } from './failure.ts';
import { type Budget, spendElements, spendString } from './limits.ts';
import { type CelValue, Duration, isList, Timestamp, Uint } from './values.ts';

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z. */
const TIMESTAMP_MIN = -62_135_596_800_000_000_000n;
const TIMESTAMP_MAX = 253_402_300_799_999_999_999n;

function overflow(what: string): Failure {
  return new Failure('Overflow', `${what} overflow`);
}

export function int(value: bigint): bigint | Failure {
  return value >= INT_MIN && value <= INT_MAX ? value : overflow('integer');
}

export function uint(value: bigint): Uint | Failure {
  return value >= 0n && value <= UINT_MAX ? new Uint(value) : overflow('unsigned integer');
}

export function timestamp(nanoseconds: bigint): Timestamp | Failure {
  return nanoseconds >= TIMESTAMP_MIN && nanoseconds <= TIMESTAMP_MAX ? new Timestamp(nanoseconds) : overflow('timestamp');
}

export function duration(nanoseconds: bigint): Duration | Failure {
  return nanoseconds >= INT_MIN && nanoseconds <= INT_MAX ? new Duration(nanoseconds) : overflow('duration');
}

/** Arithmetic never mixes types; even dynamic values of different number types are `no such overload`. */
export function add(a: CelValue, b: CelValue, budget: Budget): Result {
  if (typeof a === 'string') {
    return typeof b === 'string' ? (spendString(budget, a.length + b.length) ?? a + b) : noSuchOverload();
  }
  if (typeof a === 'number') return typeof b === 'number' ? a + b : noSuchOverload();
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a + b) : noSuchOverload();
  if (a instanceof Uint && b instanceof Uint) return uint(a.value + b.value);
  if (isList(a) && isList(b)) return spendElements(budget, a.length + b.length) ?? [...a, ...b];
  if (a instanceof Uint8Array && b instanceof Uint8Array) return spendString(budget, a.length + b.length) ?? concatenate(a, b);
  if (a instanceof Duration && b instanceof Duration) return duration(a.nanoseconds + b.nanoseconds);
  if (a instanceof Timestamp && b instanceof Duration) return timestamp(a.nanoseconds + b.nanoseconds);
  if (a instanceof Duration && b instanceof Timestamp) return timestamp(a.nanoseconds + b.nanoseconds);
  return noSuchOverload();
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

export function subtract(a: CelValue, b: CelValue): Result {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a - b);
  if (a instanceof Uint && b instanceof Uint) return uint(a.value - b.value);
  if (a instanceof Duration && b instanceof Duration) return duration(a.nanoseconds - b.nanoseconds);
  if (a instanceof Timestamp && b instanceof Duration) return timestamp(a.nanoseconds - b.nanoseconds);
  if (a instanceof Timestamp && b instanceof Timestamp) return duration(a.nanoseconds - b.nanoseconds);
  return noSuchOverload();
}

export function multiply(a: CelValue, b: CelValue): Result {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a * b);
  if (a instanceof Uint && b instanceof Uint) return uint(a.value * b.value);
  return noSuchOverload();
}

export function divide(a: CelValue, b: CelValue): Result {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return b === 0n ? byZero('division') : int(a / b);
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? byZero('division') : new Uint(a.value / b.value);
  return noSuchOverload();
}

export function modulo(a: CelValue, b: CelValue): Result {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) return byZero('modulus');
    // Go's runtime cannot represent the quotient; cel-go reports it although the remainder would be 0.
    return a === INT_MIN && b === -1n ? overflow('integer') : a % b;
  }
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? byZero('modulus') : new Uint(a.value % b.value);
  return noSuchOverload();
}

function byZero(what: string): Failure {
  return new Failure('DivisionByZero', `${what} by zero`);
}

export function negate(a: CelValue): Result {
  if (typeof a === 'number') return -a;
  if (typeof a === 'bigint') return int(-a);
  if (a instanceof Duration) return duration(-a.nanoseconds);
  return noSuchOverload();
}

export function not(a: CelValue): Result {
  return typeof a === 'boolean' ? !a : noSuchOverload();
}
