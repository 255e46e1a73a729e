import { type Failure, invalidArgument, type Result } from './failure.ts';
import { readType } from './signature.ts';
import type { Type } from './types.ts';
import { type CelValue, Duration, isList, isMap, Timestamp, Uint } from './values.ts';

/** A protobuf message that expressions can build: the well-known types only, as no other protobuf reaches us. */
export interface MessageType {
  readonly type: Type;
  readonly fields: ReadonlyMap<string, Type>;
  /** Given the fields that were set. */
  readonly build: (fields: ReadonlyMap<string, CelValue>) => Result;
}

const NANOSECONDS = 1_000_000_000n;

function message(type: string, fields: Readonly<Record<string, string>>, build: MessageType['build']): MessageType {
  return {
    type: readType(type),
    fields: new Map(Object.entries(fields).map(([name, fieldType]) => [name, readType(fieldType)])),
    build,
  };
}

/** `Int64Value{value: 1}` is 1; without a value it is the primitive's zero. */
function wrapper(primitive: string, zero: CelValue): MessageType {
  return message(`wrapper(${primitive})`, { value: primitive }, (fields) => fields.get('value') ?? zero);
}

function integer(fields: ReadonlyMap<string, CelValue>, name: string): bigint {
  const value = fields.get(name);
  return typeof value === 'bigint' ? value : 0n;
}

function expect(fits: boolean, name: string): Failure | undefined {
  return fits ? undefined : invalidArgument(`unsupported field type in ${name}`);
}

export const messageTypes: ReadonlyMap<string, MessageType> = new Map([
  ['google.protobuf.BoolValue', wrapper('bool', false)],
  ['google.protobuf.StringValue', wrapper('string', '')],
  ['google.protobuf.BytesValue', wrapper('bytes', new Uint8Array())],
  ['google.protobuf.DoubleValue', wrapper('double', 0)],
  [
    'google.protobuf.FloatValue',
    message('wrapper(double)', { value: 'double' }, (fields) => Math.fround(Number(fields.get('value') ?? 0))),
  ],
  ['google.protobuf.Int64Value', wrapper('int', 0n)],
  ['google.protobuf.Int32Value', wrapper('int', 0n)],
  ['google.protobuf.UInt64Value', wrapper('uint', new Uint(0n))],
  ['google.protobuf.UInt32Value', wrapper('uint', new Uint(0n))],
  [
    'google.protobuf.Timestamp',
    message('timestamp', { seconds: 'int', nanos: 'int' }, (fields) => {
      return new Timestamp(integer(fields, 'seconds') * NANOSECONDS + integer(fields, 'nanos'));
    }),
  ],
  [
    'google.protobuf.Duration',
    message('duration', { seconds: 'int', nanos: 'int' }, (fields) => {
      return new Duration(integer(fields, 'seconds') * NANOSECONDS + integer(fields, 'nanos'));
    }),
  ],
  [
    'google.protobuf.Struct',
    message('map(string, dyn)', { fields: 'map(string, dyn)' }, (fields) => {
      const value = fields.get('fields') ?? new Map();
      return expect(isMap(value), 'google.protobuf.Struct') ?? value;
    }),
  ],
  [
    'google.protobuf.ListValue',
    message('list(dyn)', { values: 'list(dyn)' }, (fields) => {
      const value = fields.get('values') ?? [];
      return expect(isList(value), 'google.protobuf.ListValue') ?? value;
    }),
  ],
  [
    'google.protobuf.Value',
    message(
      'dyn',
      {
        null_value: 'dyn',
        number_value: 'double',
        string_value: 'string',
        bool_value: 'bool',
        struct_value: 'map(string, dyn)',
        list_value: 'list(dyn)',
      },
      (fields) => [...fields.values()].at(-1) ?? null,
    ),
  ],
]);
