import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../ports/secrets.ts';
import type { Outside } from '../triggers/outside.ts';

/** What interceptors of one trigger may ask while one event is judged. */
export class EventOutside implements Outside {
  readonly #secrets: Secrets;
  readonly #seed: string;

  /** `seed` names event and trigger: the same seed gives the same `uid`. */
  constructor(secrets: Secrets, seed: string) {
    this.#secrets = secrets;
    this.#seed = seed;
  }

  secret(namespace: string, name: string, key: string): Promise<Uint8Array | undefined> {
    return this.#secrets.read(namespace, name, key);
  }

  verifyHmac(algorithm: 'sha1' | 'sha256' | 'sha512', secret: Uint8Array, body: Uint8Array, signatureHex: string): boolean {
    if (secret.length === 0) return false;
    const expected = createHmac(algorithm, secret).update(body).digest();
    const given = Buffer.from(signatureHex, 'hex');
    // `Buffer.from` stops at the first character that is no hex digit, so that such a signature is too short.
    return given.length === expected.length && signatureHex.length === expected.length * 2 && timingSafeEqual(given, expected);
  }

  equalSecret(a: Uint8Array, b: Uint8Array): boolean {
    if (a.length === 0 || b.length === 0) return false;
    return timingSafeEqual(sha256(a), sha256(b));
  }

  uid(): string {
    const hex = createHash('sha256').update(this.#seed).digest('hex');
    // RFC 9562: version 4, variant 10.
    const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  elapsed(): number {
    return performance.now();
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
