import { numberOf } from '../equality.ts';
import { Failure, invalidArgument, type Result } from '../failure.ts';
import { fn, type Overload, universal } from '../functions.ts';
import { compare, notOrdered } from '../ordering.ts';
import { type CelValue, isList, Uint } from '../values.ts';

/** cel-go's math extension. `math.greatest` and `math.least` take any number of arguments: the parser makes `math.@max` and `math.@min` of them. */

const BITS_64 = (1n << 64n) - 1n;

function extreme(name: 'math.@max' | 'math.@min', wins: (order: number) => boolean): readonly Overload[] {
  const pick = (values: readonly CelValue[]): Result => {
    const [first, ...others] = values;
    if (first === undefined) return invalidArgument(`${name}(list) argument must not be empty`);
    let best = first;
    for (const value of values) if (numberOf(value) === undefined) return new Failure('NoSuchOverload', `no such overload: ${name}`);
    for (const value of others) {
      const order = compare(value, best) ?? Number.NaN;
      if (Number.isNaN(order)) return notOrdered(`: ${name}`);
      if (wins(order)) best = value;
    }
    return best;
  };
  const call = (...given: unknown[]): Result => {
    const [first, second] = given as CelValue[];
    if (given.length > 2) return pick([first ?? null, second ?? null]);
    return isList(first ?? null) ? pick(first as readonly CelValue[]) : pick([first ?? null]);
  };
  const numbers = ['int', 'uint', 'double'];
  const pairs = numbers.flatMap((a) => numbers.map((b) => `${a}; ${b} -> ${a === b ? a : 'dyn'}`));
  const lists = numbers.map((type) => `list(${type}) -> ${type}`);
  return universal(name, 'fn', [...numbers.map((type) => `${type} -> ${type}`), ...pairs, ...lists], call);
}

function roundHalfAway(value: number): number {
  const truncated = Math.trunc(value);
  return Math.abs(value - truncated) >= 0.5 ? truncated + Math.sign(value) : truncated;
}

function absolute(value: bigint): Result {
  return value === -(2n ** 63n) ? new Failure('Overflow', 'integer overflow') : value < 0n ? -value : value;
}

function sign(value: bigint): bigint {
  return value > 0n ? 1n : value < 0n ? -1n : 0n;
}

function bits(name: string, apply: (a: bigint, b: bigint) => bigint): readonly Overload[] {
  return [
    fn(name, ['int', 'int'], 'int', (a, b) => BigInt.asIntN(64, apply(a, b))),
    fn(name, ['uint', 'uint'], 'uint', (a, b) => new Uint(apply(a.value, b.value))),
  ];
}

/** Shifts work on the 64 bits, so that a right shift of a negative int brings in zeros. */
function shift(name: string, apply: (a: bigint, by: bigint) => bigint): readonly Overload[] {
  const shifted = (value: bigint, by: bigint): bigint | Failure => {
    if (by < 0n) return invalidArgument(`${name}() negative offset: ${by}`);
    return by > 63n ? 0n : apply(value & BITS_64, by) & BITS_64;
  };
  return [
    fn(name, ['int', 'int'], 'int', (a, by) => {
      const result = shifted(a, by);
      return result instanceof Failure ? result : BigInt.asIntN(64, result);
    }),
    fn(name, ['uint', 'int'], 'uint', (a, by) => {
      const result = shifted(a.value, by);
      return result instanceof Failure ? result : new Uint(result);
    }),
  ];
}

export const math: readonly Overload[] = [
  ...extreme('math.@max', (order) => order > 0),
  ...extreme('math.@min', (order) => order < 0),
  fn('math.ceil', ['double'], 'double', (value) => Math.ceil(value)),
  fn('math.floor', ['double'], 'double', (value) => Math.floor(value)),
  fn('math.round', ['double'], 'double', roundHalfAway),
  fn('math.trunc', ['double'], 'double', (value) => Math.trunc(value)),
  fn('math.abs', ['double'], 'double', (value) => Math.abs(value)),
  fn('math.abs', ['int'], 'int', absolute),
  fn('math.abs', ['uint'], 'uint', (value) => value),
  fn(
    'math.sign',
    ['double'],
    'double', // Zero has no sign here, not even the negative one.
    (value) => Math.sign(value) || (Number.isNaN(value) ? value : 0),
  ),
  fn('math.sign', ['int'], 'int', sign),
  fn('math.sign', ['uint'], 'uint', (value) => new Uint(sign(value.value))),
  fn('math.isInf', ['double'], 'bool', (value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  fn('math.isNaN', ['double'], 'bool', (value) => Number.isNaN(value)),
  fn('math.isFinite', ['double'], 'bool', (value) => Number.isFinite(value)),
  fn('math.sqrt', ['double'], 'double', (value) => Math.sqrt(value)),
  fn('math.sqrt', ['int'], 'double', (value) => Math.sqrt(Number(value))),
  fn('math.sqrt', ['uint'], 'double', (value) => Math.sqrt(Number(value.value))),
  ...bits('math.bitAnd', (a, b) => a & b),
  ...bits('math.bitOr', (a, b) => a | b),
  ...bits('math.bitXor', (a, b) => a ^ b),
  fn('math.bitNot', ['int'], 'int', (value) => ~value),
  fn('math.bitNot', ['uint'], 'uint', (value) => new Uint(~value.value & BITS_64)),
  ...shift('math.bitShiftLeft', (a, by) => a << by),
  ...shift('math.bitShiftRight', (a, by) => a >> by),
];
