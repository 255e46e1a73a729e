import { duration, timestamp } from '../arithmetic.ts';
import { Failure, invalidArgument, limitExceeded, type Result } from '../failure.ts';
import { type Budget, spend } from '../limits.ts';
import { type CelValue, emptyMessage, Uint } from '../values.ts';
import { readFields, readScalar, readScalars, type Scalar, type ScalarName, type WireField } from './wire.ts';

/** Gives the value of a message of one type from its bytes; `undefined` when they are malformed. */
type Decoder = (bytes: Uint8Array, budget: Budget, depth: number) => Result | undefined;

const NO_BYTES = new Uint8Array();

/** The value packed in a `google.protobuf.Any`: that of a well-known type, the only ones that are known here. Messages are upstream's. */
export function unpackAny(typeUrl: string, value: Uint8Array, budget: Budget, depth = 0): Result {
  const failed = (why: string) => invalidArgument(`anypb.UnmarshalNew() failed for type "${typeUrl}": proto: ${why}`);
  const decode = DECODERS.get(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  if (typeUrl === '' || !decode) return failed(typeUrl === '' ? 'invalid empty type URL' : 'not found');
  // A field takes two bytes or more.
  const spent = spend(budget, value.length >>> 1);
  if (spent) return spent;
  const decoded = decode(value, budget, depth);
  return decoded === undefined ? failed('cannot parse invalid wire-format data') : decoded;
}

function scalarDecoder(scalar: ScalarName, zero: Scalar, make: (value: never) => CelValue): Decoder {
  return (bytes) => {
    const [value] = readScalars(bytes, [scalar], [zero]) ?? [];
    return value === undefined ? undefined : make(value as never);
  };
}

function timeDecoder(make: (nanoseconds: bigint) => Result): Decoder {
  return (bytes) => {
    const [seconds, nanos] = (readScalars(bytes, ['int64', 'int32'], [0n, 0n]) ?? []) as readonly bigint[];
    return seconds === undefined || nanos === undefined ? undefined : make(seconds * 1_000_000_000n + nanos);
  };
}

/** Collects what `decode` makes of the embedded messages of field 1. */
function embedded<T>(bytes: Uint8Array, depth: number, budget: Budget, decode: (message: Uint8Array) => T | Failure | undefined) {
  if (depth > budget.limits.maxDataDepth) return limitExceeded(`value is nested deeper than ${budget.limits.maxDataDepth}`);
  const decoded: T[] = [];
  let failure: Failure | undefined;
  let malformedElement = false;
  const wellFormed = readFields(bytes, (field) => {
    if (failure || malformedElement || field.number !== 1 || field.type !== 'bytes') return;
    const value = decode(field.value as Uint8Array);
    if (value instanceof Failure) failure = value;
    else if (value === undefined) malformedElement = true;
    else decoded.push(value);
  });
  return failure ?? (wellFormed && !malformedElement ? decoded : undefined);
}

const decodeList: Decoder = (bytes, budget, depth) => {
  return embedded<CelValue>(bytes, depth, budget, (element) => decodeJson(element, budget, depth + 1));
};

const decodeStruct: Decoder = (bytes, budget, depth) => {
  const entries = embedded(bytes, depth, budget, (entry): readonly [string, CelValue] | Failure | undefined => {
    const [key, json] = readScalars(entry, ['string', 'bytes'], ['', NO_BYTES]) ?? [];
    const value = json instanceof Uint8Array ? decodeJson(json, budget, depth + 1) : undefined;
    return value === undefined || value instanceof Failure ? value : [String(key), value];
  });
  // fromEntries defines own properties, so that `__proto__` is a key like any other.
  return entries === undefined || entries instanceof Failure ? entries : Object.fromEntries(entries);
};

/** The alternatives of a `google.protobuf.Value` by field number. */
const ALTERNATIVES: readonly {
  readonly type: WireField['type'];
  readonly decode: (field: WireField, ...more: More) => Result | undefined;
}[] = [
  { type: 'varint', decode: () => null },
  { type: 'fixed64', decode: (field) => readScalar(field, 'double') },
  { type: 'bytes', decode: (field) => readScalar(field, 'string') },
  { type: 'varint', decode: (field) => readScalar(field, 'bool') },
  { type: 'bytes', decode: (field, ...more) => decodeStruct(field.value as Uint8Array, ...more) },
  { type: 'bytes', decode: (field, ...more) => decodeList(field.value as Uint8Array, ...more) },
];
type More = [budget: Budget, depth: number];

/** A `google.protobuf.Value`: the last of its alternatives counts, none is null. */
const decodeJson: Decoder = (bytes, budget, depth) => {
  let last: WireField | undefined;
  const wellFormed = readFields(bytes, (field) => {
    if (ALTERNATIVES[field.number - 1]?.type === field.type) last = field;
  });
  if (!wellFormed || !last) return wellFormed ? null : undefined;
  return ALTERNATIVES[last.number - 1]?.decode(last, budget, depth);
};

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['google.protobuf.BoolValue', scalarDecoder('bool', false, (value: boolean) => value)],
  ['google.protobuf.StringValue', scalarDecoder('string', '', (value: string) => value)],
  ['google.protobuf.BytesValue', scalarDecoder('bytes', NO_BYTES, (value: Uint8Array) => value)],
  ['google.protobuf.DoubleValue', scalarDecoder('double', 0, (value: number) => value)],
  ['google.protobuf.FloatValue', scalarDecoder('float', 0, (value: number) => value)],
  ['google.protobuf.Int64Value', scalarDecoder('int64', 0n, (value: bigint) => value)],
  ['google.protobuf.Int32Value', scalarDecoder('int32', 0n, (value: bigint) => value)],
  ['google.protobuf.UInt64Value', scalarDecoder('uint64', 0n, (value: bigint) => new Uint(value))],
  ['google.protobuf.UInt32Value', scalarDecoder('uint32', 0n, (value: bigint) => new Uint(value))],
  ['google.protobuf.Timestamp', timeDecoder(timestamp)],
  ['google.protobuf.Duration', timeDecoder(duration)],
  ['google.protobuf.Empty', (bytes) => (readFields(bytes, () => undefined) ? emptyMessage : undefined)],
  ['google.protobuf.Struct', decodeStruct],
  ['google.protobuf.ListValue', decodeList],
  ['google.protobuf.Value', decodeJson],
  [
    'google.protobuf.Any',
    (bytes, budget, depth) => {
      if (depth > budget.limits.maxDataDepth) return limitExceeded(`value is nested deeper than ${budget.limits.maxDataDepth}`);
      const [url, value] = readScalars(bytes, ['string', 'bytes'], ['', NO_BYTES]) ?? [];
      return url === undefined ? undefined : unpackAny(String(url), value as Uint8Array, budget, depth + 1);
    },
  ],
]);
