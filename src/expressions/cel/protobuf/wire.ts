import { decodeUtf8 } from '../utf8.ts';

/** One field as it stands in a protobuf message: a varint, or the bytes of a fixed-width or length-delimited value. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
  readonly type: WireType;
}

export type WireType = 'varint' | 'fixed64' | 'bytes' | 'fixed32';

const WIRE_TYPES: readonly (WireType | undefined)[] = ['varint', 'fixed64', 'bytes', undefined, undefined, 'fixed32'];
const WIDTHS = { fixed64: 8, fixed32: 4 } as const;

/**
 * Shows every field in order, without keeping any. False when the bytes are no protobuf message; groups, long deprecated, are none.
 */
export function readFields(bytes: Uint8Array, visit: (field: WireField) => void): boolean {
  const cursor = { bytes, offset: 0 };
  while (cursor.offset < bytes.length) {
    const tag = readVarint(cursor);
    const type = tag === undefined ? undefined : WIRE_TYPES[Number(tag & 7n)];
    if (tag === undefined || type === undefined || tag >> 3n === 0n || tag >= 1n << 32n) return false;
    const value = type === 'varint' ? readVarint(cursor) : readBytes(cursor, type);
    if (value === undefined) return false;
    visit({ number: Number(tag >> 3n), type, value });
  }
  return true;
}

interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
}

function readVarint(cursor: Cursor): bigint | undefined {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const octet = cursor.bytes[cursor.offset++];
    if (octet === undefined) return undefined;
    value |= BigInt(octet & 0x7f) << shift;
    if (octet < 0x80) return BigInt.asUintN(64, value);
  }
  return undefined;
}

function readBytes(cursor: Cursor, type: 'fixed64' | 'bytes' | 'fixed32'): Uint8Array | undefined {
  const width = type === 'bytes' ? readVarint(cursor) : BigInt(WIDTHS[type]);
  if (width === undefined || width > BigInt(cursor.bytes.length - cursor.offset)) return undefined;
  const start = cursor.offset;
  cursor.offset += Number(width);
  // No copy: messages in messages would be copied once for each level.
  return cursor.bytes.subarray(start, cursor.offset);
}

export type ScalarName = 'int32' | 'int64' | 'uint32' | 'uint64' | 'bool' | 'double' | 'float' | 'string' | 'bytes';
export type Scalar = bigint | boolean | number | string | Uint8Array;

const SCALARS: Readonly<Record<ScalarName, { readonly type: WireType; readonly read: (value: never) => Scalar | undefined }>> = {
  int32: { type: 'varint', read: (value: bigint) => BigInt.asIntN(32, value) },
  int64: { type: 'varint', read: (value: bigint) => BigInt.asIntN(64, value) },
  uint32: { type: 'varint', read: (value: bigint) => BigInt.asUintN(32, value) },
  uint64: { type: 'varint', read: (value: bigint) => value },
  bool: { type: 'varint', read: (value: bigint) => value !== 0n },
  double: { type: 'fixed64', read: (value: Uint8Array) => viewOf(value).getFloat64(0, true) },
  float: { type: 'fixed32', read: (value: Uint8Array) => viewOf(value).getFloat32(0, true) },
  string: { type: 'bytes', read: (value: Uint8Array) => decodeUtf8(value) },
  bytes: { type: 'bytes', read: (value: Uint8Array) => value },
};

/** The last value of each field, numbered from 1, or what is given for absent ones; `undefined` when the bytes are malformed. */
export function readScalars(bytes: Uint8Array, wanted: readonly ScalarName[], zeros: readonly Scalar[]): readonly Scalar[] | undefined {
  const values: (Scalar | undefined)[] = [...zeros];
  const wellFormed = readFields(bytes, (field) => {
    const scalar = wanted[field.number - 1];
    // A field of another wire type is an unknown one.
    if (scalar !== undefined && field.type === SCALARS[scalar].type) values[field.number - 1] = readScalar(field, scalar);
  });
  return wellFormed && values.every((value) => value !== undefined) ? values : undefined;
}

/** Of a field with the scalar's wire type. `undefined` for text that is not UTF-8. */
export function readScalar(field: WireField, scalar: ScalarName): Scalar | undefined {
  return SCALARS[scalar].read(field.value as never);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
