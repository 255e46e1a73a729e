import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Outside } from '../triggers/outside.ts';

type Headers = Readonly<Record<string, readonly string[]>>;

/** Headers whose value is the secret itself, whatever the listener. Signatures are not: they prove that somebody knows one, and are checked again after a restart. */
const SECRET_HEADER = /(^|-)auth(orization)?($|-)|cookie|token|secret|passw(or)?d|api-?key|credential|session/i;
const SIGNATURE_HEADER = /signature/i;
/** Before credentials in `Authorization`. Any other word may be a part of them. */
const SCHEME = /^(?:Basic|Bearer|Token|Digest|ApiKey|Key|Negotiate) +(?=\S)/i;

const PREFIX = 'sealed:';
const SEALED = /^sealed:([0-9a-f]{32}):([0-9a-f]{64})$/;

/**
 * Headers as they are kept: a secret only as a salted digest, enough to compare it again after a restart and useless to whoever reads the
 * journal. What is in memory keeps the value. Whatever else is done with such a header (a prefix cut off in CEL) sees the sealed text when the
 * event is judged from the journal; the scheme of `Authorization` stays readable, so that what is behind it can be compared by itself.
 *
 * `more`: headers that this listener compares with a secret. A value that looks sealed is sealed in any header: in the journal such text is
 * never a sender's.
 */
export function sealHeaders(headers: Headers, more: readonly string[] = []): Headers {
  const secret = Object.keys(headers).filter(
    (name) => isSecretHeader(name) || more.includes(name) || (headers[name] ?? []).some((value) => value.includes(PREFIX)),
  );
  if (secret.length === 0) return headers;
  const sealed = new Map(Object.entries(headers));
  for (const name of secret) sealed.set(name, (headers[name] ?? []).map(sealValue));
  return Object.fromEntries(sealed);
}

function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name) && !SIGNATURE_HEADER.test(name);
}

/**
 * Compares secrets that come from the journal, in these headers. Only those: to a sender a sealed value is a wrong one, wherever he puts it,
 * or reading the journal would be as good as knowing the secret.
 */
export function unsealing(outside: Outside, headers: Headers): Outside {
  let known: ReadonlyMap<string, Seal> | undefined;
  return {
    ...outside,
    equalSecret(a, b) {
      const text = Buffer.from(a).toString('utf8');
      known ??= sealsIn(headers);
      const seal = text.includes(PREFIX) ? known.get(text) : undefined;
      return seal === undefined ? outside.equalSecret(a, b) : opens(seal, Buffer.from(b));
    },
  };
}

interface Seal {
  /** Of the secret, before what is sealed. */
  readonly scheme: string;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** By the text that stands for it: with its scheme, and without. */
function sealsIn(headers: Headers): ReadonlyMap<string, Seal> {
  const seals = new Map<string, Seal>();
  for (const value of Object.values(headers).flat()) {
    const scheme = SCHEME.exec(value)?.[0] ?? '';
    const text = value.slice(scheme.length);
    const [, salt, digest] = SEALED.exec(text) ?? [];
    if (salt === undefined || digest === undefined) continue;
    const seal = { scheme: '', salt: Buffer.from(salt, 'hex'), digest: Buffer.from(digest, 'hex') };
    seals.set(text, seal);
    if (scheme !== '') seals.set(value, { ...seal, scheme });
  }
  return seals;
}

function opens({ scheme, salt, digest }: Seal, secret: Buffer): boolean {
  const start = Buffer.from(scheme, 'utf8');
  if (secret.length <= start.length || !secret.subarray(0, start.length).equals(start)) return false;
  return timingSafeEqual(digest, digestOf(salt, secret.subarray(start.length)));
}

function sealValue(value: string): string {
  const scheme = SCHEME.exec(value)?.[0] ?? '';
  const salt = randomBytes(16);
  // Go's and Node's view of a header differ beyond ASCII; the interceptor compares UTF-8.
  const digest = digestOf(salt, Buffer.from(value.slice(scheme.length), 'utf8'));
  return `${scheme}${PREFIX}${salt.toString('hex')}:${digest.toString('hex')}`;
}

function digestOf(salt: Buffer, value: Uint8Array): Buffer {
  return createHmac('sha256', salt).update(value).digest();
}
