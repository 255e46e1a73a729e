import { identityOf, type Lease } from './lease.ts';

interface Seen {
  readonly identity: string;
  /** Who renewed it when, by the clock of that replica: only whether it changes matters. */
  readonly state: string;
  /** When to look whether it still does. */
  lookAt: number;
  /** It has run out. */
  out: boolean;
}

/**
 * Leases of others, by name. The clocks of others are not believed: one is alive while changes of it are seen, by our own clock, and out when it was
 * asked for after its time and had not changed.
 */
export class SeenLeases {
  readonly #seen = new Map<string, Seen>();
  /** How long one lives without a change. */
  readonly #forMs: number;

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  has(name: string): boolean {
    return this.#seen.has(name);
  }

  isOut(name: string): boolean {
    return this.#seen.get(name)?.out === true;
  }

  take({ metadata: { name }, spec: { holderIdentity: holder = '', renewTime = '' } }: Lease, now: number): void {
    const state = `${holder} ${renewTime}`;
    if (holder === '' || this.#seen.get(name)?.state === state) return;
    this.#seen.set(name, { identity: identityOf(holder), state, lookAt: now + this.#forMs, out: false });
  }

  forget(name: string): void {
    this.#seen.delete(name);
  }

  forgetAllBut(names: ReadonlySet<string>): void {
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name);
  }

  /** Nobody's silence has said anything so far: we could not hear. */
  beginAnew(now: number): void {
    for (const seen of this.#seen.values()) seen.lookAt = now + this.#forMs;
  }

  /** When it is next time to look whether one has run out. */
  get lookAt(): number {
    return Math.min(...this.#alive.map(([, { lookAt }]) => lookAt), Number.POSITIVE_INFINITY);
  }

  /** Whose time is over; asked for again at `again`, unless the function that is given back says before that they have been looked at, and did not change. */
  due(now: number, again: number): (() => void) | undefined {
    const due = this.#alive.map(([, seen]) => seen).filter(({ lookAt }) => lookAt <= now);
    for (const seen of due) seen.lookAt = again;
    // What has changed meanwhile is another entry by now.
    const looked = (): void => {
      for (const seen of due) seen.out = true;
    };
    return due.length === 0 ? undefined : looked;
  }

  /** Who lives, but the one of this Lease. */
  identitiesBut(own: string): readonly string[] {
    return this.#alive.flatMap(([name, { identity }]) => (name === own ? [] : [identity]));
  }

  get #alive(): readonly (readonly [string, Seen])[] {
    return [...this.#seen].filter(([, { out }]) => !out);
  }
}
