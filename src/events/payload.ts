import { goJsonType } from '../resources/go-format.ts';
import type { Decoded } from '../triggers/open-event.ts';
import { countKeys, findDuplicateKey } from './duplicate-key.ts';
import { describeJsonError } from './json-error.ts';
import { defaultJsonLimits, type JsonLimits, scanJson } from './scan-json.ts';
import { isPlainJson } from './survey-json.ts';

export type Payload =
  /** An object, or `null`: upstream takes a literal `null` for an event without content. */
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> | null }
  /** `message`: for the sender, with the place. `limits`: whatever it is, it is nothing to be read. */
  | { readonly ok: false; readonly problem: 'no-object' | 'limits'; readonly message: string };

/** The bytes of a body that may be decoded unseen: whatever they hold, it takes no more than some milliseconds and megabytes. */
const SMALL = 256 * 1024;

/**
 * Judges an event's body. Refuses what later code would have to guard against: text that is no JSON object, deep nesting, floods of keys,
 * `__proto__`, repeated keys (two readers of one document must not see different values), numbers beyond a double.
 * The words before the first comma are upstream's (reference/triggers.md 6.1), the space before the colon included.
 *
 * `decode` gives the same whenever it is asked. A small body is decoded first, since nearly every one is in order and that is then soon told;
 * a large one only when the scan has bounded what there is to decode.
 */
export function judgePayload(bytes: Buffer, decode: () => Decoded, limits: JsonLimits = defaultJsonLimits): Payload {
  if (bytes.length === 0) return invalid('no-object', 'unexpected end of JSON input');
  if (bytes.length <= SMALL) {
    const decoded = decode();
    if (decoded.ok && isRecord(decoded.value) && isPlainJson(decoded.value, bytes, limits)) return { ok: true, value: decoded.value };
  }
  const scan = scanJson(bytes, limits);
  if (!scan.ok) return invalid('limits', `${scan.reason}, at byte ${scan.offset}`);
  const decoded = decode();
  if (!decoded.ok) return invalid('no-object', describeJsonError(bytes)?.message ?? 'not JSON');
  const { value } = decoded;
  if (countKeys(value) !== scan.keys) {
    const duplicate = findDuplicateKey(bytes.toString('utf8'));
    return invalid('limits', `duplicate key${duplicate === undefined ? '' : ` ${duplicate.path}, at character ${duplicate.offset}`}`);
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    return invalid('no-object', `json: cannot unmarshal ${goJsonType(value)} into Go value of type map[string]interface {}`);
  }
  return { ok: true, value: value as Readonly<Record<string, unknown>> | null };
}

/** `judgePayload` with a decoder of its own. */
export function parsePayload(bytes: Buffer, limits: JsonLimits = defaultJsonLimits): Payload {
  return judgePayload(bytes, () => decodeJson(bytes.toString('utf8')), limits);
}

function decodeJson(text: string): Decoded {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(problem: 'no-object' | 'limits', reason: string): Payload {
  return { ok: false, problem, message: `Invalid event body format : ${reason}` };
}
