import type { SendHttp } from './http-exchange.ts';

/**
 * What interceptors may ask of the outside. The caller passes an implementation; this room has no I/O of its own.
 */
export interface Outside {
  /** One key of a Secret, or `undefined` when there is no such secret or key. */
  secret(namespace: string, name: string, key: string): Promise<Uint8Array | undefined>;
  /** Whether `signatureHex` is the HMAC of `body` under `secret`; compares in constant time. An empty secret never verifies. */
  verifyHmac(algorithm: 'sha1' | 'sha256' | 'sha512', secret: Uint8Array, body: Uint8Array, signatureHex: string): boolean;
  /** Equality in constant time; `false` when either is empty. */
  equalSecret(a: Uint8Array, b: Uint8Array): boolean;
  /** Milliseconds with fraction, for `tookMs`. */
  elapsed(): number;
  /** Milliseconds since the epoch: for signatures that are good for a while only. Of an event from the journal, when it came. */
  now(): number;
  /** Asks another server. Never rejects. */
  readonly http: SendHttp;
}

/** The outside could not be asked: not the trigger's fault, and worth another try of the whole event. */
export class OutsideUnavailable extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'OutsideUnavailable';
  }
}

/** `outside.secret`, its rejections told apart from errors of our own. */
export async function readSecret(outside: Outside, namespace: string, name: string, key: string): Promise<Uint8Array | undefined> {
  try {
    return await outside.secret(namespace, name, key);
  } catch (cause) {
    throw new OutsideUnavailable(`cannot read secret ${namespace}/${name}`, cause);
  }
}
