import { describe, expect, it } from 'vitest';
import { compileCel } from '../compile-cel.ts';
import { tektonTriggersEnvironment } from '../tekton/environment.ts';
import { Duration, emptyMessage, Timestamp, TypeValue, Uint } from '../values.ts';

function evaluate(source: string): unknown {
  const compiled = compileCel(source.replaceAll('pb.', 'google.protobuf.'), tektonTriggersEnvironment);
  if (!compiled.ok) return `${compiled.error.stage}: ${compiled.error.message}`;
  const result = compiled.program.evaluate({ body: {}, header: {}, extensions: {}, requestURL: '' });
  return result.ok ? result.value : result.error.message;
}

describe('well-known types', () => {
  it.each<[string, unknown]>([
    ['pb.Int32Value{value: 1} + 1', 2n],
    ['pb.Int32Value{}', 0n],
    ['pb.Int64Value{value: 9223372036854775807}', 2n ** 63n - 1n],
    ['pb.UInt32Value{value: 1u}', new Uint(1n)],
    ['pb.BoolValue{value: true} && true', true],
    ["pb.StringValue{value: 'a'} + 'b'", 'ab'],
    ["pb.BytesValue{value: b'a'}", Uint8Array.of(0x61)],
    ['pb.FloatValue{value: 0.1}', Math.fround(0.1)],
    ['pb.Timestamp{seconds: 1, nanos: 5}', new Timestamp(1_000_000_005n)],
    ['pb.Duration{seconds: -1, nanos: -5}', new Duration(-1_000_000_005n)],
    ['pb.Duration{seconds: 9223372036854775807}', new Duration(2n ** 63n - 1n)],
    ["pb.Struct{fields: {'a': 1, 'b': b'x', 'c': 9223372036854775807}}", { a: 1, b: 'eA==', c: '9223372036854775807' }],
    ['pb.ListValue{values: [1, 2u, null]}', [1, 2, null]],
    ['pb.Value{number_value: 1.5}', 1.5],
    ['pb.Value{list_value: [1]}', [1]],
    ['pb.Value{null_value: pb.NullValue.NULL_VALUE}', null],
    ['pb.Value{}', null],
    ['pb.Empty{}', emptyMessage],
    ['pb.Empty{} == pb.Empty{}', true],
    ['type(pb.Empty{}) == pb.Empty', true],
    ['type(pb.Empty{})', new TypeValue('google.protobuf.Empty')],
    ['[pb.Empty{}].marshalJSON()', '[{}]'],
    ['pb.NullValue.NULL_VALUE', 0n],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each([
    ['pb.Int32Value{value: 2147483648}', 'field type conversion error for google.protobuf.Int32Value.value value type: integer overflow'],
    [
      'pb.UInt32Value{value: 4294967296u}',
      'field type conversion error for google.protobuf.UInt32Value.value value type: unsigned integer overflow',
    ],
    [
      "pb.Int64Value{value: dyn('x')}",
      "field type conversion error for google.protobuf.Int64Value.value value type: unsupported type conversion from 'string'",
    ],
    [
      'pb.Struct{fields: dyn(1)}',
      "field type conversion error for google.protobuf.Struct.fields value type: unsupported type conversion from 'int'",
    ],
    ['pb.Timestamp{seconds: 9223372036854775807}', 'timestamp overflow'],
    ['pb.Int64Value{value: 1u}', "check: expected type of field 'value' is 'int' but provided type is 'uint'"],
    ['pb.Empty{a: 1}', "check: undefined field 'a'"],
    ['pb.Empty{}.a', "check: undefined field 'a'"],
    ['pb.FieldMask{}', "check: undeclared reference to 'google.protobuf.FieldMask' (in container '')"],
    ['pb.NullValue.OTHER', "check: undeclared reference to 'google' (in container '')"],
    ["'%s'.format([pb.Empty{}])", expect.stringContaining('was given google.protobuf.Empty')],
  ])('refuses %s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });
});

/** A message as a bytes literal. */
function any(type: string, ...octets: readonly number[]): string {
  const value = octets.map((octet) => `\\x${octet.toString(16).padStart(2, '0')}`).join('');
  return `pb.Any{type_url: 'type.googleapis.com/google.protobuf.${type}', value: b'${value}'}`;
}

describe('Any', () => {
  it.each<[string, unknown]>([
    [any('Int32Value', 0x08, 0x96, 0x01), 150n],
    [any('Int64Value', 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), -1n],
    [any('Int64Value'), 0n],
    [any('Int64Value', 0x08, 1, 0x08, 2), 2n],
    [any('Int64Value', 0x12, 1, 0x61, 0x08, 7), 7n],
    [any('UInt64Value', 0x08, 5), new Uint(5n)],
    [any('BoolValue', 0x08, 1), true],
    [any('StringValue', 0x0a, 2, 0xc3, 0xa9), 'é'],
    [any('BytesValue', 0x0a, 1, 0xff), Uint8Array.of(0xff)],
    [any('DoubleValue', 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f), 1.5],
    [any('FloatValue', 0x0d, 0, 0, 0xc0, 0x3f), 1.5],
    [any('Timestamp', 0x08, 1, 0x10, 5), new Timestamp(1_000_000_005n)],
    [any('Duration', 0x08, 2), new Duration(2_000_000_000n)],
    [any('Empty'), emptyMessage],
    [any('Value', 0x08, 0), null],
    [any('Value'), null],
    [any('Value', 0x1a, 1, 0x61), 'a'],
    [any('ListValue', 0x0a, 2, 0x20, 1, 0x0a, 0), [true, null]],
    [any('Struct', 0x0a, 7, 0x0a, 1, 0x61, 0x12, 2, 0x20, 1), { a: true }],
    [
      any('Any', 0x0a, 27, ...new TextEncoder().encode('x/google.protobuf.Int32Value').subarray(0, 27), 0x12, 0),
      expect.stringContaining('not found'),
    ],
    [any('Any', 0x0a, 28, ...new TextEncoder().encode('x/google.protobuf.Int32Value'), 0x12, 2, 0x08, 3), 3n],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each([
    ['pb.Any{}', 'anypb.UnmarshalNew() failed for type "": proto: invalid empty type URL'],
    ["pb.Any{type_url: 'a/b.C'}", 'anypb.UnmarshalNew() failed for type "a/b.C": proto: not found'],
    ['a varint that does not end', any('Int32Value', 0x08, 0x80)],
    ['a varint of more than ten bytes', any('Int64Value', 0x08, ...Array<number>(10).fill(0xff), 1)],
    ['bytes that are not there', any('StringValue', 0x0a, 5, 0x61)],
    ['a length beyond all bounds', any('StringValue', 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)],
    ['a group', any('Int32Value', 0x0b)],
    ['field number 0', any('Int32Value', 0x00, 1)],
    ['text that is not UTF-8', any('StringValue', 0x0a, 1, 0xff)],
    ['a malformed element', any('ListValue', 0x0a, 1, 0x20)],
  ])('refuses %s', (source, given) => {
    const malformed = given.startsWith('pb.Any{');
    expect(evaluate(malformed ? given : source)).toEqual(
      malformed ? expect.stringContaining('cannot parse invalid wire-format data') : given,
    );
  });

  it('bounds nesting', () => {
    let octets: number[] = [];
    for (let level = 0; level < 600; level++) {
      const length = octets.length;
      const list = [0x32, ...varint(length), ...octets];
      octets = [0x0a, ...varint(list.length), ...list];
    }
    expect(evaluate(any('ListValue', ...octets))).toBe('value is nested deeper than 500');
  });
});

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
