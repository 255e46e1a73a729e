/**
 * CEL values as JavaScript values. JSON is used as it is, so that a payload costs nothing to hand over:
 *
 * | CEL            | JavaScript                                                                     |
 * | -------------- | ------------------------------------------------------------------------------ |
 * | double         | number (every JSON number)                                                     |
 * | int            | bigint within int64                                                            |
 * | uint           | `Uint`                                                                         |
 * | string, bool   | string, boolean                                                                |
 * | bytes          | Uint8Array                                                                     |
 * | list           | array                                                                          |
 * | map            | plain object (own keys only), or `Map` with string, boolean, bigint, Uint keys |
 * | timestamp      | `Timestamp`                                                                    |
 * | duration       | `Duration`                                                                     |
 * | type           | `TypeValue`                                                                    |
 * | null           | null                                                                           |
 * | Empty message  | `emptyMessage`                                                                 |
 */
export type CelValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | TypeValue
  | EmptyMessage
  | CelList
  | CelMap;

export type CelList = readonly CelValue[];
export type CelObject = { readonly [key: string]: CelValue };
export type CelMap = CelObject | ReadonlyMap<CelValue, CelValue>;

/** An unsigned 64-bit integer. `value` lies within 0 … 2^64-1. */
export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970-01-01T00:00:00Z; within the years 1 to 9999. */
export class Timestamp {
  readonly nanoseconds: bigint;
  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

/** A signed span in nanoseconds; within int64, as Go's. */
export class Duration {
  readonly nanoseconds: bigint;
  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

/** What `type(x)` gives, and what `int`, `string` … mean when used as values. */
export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** `google.protobuf.Empty{}`: the one message an expression can hold that stands for no other value. There is one instance. */
class EmptyMessage {
  readonly typeName = 'google.protobuf.Empty';
}
export const emptyMessage = new EmptyMessage();

/** The names a value's type can have at run time. */
export type Kind =
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'list'
  | 'map'
  | 'timestamp'
  | 'duration'
  | 'type'
  | 'message';

export function isPlainObject(value: CelValue): value is CelObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isMap(value: CelValue): value is CelMap {
  return isPlainObject(value) || value instanceof Map;
}

export function isList(value: CelValue): value is CelList {
  return Array.isArray(value);
}

export function kindOf(value: CelValue): Kind {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'double';
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Duration) return 'duration';
  if (value instanceof TypeValue) return 'type';
  return value === emptyMessage ? 'message' : 'map';
}

const TYPE_NAMES: Readonly<Record<Kind, string>> = {
  null: 'null_type',
  bool: 'bool',
  int: 'int',
  uint: 'uint',
  double: 'double',
  string: 'string',
  bytes: 'bytes',
  list: 'list',
  map: 'map',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  type: 'type',
  message: 'google.protobuf.Empty',
};

/** The type's name as CEL prints it, e.g. `null_type`, `google.protobuf.Timestamp`. */
export function typeNameOf(value: CelValue): string {
  return TYPE_NAMES[kindOf(value)];
}
