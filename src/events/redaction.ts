import type { Delivery } from '../ports/journal.ts';
import type { Outside } from '../triggers/outside.ts';
import { unsealing } from './sealed-headers.ts';

export interface KnownSecret {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly value: Buffer;
}

/** Shorter values are left: they hide nothing worth hiding, and are in every other word. */
const SHORTEST = 4;
const SEALED = /sealed:[0-9a-f]{32}:[0-9a-f]{64}/;
/** How senders' signing secrets may begin; what follows is base64. */
const SIGNING = 'whsec_';

/** Puts placeholders in place of known secrets, and remembers which it met. */
export class Redaction {
  readonly #secrets: readonly (KnownSecret & { readonly text: string; readonly placeholder: string })[];
  /** `namespace/name` of Secrets that the test needs. */
  readonly #met = new Set<string>();

  constructor(secrets: readonly KnownSecret[]) {
    this.#secrets = secrets
      .map((secret) => ({ ...secret, text: secret.value.toString('utf8').trim(), placeholder: placeholderOf(secret) }))
      // A value that contains another one goes as a whole.
      .sort((a, b) => b.text.length - a.text.length);
  }

  /** The test needs this Secret, whether its value stands anywhere or not. */
  keep(namespace: string, name: string): void {
    this.#met.add(`${namespace}/${name}`);
  }

  text(text: string): string {
    let redacted = text;
    for (const secret of this.#secrets) {
      if (secret.text.length < SHORTEST || !redacted.includes(secret.text)) continue;
      redacted = redacted.replaceAll(secret.text, () => secret.placeholder);
      this.keep(secret.namespace, secret.name);
    }
    return redacted;
  }

  /** All strings in a JSON value, names of members too. */
  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((element) => this.value(element));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.text(name), this.value(member)]));
  }

  /** A header's value; `undefined` for a sealed one, unless it is a secret that is known. */
  header(value: string, { headers }: Delivery, outside: Outside): string | undefined {
    if (!SEALED.test(value)) return this.text(value);
    const { equalSecret } = unsealing(outside, headers);
    const parts = [value, value.slice(value.search(SEALED))];
    for (const secret of this.#secrets) {
      const part = parts.find((candidate) => equalSecret(Buffer.from(candidate), secret.value));
      if (part === undefined) continue;
      this.keep(secret.namespace, secret.name);
      return value.replace(part, () => secret.placeholder);
    }
    return undefined;
  }

  /** The Secrets of the test: all keys of those that are needed, as placeholders. */
  secretsFor(namespace: string): { readonly secrets?: Record<string, Record<string, string>> } {
    const secrets = new Map<string, Record<string, string>>();
    for (const secret of this.#secrets) {
      if (!this.#met.has(`${secret.namespace}/${secret.name}`)) continue;
      const name = secret.namespace === namespace ? secret.name : `${secret.namespace}/${secret.name}`;
      secrets.set(name, { ...secrets.get(name), [secret.key]: secret.placeholder });
    }
    return secrets.size === 0 ? {} : { secrets: Object.fromEntries(secrets) };
  }
}

function placeholderOf({ name, key, value }: KnownSecret): string {
  const words = `redacted-${name}-${key}`;
  return value.subarray(0, SIGNING.length).toString('utf8') === SIGNING ? `${SIGNING}${Buffer.from(words).toString('base64')}` : words;
}
