import { goQuote } from '../../expressions/variables/go-quote.ts';
import type { Refusal } from './interceptor.ts';
import type { Proof } from './signature-check.ts';

export type HashName = 'sha1' | 'sha256' | 'sha512';

export interface HmacHeader {
  /** `<hash>=<hex>`. */
  readonly value: string;
  /** Those accepted. */
  readonly hashes: readonly HashName[];
  /** What makes a hash that is not accepted one that is; absent where nothing does. */
  readonly remedy?: string | undefined;
  readonly refuse: (reason: string) => Refusal;
}

/** The words of a signature that is none of ours. */
export const signatureFailed = 'payload signature check failed';

/** `<hash>=<hex>` over the raw body, as GitHub began it. Upstream's words. */
export function verifyHmacHeader({ event, secret, outside }: Proof, { value, hashes, remedy, refuse }: HmacHeader): Refusal | undefined {
  const [prefix = '', signature, ...more] = value.split('=');
  if (signature === undefined || more.length > 0) return refuse(`error parsing signature ${goQuote(value)}`);
  const hash = hashes.find((name) => name === prefix);
  if (hash === undefined) {
    const known = prefix === 'sha1' || prefix === 'sha256' || prefix === 'sha512';
    if (!known) return refuse(`unknown hash type prefix: ${goQuote(prefix)}`);
    return refuse(`${prefix} is too weak here, expected ${hashes.join(' or ')}${remedy === undefined ? '' : `; ${remedy}`}`);
  }
  const hex = readHex(signature);
  if (hex === undefined) return refuse(`error decoding signature ${goQuote(value)}`);
  return outside.verifyHmac(hash, secret, event.body, hex) ? undefined : refuse(signatureFailed);
}

/** Whole bytes, in lower case. */
export function readHex(text: string): string | undefined {
  return /^(?:[0-9a-fA-F]{2})*$/.test(text) ? text.toLowerCase() : undefined;
}
