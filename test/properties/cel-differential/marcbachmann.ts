import { TypeError as CheckError, Environment, EvaluationError, evaluate, ParseError } from '@marcbachmann/cel-js';
import { commonNotation, notation, type Outcome } from './outcome.ts';
import { type Json, type Variables, withMaps } from './variables.ts';

const environment = new Environment({ homogeneousAggregateLiterals: false })
  .registerVariable('i', 'int')
  .registerVariable('u', 'uint')
  .registerVariable('d', 'double')
  .registerVariable('s', 'string')
  .registerVariable('b', 'bytes')
  .registerVariable('t', 'bool')
  .registerVariable('n', 'null')
  .registerVariable('l', 'list<int>')
  .registerVariable('m', 'map<string, int>')
  .registerVariable('body', 'map<string, dyn>')
  .registerVariable('ts', 'google.protobuf.Timestamp');

// The package does not export its classes.
const UnsignedInt = (evaluate('1u') as object).constructor as new (value: bigint) => { readonly value: bigint };
const DurationValue = (evaluate("duration('1s')") as object).constructor as new () => { readonly seconds: bigint; readonly nanos: number };

/** Codes for what the package has no function or no operator for, although CEL has; and for forms of `has` that it does not parse. */
const UNKNOWN: ReadonlySet<string> = new Set([
  'no_matching_overload',
  'no_such_overload',
  'invalid_macro_argument',
  'unknown_function',
  'unknown_variable',
]);

export function runMarcbachmann(source: string, variables: Variables): Outcome {
  const given = {
    ...variables,
    u: new UnsignedInt(variables.u),
    n: null,
    m: new Map(Object.entries(variables.m)),
    body: withMaps(variables.body as Json),
    ts: new Date('2023-11-14T22:13:20.123Z'),
  };
  try {
    return { kind: 'value', text: write(environment.evaluate(source, given)) };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const evaluated = thrown instanceof EvaluationError && !UNKNOWN.has(thrown.code);
    const static_ = thrown instanceof ParseError || thrown instanceof CheckError;
    return { kind: evaluated && !static_ ? 'error' : 'no opinion', message };
  }
}

function write(value: unknown): string {
  const common = commonNotation(value);
  if (common !== undefined) return common;
  if (value instanceof UnsignedInt) return notation.uint(value.value);
  if (value instanceof Date) return notation.timestamp(BigInt(value.getTime()) * 1_000_000n);
  if (value instanceof DurationValue) return notation.duration(value.seconds * 1_000_000_000n + BigInt(value.nanos));
  if (Array.isArray(value)) return notation.list(value.map(write));
  if (value instanceof Map) return notation.map([...value].map(([key, entry]) => [write(key), write(entry)]));
  if (Object.getPrototypeOf(value) === null || Object.getPrototypeOf(value) === Object.prototype)
    return notation.map(Object.entries(value as object).map(([key, entry]) => [write(key), write(entry)]));
  return notation.type((value as { readonly name: string }).name);
}
