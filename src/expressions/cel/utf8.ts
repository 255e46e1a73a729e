/**
 * Bytes and strings. Upstream's strings are bytes that may be broken UTF-8 (`truncate` can split a character); ours cannot, so a stray
 * byte 0x80 … 0xff is kept as the lone surrogate U+DC80 … U+DCFF, which no valid text contains, and turned back when bytes are asked for.
 */

const STRAY = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export function isWellFormed(text: string): boolean {
  return !STRAY.test(text);
}

/** With U+FFFD for what is no Unicode. */
export function toWellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(new RegExp(STRAY, 'g'), '\ufffd');
}

export function encodeUtf8(text: string): Uint8Array {
  if (isWellFormed(text)) return new TextEncoder().encode(text);
  const octets: number[] = [];
  for (const point of text) {
    const code = point.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) octets.push(code - 0xdc00);
    else for (const octet of new TextEncoder().encode(point)) octets.push(octet);
  }
  return Uint8Array.from(octets);
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
