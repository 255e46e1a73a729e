import { createHash, timingSafeEqual } from 'node:crypto';

const lengths: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
]);

export function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Why `sha256:<hex>` or `sha512:<hex>` is not a body's; `undefined` when it is. Follows tektoncd/pipeline pkg/resolution/resolver/http, `validateDigest`. */
export function digestError(digest: string, body: Uint8Array): string | undefined {
  const colon = digest.indexOf(':');
  if (colon < 0) return `invalid digest format: ${digest}`;
  const [algorithm, expected] = [digest.slice(0, colon), digest.slice(colon + 1)];
  const length = lengths.get(algorithm);
  if (length === undefined) return `invalid digest algorithm: ${algorithm}`;
  if (expected.length !== length) return `invalid ${algorithm} digest value, expected length: ${length}, got: ${expected.length}`;
  if (!/^[0-9a-f]+$/i.test(expected)) return 'error decoding expected SHA string: it has characters that are no hexadecimal digits';
  const got = createHash(algorithm).update(body).digest();
  return timingSafeEqual(got, Buffer.from(expected, 'hex')) ? undefined : `SHA mismatch, expected ${expected}, got ${got.toString('hex')}`;
}
