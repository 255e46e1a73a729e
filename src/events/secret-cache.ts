import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';

/** As upstream: a rotated or deleted secret is honoured within this time. Milliseconds. */
const FRESH_MS = 5_000;
const MAX_ENTRIES = 1_024;

interface Entry {
  readonly value: Promise<Buffer | undefined>;
  readonly until: number;
}

/** Remembers secrets for a few seconds, so that a burst of events asks the store once. Errors are not remembered. */
export function secretCache(secrets: Secrets, clock: Clock): Secrets {
  const entries = new Map<string, Entry>();
  return {
    read(namespace, name, key) {
      const id = `${namespace}/${name}/${key}`;
      const now = clock.now();
      const known = entries.get(id);
      if (known !== undefined && now < known.until) return known.value;
      entries.delete(id);
      if (entries.size >= MAX_ENTRIES) entries.delete(entries.keys().next().value ?? '');
      const value = secrets.read(namespace, name, key);
      const entry = { value, until: now + FRESH_MS };
      entries.set(id, entry);
      value.catch(() => {
        if (entries.get(id) === entry) entries.delete(id);
      });
      return value;
    },
  };
}
