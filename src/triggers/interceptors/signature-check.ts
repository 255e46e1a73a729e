import { goQuote } from '../../expressions/variables/go-quote.ts';
import { firstHeader, type OpenEvent } from '../open-event.ts';
import { type Outside, readSecret } from '../outside.ts';
import { type Refusal, wrong } from './interceptor.ts';
import type { SecretRef } from './params.ts';

/** How an event proves where it comes from. */
export interface SignatureCheck {
  /** Checks with the same id give the same answer for the same event. */
  readonly id: string;
  /** `undefined`: verified. Worked out once an event, however many triggers share it. */
  refuse(event: OpenEvent, outside: Outside): Promise<Refusal | undefined>;
}

/** What differs between the senders. */
export interface SignatureScheme {
  readonly interceptor: string;
  readonly header: string;
  /** Words for a header that is not there; its code differs too. */
  readonly missing: (header: string) => Refusal;
  readonly verify: (proof: Proof) => Refusal | undefined;
}

export interface Proof {
  readonly header: string;
  readonly secret: Uint8Array;
  /** Raw, as received. */
  readonly body: Uint8Array;
  readonly outside: Outside;
}

export function signatureCheck(scheme: SignatureScheme, namespace: string, { secretName, secretKey }: SecretRef): SignatureCheck {
  const id = [scheme.interceptor, namespace, secretName, secretKey].join('\u0000');

  async function check(event: OpenEvent, outside: Outside): Promise<Refusal | undefined> {
    if (secretKey === '') return wrong('FailedPrecondition', `${scheme.interceptor} interceptor secretRef.secretKey is empty`);
    const header = firstHeader(event, scheme.header);
    if (header === '') return scheme.missing(scheme.header);
    const secret = await readSecret(outside, namespace, secretName, secretKey);
    const place = `${secretKey} key in secret ${namespace}/${secretName}`;
    if (secret === undefined) return wrong('FailedPrecondition', `error getting secret: cannot find ${place}`);
    if (secret.length === 0) return wrong('FailedPrecondition', `error getting secret: empty ${place}: nothing can be verified with it`);
    return scheme.verify({ header, secret, body: event.body, outside });
  }

  return {
    id,
    refuse(event, outside) {
      const known = event.signatures.get(id);
      if (known !== undefined) return known;
      const result = check(event, outside).catch((error: unknown) => {
        // Not an answer: asked again, the outside may be there.
        event.signatures.delete(id);
        throw error;
      });
      event.signatures.set(id, result);
      return result;
    },
  };
}

/** `<algorithm>=<hex>` over the raw body. */
export function verifyHmacHeader(
  { header, secret, body, outside }: Proof,
  algorithms: readonly ('sha1' | 'sha256' | 'sha512')[],
  failed: string,
  refuse: (reason: string) => Refusal,
): Refusal | undefined {
  const [prefix = '', signature, ...more] = header.split('=');
  if (signature === undefined || more.length > 0) return refuse(`error parsing signature ${goQuote(header)}`);
  const algorithm = algorithms.find((name) => name === prefix);
  if (algorithm === undefined) {
    const known = prefix === 'sha1' || prefix === 'sha256' || prefix === 'sha512';
    return refuse(
      known ? `${prefix} is too weak here, expected ${algorithms.join(' or ')}` : `unknown hash type prefix: ${goQuote(prefix)}`,
    );
  }
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(signature)) return refuse(`error decoding signature ${goQuote(header)}`);
  return outside.verifyHmac(algorithm, secret, body, signature.toLowerCase()) ? undefined : refuse(failed);
}
