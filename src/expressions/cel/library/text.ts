import { codePointCount } from '../code-points.ts';
import { Failure, noSuchOverload, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { type Call, type Overload, type Prepare, universal, withPrepare } from '../functions.ts';
import { spend } from '../limits.ts';
import { mapSize } from '../maps.ts';
import { patternOrFailure } from '../pattern.ts';
import { type CelValue, isList, isMap } from '../values.ts';

/** The string functions of the standard library. Given anything else they say `no such overload` without naming it, as upstream. */
function test(name: string, holds: (text: string, part: string, frame: Frame) => Result): readonly Overload[] {
  const call: Call = (text, part, frame) => {
    if (typeof text !== 'string' || typeof part !== 'string') return noSuchOverload();
    return spend(frame as Frame, text.length >>> 6) ?? holds(text, part, frame as Frame);
  };
  return universal(name, 'method', ['string; string -> bool'], call);
}

function matches(text: string, pattern: string, frame: Frame): Result {
  const compiled = patternOrFailure(pattern);
  return compiled instanceof Failure ? compiled : (spend(frame, matchingCost(text, pattern)) ?? compiled.test(text));
}

/** Time is bounded by the product of both lengths; the usual case is far below, so that only long texts are charged for it. */
export function matchingCost(text: string, pattern: string): number {
  return (text.length * pattern.length) >>> 12;
}

const prepareMatches: Prepare = ([, pattern]) => {
  if (typeof pattern !== 'string') return undefined;
  const compiled = patternOrFailure(pattern);
  if (compiled instanceof Failure) return compiled;
  return (text, _pattern, frame) => {
    if (typeof text !== 'string') return noSuchOverload();
    return spend(frame as Frame, matchingCost(text, pattern)) ?? compiled.test(text);
  };
};

const matchesCall: Call = (text, pattern, frame) => {
  return typeof text === 'string' && typeof pattern === 'string' ? matches(text, pattern, frame as Frame) : noSuchOverload();
};

const sizeCall: Call = (given, frame) => {
  const value = given as CelValue;
  if (typeof value === 'string') return spend(frame as Frame, value.length >>> 6) ?? BigInt(codePointCount(value));
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
  return isMap(value) ? BigInt(mapSize(value)) : noSuchOverload();
};

const SIZED = ['string -> int', 'bytes -> int', 'list(A) -> int', 'map(A, B) -> int'];

export const text: readonly Overload[] = [
  test('contains', (value, part) => value.includes(part)),
  test('startsWith', (value, part) => value.startsWith(part)),
  test('endsWith', (value, part) => value.endsWith(part)),
  withPrepare(universal('matches', 'method', ['string; string -> bool'], matchesCall), prepareMatches),
  withPrepare(universal('matches', 'fn', ['string; string -> bool'], matchesCall), prepareMatches),
  universal('size', 'fn', SIZED, sizeCall),
  universal('size', 'method', SIZED, sizeCall),
].flat();
