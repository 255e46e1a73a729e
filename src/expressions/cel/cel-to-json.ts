import { Failure } from './failure.ts';
import { type Json, toJsonValue } from './json-value.ts';
import { defaultLimits } from './limits.ts';
import { type CelValue, Duration, Timestamp, TypeValue, Uint } from './values.ts';

export type CelToJson = { readonly ok: true; readonly json: Json } | { readonly ok: false; readonly message: string };

/**
 * The value of a CEL interceptor's overlay as it goes into `extensions`. Upstream refuses what is no JSON type at the top (null, uint,
 * timestamp, duration, type) though it converts the same inside lists and maps. `message` is the inner text; upstream answers it with
 * code Internal (13) after `failed to convert overlay result to type: `.
 */
export function celToJson(value: CelValue): CelToJson {
  const refused = refusedAtTop(value);
  if (refused !== undefined) return { ok: false, message: refused };
  const json = toJsonValue(value, { limits: defaultLimits, steps: 0 });
  return json instanceof Failure ? { ok: false, message: json.message } : { ok: true, json };
}

function refusedAtTop(value: CelValue): string | undefined {
  if (value === null) return "type conversion error from 'null_type' to '[]uint8'";
  if (value instanceof Uint) return "type conversion error from 'uint' to '[]uint8'";
  // Upstream prints Go's type names here, unlike everywhere else.
  if (value instanceof Timestamp) return "type conversion error from 'Timestamp' to '[]uint8'";
  if (value instanceof Duration) return "type conversion error from 'Duration' to '[]uint8'";
  return value instanceof TypeValue ? "type conversion not supported for 'type'" : undefined;
}
