/** Just the DER (ITU-T X.690) that a certificate of ours is made of. Every function gives one complete element: tag, length, content. */

export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

export function derSet(...parts: readonly Uint8Array[]): Buffer {
  return element(0x31, Buffer.concat(parts));
}

/** A number without a sign: one whose first bit is set gets a zero byte before it. */
export function derInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  return element(0x02, (significant[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), significant]) : significant);
}

/** Dotted: `2.5.29.17`. */
export function derObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

export function derUtf8(text: string): Buffer {
  return element(0x0c, Buffer.from(text, 'utf8'));
}

/** The form X.509 wants for years before 2050, and the other from then on. */
export function derTime(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text));
}

export function derTrue(): Buffer {
  return element(0x01, Buffer.from([0xff]));
}

export function derOctets(bytes: Uint8Array): Buffer {
  return element(0x04, bytes);
}

/** Whole bytes; `unused` bits at the end of the last one do not count. */
export function derBits(bytes: Uint8Array, unused = 0): Buffer {
  return element(0x03, Buffer.concat([Buffer.from([unused]), bytes]));
}

/** Tagged by context: of a choice (primitive) or around other elements (constructed). */
export function derTagged(tag: number, content: Uint8Array, kind: 'primitive' | 'constructed'): Buffer {
  return element((kind === 'constructed' ? 0xa0 : 0x80) + tag, content);
}

function element(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 + bytes.length, ...bytes]);
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) + 128);
  return digits;
}
