import { duration, timestamp } from '../arithmetic.ts';
import { Failure, invalidArgument, type Result } from '../failure.ts';
import { toJsonValue } from '../json-value.ts';
import type { Budget } from '../limits.ts';
import { readType } from '../signature.ts';
import type { Type } from '../types.ts';
import { type CelValue, emptyMessage, isList, isMap, typeNameOf, Uint } from '../values.ts';
import { unpackAny } from './any.ts';

/** A protobuf message that expressions can build: the well-known types only, as no other protobuf reaches us. */
export interface MessageType {
  readonly type: Type;
  readonly fields: ReadonlyMap<string, MessageField>;
  /** The value that stands for the message, given the fields that were set, converted. */
  readonly build: (fields: ReadonlyMap<string, CelValue>, budget: Budget) => Result;
}

export interface MessageField {
  readonly type: Type;
  /** The value as the field holds it; `undefined` for one that it cannot hold. */
  readonly convert: (value: CelValue, budget: Budget) => Result | undefined;
}

/** The value of a message of this type; failures in cel-go's words. */
export function buildMessage(name: string, message: MessageType, given: readonly (readonly [string, CelValue])[], budget: Budget): Result {
  const fields = new Map<string, CelValue>();
  for (const [fieldName, value] of given) {
    const field = message.fields.get(fieldName);
    if (!field) return invalidArgument(`no such field: ${fieldName}`);
    const converted = field.convert(value, budget) ?? invalidArgument(`unsupported type conversion from '${typeNameOf(value)}'`);
    if (!(converted instanceof Failure)) fields.set(fieldName, converted);
    else if (converted.fatal) return converted;
    else return new Failure(converted.code, `field type conversion error for ${name}.${fieldName} value type: ${converted.message}`);
  }
  return message.build(fields, budget);
}

function inRange(value: bigint, min: bigint, max: bigint, kind: string): bigint | Failure {
  return value >= min && value <= max ? value : new Failure('Overflow', `${kind} overflow`);
}

const CONVERSIONS: Readonly<Record<string, { readonly type: string; readonly convert: MessageField['convert'] }>> = {
  bool: { type: 'bool', convert: (value) => (typeof value === 'boolean' ? value : undefined) },
  string: { type: 'string', convert: (value) => (typeof value === 'string' ? value : undefined) },
  bytes: { type: 'bytes', convert: (value) => (value instanceof Uint8Array ? value : undefined) },
  double: { type: 'double', convert: (value) => (typeof value === 'number' ? value : undefined) },
  float: { type: 'double', convert: (value) => (typeof value === 'number' ? Math.fround(value) : undefined) },
  int64: { type: 'int', convert: (value) => (typeof value === 'bigint' ? value : undefined) },
  // Enum values are ints of 32 bits too.
  int32: {
    type: 'int',
    convert: (value) => (typeof value === 'bigint' ? inRange(value, -(2n ** 31n), 2n ** 31n - 1n, 'integer') : undefined),
  },
  uint64: { type: 'uint', convert: (value) => (value instanceof Uint ? value : undefined) },
  uint32: {
    type: 'uint',
    convert: (value) => {
      const narrow = value instanceof Uint ? inRange(value.value, 0n, 2n ** 32n - 1n, 'unsigned integer') : undefined;
      return typeof narrow === 'bigint' ? new Uint(narrow) : narrow;
    },
  },
  // What JSON cannot hold as it is becomes what protobuf's JSON mapping makes of it: ints are doubles afterwards, bytes base64.
  struct: { type: 'map(string, dyn)', convert: (value, budget) => (isMap(value) ? toJsonValue(value, budget) : undefined) },
  list: { type: 'list(dyn)', convert: (value, budget) => (isList(value) ? toJsonValue(value, budget) : undefined) },
};

function message(type: string | Type, fields: Readonly<Record<string, string>>, build: MessageType['build']): MessageType {
  const entries = Object.entries(fields).map(([name, kind]) => {
    const conversion = CONVERSIONS[kind];
    if (!conversion) throw new Error(`field ${name}: there is no kind ${kind}`);
    return [name, { type: readType(conversion.type), convert: conversion.convert }] as const;
  });
  return { type: typeof type === 'string' ? readType(type) : type, fields: new Map(entries), build };
}

/** `Int64Value{value: 1}` is 1; without a value it is the primitive's zero. */
function wrapper(primitive: string, kind: string, zero: CelValue): MessageType {
  return message(`wrapper(${primitive})`, { value: kind }, (fields) => fields.get('value') ?? zero);
}

const NANOSECONDS = 1_000_000_000n;

function nanosecondsOf(fields: ReadonlyMap<string, CelValue>): bigint {
  const [seconds, nanos] = ['seconds', 'nanos'].map((name) => fields.get(name) ?? 0n) as [bigint, bigint];
  return seconds * NANOSECONDS + nanos;
}

/** Out of range it is the nearest that is within, as Go's `AsDuration`. */
function saturated(nanoseconds: bigint): Result {
  const result = duration(nanoseconds);
  return result instanceof Failure ? duration(nanoseconds < 0n ? -(2n ** 63n) : 2n ** 63n - 1n) : result;
}

/** The JSON value that was set; the kind alone says null. */
function jsonOf(fields: ReadonlyMap<string, CelValue>): CelValue {
  const [kind, value] = [...fields].at(-1) ?? [];
  return kind === undefined || kind === 'null_value' ? null : (value ?? null);
}

export const messageTypes: ReadonlyMap<string, MessageType> = new Map<string, MessageType>([
  ['google.protobuf.BoolValue', wrapper('bool', 'bool', false)],
  ['google.protobuf.StringValue', wrapper('string', 'string', '')],
  ['google.protobuf.BytesValue', wrapper('bytes', 'bytes', new Uint8Array())],
  ['google.protobuf.DoubleValue', wrapper('double', 'double', 0)],
  ['google.protobuf.FloatValue', wrapper('double', 'float', 0)],
  ['google.protobuf.Int64Value', wrapper('int', 'int64', 0n)],
  ['google.protobuf.Int32Value', wrapper('int', 'int32', 0n)],
  ['google.protobuf.UInt64Value', wrapper('uint', 'uint64', new Uint(0n))],
  ['google.protobuf.UInt32Value', wrapper('uint', 'uint32', new Uint(0n))],
  ['google.protobuf.Timestamp', message('timestamp', { seconds: 'int64', nanos: 'int32' }, (fields) => timestamp(nanosecondsOf(fields)))],
  ['google.protobuf.Duration', message('duration', { seconds: 'int64', nanos: 'int32' }, (fields) => saturated(nanosecondsOf(fields)))],
  ['google.protobuf.Struct', message('map(string, dyn)', { fields: 'struct' }, (fields) => fields.get('fields') ?? {})],
  ['google.protobuf.ListValue', message('list(dyn)', { values: 'list' }, (fields) => fields.get('values') ?? [])],
  [
    'google.protobuf.Value',
    message(
      'dyn',
      {
        null_value: 'int32',
        number_value: 'double',
        string_value: 'string',
        bool_value: 'bool',
        struct_value: 'struct',
        list_value: 'list',
      },
      jsonOf,
    ),
  ],
  ['google.protobuf.Empty', message({ kind: 'message', name: 'google.protobuf.Empty' }, {}, () => emptyMessage)],
  [
    'google.protobuf.Any',
    message('dyn', { type_url: 'string', value: 'bytes' }, (fields, budget) => {
      const [url, value] = [fields.get('type_url') ?? '', fields.get('value') ?? new Uint8Array()] as [string, Uint8Array];
      return unpackAny(url, value, budget);
    }),
  ],
]);
