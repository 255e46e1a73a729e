import { countKeys, findDuplicateKey } from './duplicate-key.ts';
import { describeJsonError } from './json-error.ts';
import { defaultJsonLimits, type JsonLimits, scanJson } from './scan-json.ts';

export type Payload =
  /** An object, or `null`: upstream takes a literal `null` for an event without content. */
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> | null }
  /** Complete sentence for the sender, offset included. */
  | { readonly ok: false; readonly message: string };

/**
 * Reads an event's body. Refuses what later code would have to guard against: text that is no JSON object, deep nesting, floods of keys,
 * `__proto__`, repeated keys (two readers of one document must not see different values), numbers beyond a double.
 * The words before the first comma are upstream's (reference/triggers.md 6.1), the space before the colon included.
 */
export function parsePayload(bytes: Buffer, limits: JsonLimits = defaultJsonLimits): Payload {
  const scan = scanJson(bytes, limits);
  if (!scan.ok) return invalid(`${scan.reason}, at byte ${scan.offset}`);
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const error = describeJsonError(bytes);
    return invalid(error === undefined ? 'not JSON' : error.message);
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    return invalid(`json: cannot unmarshal ${typeName(value)} into Go value of type map[string]interface {}`);
  }
  if (countKeys(value) !== scan.keys) {
    const duplicate = findDuplicateKey(text);
    return invalid(`duplicate key${duplicate === undefined ? '' : ` ${duplicate.path}, at character ${duplicate.offset}`}`);
  }
  return { ok: true, value: value as Readonly<Record<string, unknown>> | null };
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function invalid(reason: string): Payload {
  return { ok: false, message: `Invalid event body format : ${reason}` };
}
