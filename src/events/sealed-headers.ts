import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Outside } from '../triggers/outside.ts';

/** Headers whose value is the secret itself, whatever the listener. GitLab sends it with every event. */
const SECRET_HEADERS = ['X-Gitlab-Token'] as const;
const PREFIX = 'sealed:';

type Headers = Readonly<Record<string, readonly string[]>>;

/**
 * Headers as they are kept: a secret only as a salted digest, enough to compare it again after a restart and useless to whoever reads the
 * journal. What is in memory keeps the value. `more`: headers that this listener compares with a secret.
 */
export function sealHeaders(headers: Headers, more: readonly string[] = []): Headers {
  const secret = [...SECRET_HEADERS, ...more].filter((name) => Object.hasOwn(headers, name));
  if (secret.length === 0) return headers;
  const sealed = new Map(Object.entries(headers));
  for (const name of secret) sealed.set(name, (headers[name] ?? []).map(seal));
  return Object.fromEntries(sealed);
}

/**
 * Compares secrets that come from the journal. Only for those: to a sender, a sealed value is a wrong one, or reading the journal would be as good as
 * knowing the secret.
 */
export function unsealing(outside: Outside): Outside {
  return {
    ...outside,
    equalSecret(a, b) {
      const text = Buffer.from(a).toString('utf8');
      if (!text.startsWith(PREFIX)) return outside.equalSecret(a, b);
      const [salt = '', digest = ''] = text.slice(PREFIX.length).split(':');
      const given = Buffer.from(digest, 'hex');
      const expected = digestOf(Buffer.from(salt, 'hex'), b);
      return b.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}

function seal(value: string): string {
  const salt = randomBytes(16);
  // Go's and Node's view of a header differ beyond ASCII; the interceptor compares UTF-8.
  return `${PREFIX}${salt.toString('hex')}:${digestOf(salt, Buffer.from(value, 'utf8')).toString('hex')}`;
}

function digestOf(salt: Buffer, value: Uint8Array): Buffer {
  return createHmac('sha256', salt).update(value).digest();
}
