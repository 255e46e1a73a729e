/** Bounds on foreign JSON, checked before anything walks it. */
export interface JsonLimits {
  /** Objects and arrays within each other. */
  readonly maxDepth: number;
  /** Object keys in the whole document. */
  readonly maxKeys: number;
}

/** GitHub's largest payloads nest 9 deep and have a few thousand keys. */
export const defaultJsonLimits: JsonLimits = { maxDepth: 100, maxKeys: 100_000 };

export type JsonScan =
  | { readonly ok: true; readonly keys: number }
  /** `offset` counts bytes from 0. */
  | { readonly ok: false; readonly reason: string; readonly offset: number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const UNDERSCORE = 0x5f;
const DASH = 0x2d;
const PROTO = Buffer.from('__proto__');
/** A number of fewer digits and without an exponent always fits a double. */
const SAFE_NUMBER_LENGTH = 300;

/**
 * One pass over the raw bytes of a JSON document, without building anything: depth, number of keys, dangerous keys, numbers that no
 * double holds. It does not judge the grammar: for text that `JSON.parse` accepts it is exact, for other text it may say `ok`, and
 * `JSON.parse` refuses that afterwards. A string directly before a colon is a key; structure characters are all ASCII, so that bytes of
 * UTF-8 need no decoding.
 */
export function scanJson(bytes: Uint8Array, limits: JsonLimits = defaultJsonLimits): JsonScan {
  const end = bytes.length;
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      const start = at + 1;
      let escaped = false;
      for (at = start; at < end; at++) {
        const inner = bytes[at] as number;
        if (inner === QUOTE) break;
        if (inner === BACKSLASH) {
          escaped = true;
          at++;
        }
      }
      if (at >= end) break;
      let next = at + 1;
      while (next < end && isSpace(bytes[next] as number)) next++;
      if (next < end && bytes[next] === COLON) {
        if (++keys > limits.maxKeys) return { ok: false, reason: `more than ${limits.maxKeys} keys`, offset: start - 1 };
        if ((escaped || (bytes[start] === UNDERSCORE && at - start === PROTO.length)) && isProto(bytes, start, at, escaped)) {
          return { ok: false, reason: 'key "__proto__" is not allowed', offset: start - 1 };
        }
        at = next;
      }
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limits.maxDepth) return { ok: false, reason: `nested deeper than ${limits.maxDepth} levels`, offset: at };
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    } else if (byte === DASH || isDigit(byte)) {
      const start = at;
      let exponent = false;
      for (at++; at < end && isNumberPart(bytes[at] as number); at++) if ((bytes[at] as number) > 0x39) exponent = true;
      if ((exponent || at - start > SAFE_NUMBER_LENGTH) && !fitsDouble(bytes, start, at)) {
        return { ok: false, reason: 'number does not fit a 64-bit float', offset: start };
      }
      at--;
    }
  }
  return { ok: true, keys };
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Digits, `+ - .`, `e`, `E`. */
function isNumberPart(byte: number): boolean {
  return isDigit(byte) || byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === DASH;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

function fitsDouble(bytes: Uint8Array, start: number, end: number): boolean {
  const value = Number(textOf(bytes, start, end));
  return Number.isFinite(value) || Number.isNaN(value);
}

/** A key may hide behind escapes: `"__pro\u0074o__"`. Escapes only lengthen a key, at most to six characters each. */
function isProto(bytes: Uint8Array, start: number, end: number, escaped: boolean): boolean {
  if (!escaped) return PROTO.every((byte, index) => bytes[start + index] === byte);
  if (end - start > PROTO.length * 6) return false;
  try {
    return JSON.parse(`"${textOf(bytes, start, end)}"`) === '__proto__';
  } catch {
    return false;
  }
}
