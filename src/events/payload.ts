import type { Decoded } from '../triggers/open-event.ts';
import { countKeys, findDuplicateKey } from './duplicate-key.ts';
import { describeJsonError } from './json-error.ts';
import { defaultJsonLimits, type JsonLimits, scanJson } from './scan-json.ts';

export type Payload =
  /** An object, or `null`: upstream takes a literal `null` for an event without content. */
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> | null }
  /** `message`: for the sender, with the place. `limits`: whatever it is, it is nothing to be read. */
  | { readonly ok: false; readonly problem: 'no-object' | 'limits'; readonly message: string };

/**
 * Judges an event's body. Refuses what later code would have to guard against: text that is no JSON object, deep nesting, floods of keys,
 * `__proto__`, repeated keys (two readers of one document must not see different values), numbers beyond a double.
 * The words before the first comma are upstream's (reference/triggers.md 6.1), the space before the colon included.
 * `decode` is called once, after the scan has bounded what it will meet.
 */
export function judgePayload(bytes: Buffer, decode: () => Decoded, limits: JsonLimits = defaultJsonLimits): Payload {
  if (bytes.length === 0) return invalid('no-object', 'unexpected end of JSON input');
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
    return invalid('no-object', `json: cannot unmarshal ${typeName(value)} into Go value of type map[string]interface {}`);
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

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function invalid(problem: 'no-object' | 'limits', reason: string): Payload {
  return { ok: false, problem, message: `Invalid event body format : ${reason}` };
}
