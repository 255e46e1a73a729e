import { codePointCount } from '../code-points.ts';
import { Failure, noSuchOverload, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { type Call, type Overload, type Prepare, universal, withPrepare } from '../functions.ts';
import { spend, spendRead } from '../limits.ts';
import { mapSize } from '../maps.ts';
import { matchingCost, patternOrFailure, spendCompiling } from '../pattern.ts';
import { findFirst, searchCost } from '../text-search.ts';
import { type CelValue, isList, isMap } from '../values.ts';

/** The string functions of the standard library. Given anything else they say `no such overload` without naming it, as upstream. */
function test(name: string, holds: (text: string, part: string, frame: Frame) => Result): readonly Overload[] {
  const call: Call = (text, part, frame) => {
    if (typeof text !== 'string' || typeof part !== 'string') return noSuchOverload();
    return holds(text, part, frame as Frame);
  };
  return universal(name, 'method', ['string; string -> bool'], call);
}

function matches(text: string, pattern: string, frame: Frame): Result {
  const compiled = spendCompiling(frame, pattern) ?? patternOrFailure(pattern);
  return compiled instanceof Failure ? compiled : (spend(frame, matchingCost(text, compiled)) ?? compiled.test(text));
}

const prepareMatches: Prepare = ([, pattern], compiling) => {
  if (typeof pattern !== 'string') return undefined;
  const compiled = spendCompiling(compiling, pattern) ?? patternOrFailure(pattern);
  if (compiled instanceof Failure) return compiled;
  return (text, _pattern, frame) => {
    if (typeof text !== 'string') return noSuchOverload();
    return spend(frame as Frame, matchingCost(text, compiled)) ?? compiled.test(text);
  };
};

const matchesCall: Call = (text, pattern, frame) => {
  return typeof text === 'string' && typeof pattern === 'string' ? matches(text, pattern, frame as Frame) : noSuchOverload();
};

const sizeCall: Call = (given, frame) => {
  const value = given as CelValue;
  if (typeof value === 'string') return spendRead(frame as Frame, value.length) ?? BigInt(codePointCount(value));
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
  return isMap(value) ? BigInt(mapSize(value)) : noSuchOverload();
};

const SIZED = ['string -> int', 'bytes -> int', 'list(A) -> int', 'map(A, B) -> int'];

export const text: readonly Overload[] = [
  test('contains', (value, part, frame) => spend(frame, searchCost(value, part)) ?? findFirst(value, part) >= 0),
  test('startsWith', (value, part, frame) => spendRead(frame, part.length) ?? value.startsWith(part)),
  test('endsWith', (value, part, frame) => spendRead(frame, part.length) ?? value.endsWith(part)),
  withPrepare(universal('matches', 'method', ['string; string -> bool'], matchesCall), prepareMatches),
  withPrepare(universal('matches', 'fn', ['string; string -> bool'], matchesCall), prepareMatches),
  universal('size', 'fn', SIZED, sizeCall),
  universal('size', 'method', SIZED, sizeCall),
].flat();
