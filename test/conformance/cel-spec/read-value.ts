import { MixedMap } from '../../../src/expressions/cel/maps.ts';
import { messageTypes } from '../../../src/expressions/cel/protobuf/messages.ts';
import { parseDuration, parseTimestamp } from '../../../src/expressions/cel/time-text.ts';
import { dyn, formatType } from '../../../src/expressions/cel/types.ts';
import { type CelValue, TypeValue, Uint } from '../../../src/expressions/cel/values.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A `cel.expr.Value` in protobuf's JSON form. */
export function readValue(json: Json): CelValue {
  const [kind = '', raw] = Object.entries(json)[0] ?? [];
  switch (kind) {
    case 'int64Value':
      return BigInt(raw as string);
    case 'uint64Value':
      return new Uint(BigInt(raw as string));
    case 'doubleValue':
      return Number(raw);
    case 'stringValue':
    case 'boolValue':
      return raw as string | boolean;
    case 'nullValue':
      return null;
    case 'bytesValue':
      return new Uint8Array(Buffer.from(raw as string, 'base64'));
    case 'typeValue':
      return new TypeValue(raw as string);
    case 'listValue':
      return ((raw as { values?: Json[] }).values ?? []).map(readValue);
    case 'mapValue': {
      const map = new MixedMap();
      for (const entry of (raw as { entries?: { key: Json; value: Json }[] }).entries ?? [])
        map.set(readValue(entry.key), readValue(entry.value));
      return map;
    }
    case 'objectValue':
      return wellKnown(raw as { '@type': string; value: never });
  }
  throw new Error(`unknown value ${JSON.stringify(json)}`);
}

function wellKnown(message: { readonly '@type': string; readonly value: never }): CelValue {
  const type = message['@type'].replace(/^.*google\.protobuf\./, '');
  const { value } = message;
  switch (type) {
    case 'Timestamp':
      return parseTimestamp(value) as CelValue;
    case 'Duration':
      return parseDuration(value) as CelValue;
    case 'Int32Value':
    case 'Int64Value':
      return BigInt(value);
    case 'UInt32Value':
    case 'UInt64Value':
      return new Uint(BigInt(value));
    case 'BytesValue':
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 'FloatValue':
    case 'DoubleValue':
      return Number(value);
    default:
      return value;
  }
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  INT64: 'int',
  UINT64: 'uint',
  DOUBLE: 'double',
  STRING: 'string',
  BYTES: 'bytes',
  BOOL: 'bool',
};

/** A `cel.expr.Type` in the notation of our declarations, which is cel-go's for messages. */
export function readType(json: Json): string {
  const [kind = '', raw] = Object.entries(json)[0] ?? [];
  const inner = raw as Record<string, Json>;
  switch (kind) {
    case 'primitive':
      return PRIMITIVES[raw as string] ?? 'dyn';
    case 'wrapper':
      return `wrapper(${PRIMITIVES[raw as string]})`;
    case 'wellKnown':
      return raw === 'ANY' ? 'dyn' : (raw as string).toLowerCase();
    case 'messageType':
      return formatType(messageTypes.get(raw as string)?.type ?? dyn);
    case 'listType':
      return `list(${readType(inner['elemType'] ?? {})})`;
    case 'mapType':
      return `map(${readType(inner['keyType'] ?? {})}, ${readType(inner['valueType'] ?? {})})`;
    case 'null':
      return 'null';
    case 'type':
      return `type(${readType(raw as Json)})`;
    default:
      return 'dyn';
  }
}
