import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { Clock } from '../ports/clock.ts';

/** Every address of a name, in the system's order. Rejects as `dns.lookup` does. */
export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

const KEPT_MS = 5_000;
const MOST_NAMES = 256;

export const systemResolve: ResolveName = (name) => lookup(name, { all: true, verbatim: true });

/**
 * Asks once for what many want at the same time, and keeps an answer for a few seconds: the system's resolver takes a thread of a pool of
 * four for each question, and a burst of events asks the same one. Keeping is harmless to the check, which is made on the address.
 */
export function cachedResolve(resolve: ResolveName, clock: Clock): ResolveName {
  const kept = new Map<string, { readonly askedAt: number; readonly addresses: Promise<readonly LookupAddress[]> }>();
  return (name) => {
    const known = kept.get(name);
    const now = clock.now();
    // A clock that was set back must not keep an answer for longer.
    if (known !== undefined && known.askedAt <= now && now < known.askedAt + KEPT_MS) return known.addresses;
    const addresses = resolve(name);
    kept.delete(name);
    kept.set(name, { askedAt: now, addresses });
    const [oldest] = kept.keys();
    if (kept.size > MOST_NAMES && oldest !== undefined) kept.delete(oldest);
    addresses.catch(() => {
      if (kept.get(name)?.addresses === addresses) kept.delete(name);
    });
    return addresses;
  };
}
