import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Outside } from '../triggers/outside.ts';

export interface OutsideOptions {
  readonly secrets: Secrets;
  readonly http: Http;
  readonly clock: Clock;
}

/** What interceptors may ask, over the ports and Node's crypto. */
export function createOutside({ secrets, http, clock }: OutsideOptions): Outside {
  return {
    secret: (namespace, name, key) => secrets.read(namespace, name, key),
    verifyHmac,
    equalSecret,
    elapsed: () => performance.now(),
    now: () => clock.now(),
    http: http.send,
  };
}

function verifyHmac(algorithm: 'sha1' | 'sha256' | 'sha512', secret: Uint8Array, body: Uint8Array, signatureHex: string): boolean {
  if (secret.length === 0) return false;
  const expected = createHmac(algorithm, secret).update(body).digest();
  const given = Buffer.from(signatureHex, 'hex');
  // `Buffer.from` stops at the first character that is no hex digit, so that such a signature is too short.
  return given.length === expected.length && signatureHex.length === expected.length * 2 && timingSafeEqual(given, expected);
}

function equalSecret(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length === 0 || b.length === 0) return false;
  return timingSafeEqual(sha256(a), sha256(b));
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
