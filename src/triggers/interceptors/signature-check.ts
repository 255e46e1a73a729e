import { firstHeader, type OpenEvent } from '../open-event.ts';
import { type Outside, readSecret } from '../outside.ts';
import { type Refusal, wrong } from './interceptor.ts';
import type { SecretRef } from './params.ts';

/** How an event proves where it comes from. */
export interface SignatureCheck {
  /** Checks with the same id give the same answer for the same event. */
  readonly id: string;
  readonly interceptor: string;
  /** Where the secrets are. */
  readonly namespace: string;
  readonly secrets: readonly SecretRef[];
  /** `undefined`: verified, or somebody vouches for the event. Worked out once an event, however many triggers share it. */
  refuse(event: OpenEvent, outside: Outside): Promise<Refusal | undefined>;
  /** The secret an event was verified with, `name/key`; `undefined` unless `refuse` has let it through. */
  verifiedBy(event: OpenEvent): Promise<string | undefined>;
}

export type Verification =
  /** `by`: the secret's `name/key`. */
  { readonly verified: true; readonly by: string } | { readonly verified: false; readonly refusal: Refusal };

/** What differs between the senders. */
export interface SignatureScheme {
  readonly interceptor: string;
  /**
   * What the event lacks to be verified at all. Asked first without a secret, and where that says nothing again with each: what has to be there
   * may depend on the kind of secret.
   */
  readonly lacks: (event: OpenEvent, secret: Uint8Array | undefined) => Refusal | undefined;
  readonly verify: (proof: Proof) => Refusal | undefined;
}

export interface Proof {
  readonly event: OpenEvent;
  readonly secret: Uint8Array;
  readonly outside: Outside;
}

interface LiveSecret {
  readonly ref: SecretRef;
  readonly bytes: Uint8Array;
}

/** A secret that did not verify the event, and why. */
interface Tried extends LiveSecret {
  readonly refusal: Refusal;
  /** The event had nothing to try it on. */
  readonly lacking: boolean;
}

/**
 * While a secret is replaced by another both are listed, and any one verifies. One that is not there does not spoil the others. Every HMAC and
 * token is compared in constant time; that trying ends with the secret that verifies tells nothing to those who know none.
 */
export function signatureCheck(scheme: SignatureScheme, namespace: string, refs: readonly SecretRef[]): SignatureCheck {
  const { interceptor } = scheme;
  const id = [interceptor, namespace, ...refs.flatMap(({ secretName, secretKey }) => [secretName, secretKey])].join('\u0000');

  async function check(event: OpenEvent, outside: Outside): Promise<Verification> {
    const lacking = refs.every(({ secretKey }) => secretKey === '') ? keyless(interceptor, refs) : scheme.lacks(event, undefined);
    if (lacking !== undefined) return { verified: false, refusal: lacking };
    const tried: Tried[] = [];
    const unread: Refusal[] = [];
    for (const ref of refs) {
      const secret = await read(ref, outside);
      if (!secret.ok) unread.push(secret.refusal);
      else {
        const attempt = tryOne(event, ref, secret.bytes, outside);
        if (attempt === undefined) return { verified: true, by: `${ref.secretName}/${ref.secretKey}` };
        tried.push(attempt);
      }
    }
    return { verified: false, refusal: withoutNewline(event, tried, outside) ?? mostTelling(tried, unread) };
  }

  function tryOne(event: OpenEvent, ref: SecretRef, bytes: Uint8Array, outside: Outside): Tried | undefined {
    const lack = scheme.lacks(event, bytes);
    const refusal = lack ?? scheme.verify({ event, secret: bytes, outside });
    return refusal && { ref, bytes, refusal, lacking: lack !== undefined };
  }

  async function read(ref: SecretRef, outside: Outside): Promise<{ ok: true; bytes: Uint8Array } | { ok: false; refusal: Refusal }> {
    const bytes = await readSecret(outside, namespace, ref.secretName, ref.secretKey);
    if (bytes !== undefined && bytes.length > 0) return { ok: true, bytes };
    const place = placeOf(ref);
    const why = bytes === undefined ? `cannot find ${place}` : `empty ${place}: nothing can be verified with it`;
    return { ok: false, refusal: wrong('FailedPrecondition', `error getting secret: ${why}`) };
  }

  /** `echo token | kubectl create secret …` is how a newline gets into a secret that the sender has without. Refused, but never a riddle. */
  function withoutNewline(event: OpenEvent, tried: readonly Tried[], outside: Outside): Refusal | undefined {
    for (const { ref, bytes, refusal } of tried) {
      const trimmed = trimNewline(bytes);
      if (trimmed.length === bytes.length || tryOne(event, ref, trimmed, outside) !== undefined) continue;
      const remedy = `it verifies without the newline at the end of ${placeOf(ref)}; store the secret without it`;
      return wrong(refusal.code, `${refusal.message}: ${remedy}`);
    }
    return undefined;
  }

  function placeOf({ secretName, secretKey }: SecretRef): string {
    return `${secretKey} key in secret ${namespace}/${secretName}`;
  }

  /** Of a signature nobody has looked at yet. */
  function begin(event: OpenEvent, outside: Outside): Promise<Verification> {
    const result = check(event, outside).catch((error: unknown) => {
      // Not an answer: asked again, the outside may be there.
      event.signatures.delete(id);
      throw error;
    });
    event.signatures.set(id, result);
    return result;
  }

  return {
    id,
    interceptor,
    namespace,
    secrets: refs,
    async refuse(event, outside) {
      if (event.vouched !== undefined) return undefined;
      const verification = await (event.signatures.get(id) ?? begin(event, outside));
      return verification.verified ? undefined : verification.refusal;
    },
    async verifiedBy(event) {
      const known = await event.signatures.get(id);
      return known?.verified ? known.by : undefined;
    },
  };
}

/** For schemes that look for their headers whatever the secret. */
export function lacksHeader(event: OpenEvent, names: readonly string[], missing: (name: string) => Refusal): Refusal | undefined {
  const absent = names.find((name) => firstHeader(event, name) === '');
  return absent === undefined ? undefined : missing(absent);
}

function keyless(interceptor: string, refs: readonly SecretRef[]): Refusal {
  const what = refs.length === 0 ? 'secretRefs is empty: nothing can be verified' : 'secretRef.secretKey is empty';
  return wrong('FailedPrecondition', `${interceptor} interceptor ${what}`);
}

/** A secret that the event could be tried on says more than one of a kind the sender does not use. */
function mostTelling(tried: readonly Tried[], unread: readonly Refusal[]): Refusal {
  const told = (tried.find(({ lacking }) => !lacking) ?? tried[0])?.refusal;
  const [first] = unread;
  if (told === undefined) return first ?? wrong('Internal', 'no secret was tried');
  if (first === undefined) return told;
  return { ...told, message: `${told.message} (${unread.length} of ${unread.length + tried.length} secrets cannot be read)` };
}

function trimNewline(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}
