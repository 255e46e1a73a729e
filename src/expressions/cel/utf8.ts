/**
 * Bytes and strings. Upstream's strings are bytes that may be broken UTF-8 (`truncate` can split a character); ours cannot, so a stray
 * byte 0x80 … 0xff is kept as the lone surrogate U+DC80 … U+DCFF, which no valid text contains, and turned back when bytes are asked for.
 */

const STRAY = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const STRAYS = new RegExp(STRAY, 'g');
const encoder = new TextEncoder();

export function isWellFormed(text: string): boolean {
  return !STRAY.test(text);
}

/** With U+FFFD for what is no Unicode. */
export function toWellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(STRAYS, '\ufffd');
}

export function encodeUtf8(text: string): Uint8Array {
  if (isWellFormed(text)) return encoder.encode(text);
  const octets = new Uint8Array(text.length * 3);
  let length = 0;
  const append = (bytes: Uint8Array): void => {
    octets.set(bytes, length);
    length += bytes.length;
  };
  let end = 0;
  for (const { index } of text.matchAll(STRAYS)) {
    append(encoder.encode(text.slice(end, index)));
    const code = text.charCodeAt(index);
    // Other lone surrogates, which JSON payloads may hold, become U+FFFD.
    append(code >= 0xdc80 && code <= 0xdcff ? Uint8Array.of(code - 0xdc00) : encoder.encode(text.charAt(index)));
    end = index + 1;
  }
  append(encoder.encode(text.slice(end)));
  return octets.slice(0, length);
}

/** `undefined` when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first `length` bytes of the text's UTF-8. */
export function truncateUtf8(text: string, length: number): string {
  const bytes = encodeUtf8(text);
  if (length >= bytes.length) return text;
  let whole = length;
  // A continuation byte at the cut means that a character of at most four bytes was split.
  while (whole > 0 && whole > length - 4 && ((bytes[whole] ?? 0) & 0xc0) === 0x80) whole -= 1;
  const head = decodeUtf8(bytes.subarray(0, whole)) ?? '';
  const strays = Array.from(bytes.subarray(whole, length), (octet) => String.fromCharCode(0xdc00 + octet));
  return head + strays.join('');
}
