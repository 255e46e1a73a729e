import { encodeBase64 } from './base64.ts';
import { Failure, invalidArgument, limitExceeded } from './failure.ts';
import { type Budget, spend, spendRead, spendString } from './limits.ts';
import { mapEntries } from './maps.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { isWellFormed } from './utf8.ts';
import { type CelMap, type CelValue, Duration, emptyMessage, isList, isMap, Timestamp, typeNameOf, Uint } from './values.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Beyond this magnitude protobuf's JSON mapping writes integers as strings. */
const LARGEST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * A value as protobuf's JSON mapping (`google.protobuf.Value`) has it: ints as numbers or, beyond 2^53-1, decimal strings; timestamps in
 * RFC 3339; durations as `1.5s`; bytes as base64. Failures carry upstream's texts.
 */
export function toJsonValue(value: CelValue, budget: Budget, depth = 0): Json | Failure {
  const spent = spend(budget, 1);
  if (spent) return spent;
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return (
        spendRead(budget, value.length) ??
        (isWellFormed(value) ? value : invalidArgument('proto: field google.protobuf.Value.string_value contains invalid UTF-8'))
      );
    case 'number':
      return finite(value);
    case 'bigint':
      return integer(value);
  }
  if (value === null) return null;
  if (value instanceof Uint) return integer(value.value);
  if (value instanceof Uint8Array) return spendString(budget, value.length * 2) ?? encodeBase64(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (depth > budget.limits.maxDataDepth) return limitExceeded(`value is nested deeper than ${budget.limits.maxDataDepth}`);
  if (isList(value)) return listToJson(value, budget, depth);
  if (value === emptyMessage) return {};
  return isMap(value) ? mapToJson(value, budget, depth) : invalidArgument(`type conversion not supported for '${typeNameOf(value)}'`);
}

function finite(value: number): number | Failure {
  if (Number.isFinite(value)) return value;
  const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  return invalidArgument(`proto: google.protobuf.Value.number_value: invalid ${text} value`);
}

function integer(value: bigint): number | string {
  return value >= -LARGEST_EXACT && value <= LARGEST_EXACT ? Number(value) : String(value);
}

function listToJson(list: readonly CelValue[], budget: Budget, depth: number): Json | Failure {
  const json: Json[] = [];
  for (const element of list) {
    const converted = toJsonValue(element, budget, depth + 1);
    if (converted instanceof Failure) return converted;
    json.push(converted);
  }
  return json;
}

function mapToJson(map: CelMap, budget: Budget, depth: number): Json | Failure {
  const entries: [string, Json][] = [];
  for (const [key, value] of mapEntries(map)) {
    const spent = spend(budget, 2);
    if (spent) return spent;
    if (typeof key !== 'string') return invalidArgument(`unsupported type conversion: '${typeNameOf(key)}' to string`);
    const converted = toJsonValue(value, budget, depth + 1);
    if (converted instanceof Failure) return converted;
    entries.push([key, converted]);
  }
  // fromEntries defines own properties, so that `__proto__` is a key like any other.
  return Object.fromEntries(entries);
}
