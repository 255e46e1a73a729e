import { type Failure, invalidArgument } from './failure.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = '='.charCodeAt(0);
/** Value of each character by its code, 255 for those that are no digit. */
const DIGITS = new Uint8Array(128).fill(255);
for (const [value, digit] of [...ALPHABET].entries()) DIGITS[digit.charCodeAt(0)] = value;

export function encodeBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING);
  let length = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    const digits = Math.min(4, bytes.length - index + 1);
    for (let digit = 0; digit < digits; digit++) codes[length + digit] = ALPHABET.charCodeAt((group >> (18 - digit * 6)) & 63);
    length += 4;
  }
  return new TextDecoder().decode(codes);
}

/** Standard alphabet; padding may be left out but not wrong. Line breaks are skipped, as Go does. */
export function decodeBase64(text: string): Uint8Array | Failure {
  const octets = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let group = 0;
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x0a || code === 0x0d) continue;
    if (code === PADDING && !isPadding(text, index, count)) return illegal(index);
    if (code === PADDING) break;
    const digit = DIGITS[code] ?? 255;
    if (digit === 255) return illegal(index);
    group = (group << 6) | digit;
    count += 1;
    if (count < 4) continue;
    octets[length++] = group >> 16;
    octets[length++] = (group >> 8) & 255;
    octets[length++] = group & 255;
    group = 0;
    count = 0;
  }
  if (count === 1) return illegal(text.length - 1);
  if (count > 1) octets[length++] = count === 2 ? group >> 4 : group >> 10;
  if (count === 3) octets[length++] = (group >> 2) & 255;
  return octets.slice(0, length);
}

/** Whether nothing but the right number of `=` follows, of which the first is at `start`. */
function isPadding(text: string, start: number, count: number): boolean {
  if (count < 2) return false;
  let wanted = 4 - count;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === PADDING) wanted -= 1;
    else if (code !== 0x0a && code !== 0x0d) return false;
  }
  return wanted === 0;
}

function illegal(index: number): Failure {
  return invalidArgument(`illegal base64 data at input byte ${index}`);
}
