import { type Failure, invalidArgument } from './failure.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [a = 0, b, c] = bytes.subarray(index, index + 3);
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += (b === undefined ? '=' : ALPHABET.charAt((group >> 6) & 63)) + (c === undefined ? '=' : ALPHABET.charAt(group & 63));
  }
  return text;
}

/** Standard alphabet; padding may be left out but not wrong. Line breaks are skipped, as Go does. */
export function decodeBase64(text: string): Uint8Array | Failure {
  const octets: number[] = [];
  let group = 0;
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\n' || character === '\r') continue;
    if (character === '=') return isPadding(text.slice(index), count) ? finish(octets, group, count, index) : illegal(index);
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return illegal(index);
    group = (group << 6) | digit;
    count += 1;
    if (count === 4) {
      octets.push(group >> 16, (group >> 8) & 255, group & 255);
      group = 0;
      count = 0;
    }
  }
  return finish(octets, group, count, text.length);
}

function isPadding(rest: string, count: number): boolean {
  return rest.replace(/[\r\n]/g, '') === '='.repeat(4 - count) && count >= 2;
}

function finish(octets: number[], group: number, count: number, index: number): Uint8Array | Failure {
  if (count === 1) return illegal(index - 1);
  if (count === 2) octets.push(group >> 4);
  if (count === 3) octets.push(group >> 10, (group >> 2) & 255);
  return Uint8Array.from(octets);
}

function illegal(index: number): Failure {
  return invalidArgument(`illegal base64 data at input byte ${index}`);
}
