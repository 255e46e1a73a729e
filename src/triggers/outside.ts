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
}
