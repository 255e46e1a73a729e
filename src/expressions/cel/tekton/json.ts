import { invalidArgument, noSuchFunctionOverload, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { type Call, method, type Overload, universal } from '../functions.ts';
import { encodeJson } from '../library/encoders.ts';
import { lengthWithin, spend } from '../limits.ts';
import { type CelValue, isList, isMap, isPlainObject, kindOf, typeNameOf } from '../values.ts';

/** What Go calls the JSON value in `cannot unmarshal … into`. */
function goName(value: CelValue): string {
  return kindOf(value) === 'list' ? 'array' : typeNameOf(value).replace('double', 'number');
}

/** An object, or null which gives an empty one, as Go's decoding into a map does. */
export function objectOrFailure(value: CelValue, text: string, name: string): Result {
  if (value === null) return {};
  if (isPlainObject(value)) return value;
  const problem = `json: cannot unmarshal ${goName(value)} into Go value of type map[string]interface {}`;
  return invalidArgument(`failed to decode '${text}' in ${name}: ${problem}`);
}

function parseJson(text: string, frame: Frame): Result {
  // Each character may become an object, such as in `[{},{}]`.
  const spent = lengthWithin(frame, text.length) ?? spend(frame, 5 + (text.length >>> 2));
  if (spent) return spent;
  try {
    const parsed: unknown = JSON.parse(text);
    return objectOrFailure(parsed as CelValue, text, 'parseJSON');
  } catch (thrown) {
    // Failing is slow.
    const spent = spend(frame, 50);
    if (spent) return spent;
    return invalidArgument(`failed to decode '${text}' in parseJSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

const marshalJson: Call = (given, frame) => {
  const value = given as CelValue;
  return isList(value) || isMap(value) ? encodeJson(value, frame as Frame) : noSuchFunctionOverload('marshalJSON', [value]);
};

function end(name: 'first' | 'last', position: 0 | -1): readonly Overload[] {
  const call: Call = (given) => {
    const value = given as CelValue;
    return isList(value) ? (value.at(position) ?? null) : noSuchFunctionOverload(name, [value]);
  };
  return universal(name, 'method', ['list(A) -> dyn'], call);
}

export const jsonFunctions: readonly Overload[] = [
  method('parseJSON', ['string'], 'map(string, dyn)', parseJson),
  ...universal('marshalJSON', 'method', ['map(A, B) -> string', 'list(A) -> string'], marshalJson),
  ...end('first', 0),
  ...end('last', -1),
];
