import { encodeBase64 } from '../../expressions/cel/base64.ts';
import { mapEntries } from '../../expressions/cel/maps.ts';
import { formatDuration, formatTimestamp } from '../../expressions/cel/time-text.ts';
import { type CelValue, Duration, isList, isMap, Timestamp, TypeValue, typeNameOf, Uint } from '../../expressions/cel/values.ts';

export type OverlayValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** Foreign data is shallower than this by the ingress' own cap; an expression can nest it further. */
const maxDepth = 500;

/**
 * An overlay's result as JSON (reference/triggers.md 3.3). At the top only strings, bytes, numbers, booleans, lists and maps; inside lists
 * and maps also null, unsigned integers, times and durations, as protobuf's Struct has them.
 */
export function overlayValue(value: CelValue): OverlayValue {
  if (value === null || value instanceof Uint) return failed(`type conversion error from '${typeNameOf(value)}' to '[]uint8'`);
  if (value instanceof Timestamp) return failed("type conversion error from 'Timestamp' to '[]uint8'");
  if (value instanceof Duration) return failed("type conversion error from 'Duration' to '[]uint8'");
  return convert(value, 0);
}

function convert(value: CelValue, depth: number): OverlayValue {
  if (depth > maxDepth) return failed(`nested deeper than ${maxDepth}`);
  switch (typeof value) {
    case 'string':
      return wellFormed(value) ? done(value) : failed('proto: field google.protobuf.Value.string_value contains invalid UTF-8');
    case 'boolean':
      return done(value);
    case 'number':
      return Number.isFinite(value) ? done(value) : failed(`proto: google.protobuf.Value.number_value: invalid ${nonFinite(value)} value`);
    case 'bigint':
      return done(integer(value));
  }
  if (value === null) return done(null);
  if (value instanceof Uint) return done(integer(value.value));
  if (value instanceof Uint8Array) return done(encodeBase64(value));
  if (value instanceof Timestamp) return done(formatTimestamp(value));
  if (value instanceof Duration) return done(formatDuration(value));
  if (value instanceof TypeValue) return failed("type conversion not supported for 'type'");
  if (isList(value)) return convertList(value, depth);
  return isMap(value) ? convertMap(value, depth) : failed(`type conversion not supported for '${typeNameOf(value)}'`);
}

function convertList(list: readonly CelValue[], depth: number): OverlayValue {
  const elements: unknown[] = [];
  for (const element of list) {
    const converted = convert(element, depth + 1);
    if (!converted.ok) return converted;
    elements.push(converted.value);
  }
  return done(elements);
}

function convertMap(map: CelValue & object, depth: number): OverlayValue {
  const members: [string, unknown][] = [];
  if (!isMap(map)) return failed('not a map');
  for (const [key, member] of mapEntries(map)) {
    if (typeof key !== 'string') return failed(`type conversion error from '${typeNameOf(key)}' to 'string'`);
    const converted = convert(member, depth + 1);
    if (!converted.ok) return converted;
    members.push([key, converted.value]);
  }
  return done(Object.fromEntries(members));
}

/** What a double cannot hold exactly becomes text. */
function integer(value: bigint): number | string {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

function nonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function wellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

function done(value: unknown): OverlayValue {
  return { ok: true, value };
}

function failed(error: string): OverlayValue {
  return { ok: false, error };
}
