/** Reading of literal tokens. Each gives `undefined` when the text denotes no value of its type. */

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

export function readInt(text: string): bigint | undefined {
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
  return value >= INT_MIN && value <= INT_MAX ? value : undefined;
}

export function readUint(text: string): bigint | undefined {
  const value = BigInt(text.slice(0, -1));
  return value <= UINT_MAX ? value : undefined;
}

export function readDouble(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

interface Quoted {
  readonly body: string;
  readonly raw: boolean;
}

function unquote(text: string): Quoted {
  const opening = /^[bB]?([rR]?)('''|"""|'|")/.exec(text);
  const quote = opening?.[2] ?? '';
  return { body: text.slice(opening?.[0].length ?? 0, text.length - quote.length), raw: opening?.[1] !== '' };
}

const ESCAPE = /\\(?:([xX])([0-9a-fA-F]{2})|(u)([0-9a-fA-F]{4})|(U)([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))/sy;

export function readString(text: string): string | undefined {
  const { body, raw } = unquote(text);
  if (raw || !body.includes('\\')) return body;
  let result = '';
  for (let offset = 0; offset < body.length; ) {
    const next = body.indexOf('\\', offset);
    if (next < 0) return result + body.slice(offset);
    result += body.slice(offset, next);
    ESCAPE.lastIndex = next;
    const sequence = ESCAPE.exec(body);
    if (!sequence) return undefined;
    offset = ESCAPE.lastIndex;
    const point = escapedPoint(sequence);
    if (point === undefined) result += SIMPLE_ESCAPES[sequence[8] ?? ''] ?? sequence[8] ?? '';
    else if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    else result += String.fromCodePoint(point);
  }
  return result;
}

/** In bytes, `\x` and octal escapes are octets, other characters their UTF-8; `\u` and `\U` are not allowed. */
export function readBytes(text: string): Uint8Array | undefined {
  const { body, raw } = unquote(text);
  const encoder = new TextEncoder();
  if (raw) return encoder.encode(body);
  const octets: number[] = [];
  for (let offset = 0; offset < body.length; ) {
    const next = body.indexOf('\\', offset);
    const plain = body.slice(offset, next < 0 ? undefined : next);
    for (const octet of encoder.encode(plain)) octets.push(octet);
    if (next < 0) break;
    ESCAPE.lastIndex = next;
    const sequence = ESCAPE.exec(body);
    if (!sequence || sequence[3] || sequence[5]) return undefined;
    offset = ESCAPE.lastIndex;
    const point = escapedPoint(sequence);
    if (point !== undefined) octets.push(point);
    else for (const octet of encoder.encode(SIMPLE_ESCAPES[sequence[8] ?? ''] ?? sequence[8] ?? '')) octets.push(octet);
  }
  return Uint8Array.from(octets);
}

function escapedPoint(sequence: RegExpExecArray): number | undefined {
  const hex = sequence[2] ?? sequence[4] ?? sequence[6];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  return sequence[7] === undefined ? undefined : Number.parseInt(sequence[7], 8);
}
