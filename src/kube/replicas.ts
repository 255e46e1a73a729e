import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { backoff } from './backoff.ts';
import type { KubeClient } from './kube-client.ts';
import { GROUP_LABEL, holderOf, type Lease, leaseName, leasesPath } from './lease.ts';
import { listAll } from './list-pages.ts';
import { listWatch } from './list-watch.ts';
import { OwnLease } from './own-lease.ts';
import { chosenReplica } from './rendezvous.ts';
import { SeenLeases } from './seen-leases.ts';
import { type Trouble, troubleOf } from './trouble.ts';

export interface ReplicasOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the Leases lie. */
  readonly namespace: string;
  /** Replicas of the same group share the work: the release's name. */
  readonly group: string;
  /** Of this replica, its own among all: the pod's name. */
  readonly identity: string;
  /** Of this process, its own among all that ever went by that identity. */
  readonly process: string;
  /** Who takes part has changed. */
  readonly onChange: () => void;
  /** Between 0 and 1: what spreads the renewals of many replicas. */
  readonly random?: (() => number) | undefined;
}

/** As upstream's controllers: a replica that was not heard of for so long is out. */
const LEASE_MS = 15_000;
/** Before its Lease runs out for the others, a replica that cannot renew it takes itself out. */
const GIVE_UP_MS = 10_000;
/** A renewal comes at the latest after this long, and up to a fifth earlier, so that many replicas do not write at the same moment. */
const RENEW_MS = 5_000;
/** A renewal without an answer is given up, and tried again. */
const ANSWER_MS = 3_000;
const RETRIES = { firstMs: 500, longestMs: 2_000 };

/**
 * Who shares the work, seen through one Lease for each replica and a watch over them. The clocks of others are not believed: a Lease is alive while
 * changes of it are seen, by our own clock, and before it counts as run out it is asked for once more, for the watch may have been deaf. A replica
 * that leaves deletes its Lease, and the others take over when they see it.
 *
 * Two replicas may both believe for a moment that a namespace is theirs (one has not seen the other yet): what they do is named by what it is for, and
 * versions of objects decide, so that nothing is done twice.
 */
export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #holder: string;
  readonly #own: OwnLease;
  /** Our own is among them only while another process holds it. */
  readonly #seen = new SeenLeases(LEASE_MS);
  readonly #closed = new AbortController();
  readonly #renewing: Trouble;
  readonly #watching: Trouble;
  /** When the last renewal that succeeded was sent. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #members: readonly string[] = [];
  /** Ends the watch of this moment; another one begins. */
  #watchAnew: () => void = () => {};
  #cancelTurn: () => void = () => {};
  #cancelLook: () => void = () => {};
  #round: Promise<void> = Promise.resolve();
  #watch: Promise<void> = Promise.resolve();

  constructor(options: ReplicasOptions) {
    const { client, namespace, group, identity, process, logger } = options;
    this.#options = options;
    this.#holder = holderOf(identity, process);
    this.#own = new OwnLease({ client, namespace, group, identity, holder: this.#holder, durationSeconds: LEASE_MS / 1_000 });
    this.#renewing = troubleOf(logger, 'the lease of this replica could not be renewed, trying again');
    this.#watching = troubleOf(logger, 'leases of the replicas could not be watched, trying again');
  }

  /** Resolves when this replica takes part and has seen the others. Rejects with a `KubeError` when it cannot. */
  async start(): Promise<void> {
    try {
      // One of our name that there was before has ended, or will see that it is followed.
      await this.#renew(true);
      this.#schedule(this.#pause());
      await new Promise<void>((resolve, reject) => {
        this.#watch = this.#follow(resolve, reject);
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** In order of their names; without this one while it does not hold its Lease. */
  get members(): readonly string[] {
    return this.#members;
  }

  owns(namespace: string): boolean {
    return chosenReplica(namespace, this.#members) === this.#options.identity;
  }

  /** Leaves: the others need not wait until the Lease runs out. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#members = this.#members.filter((member) => member !== this.#options.identity);
    this.#cancelTurn();
    this.#cancelLook();
    await Promise.all([this.#round, this.#watch]);
    await this.#own.release().catch((error: unknown) => {
      this.#options.logger.warn('the lease could not be given back; others wait until it runs out', { error: String(error) });
    });
  }

  #schedule(ms: number): void {
    const { clock } = this.#options;
    this.#cancelTurn();
    if (this.#closed.signal.aborted) return;
    this.#cancelTurn = clock.at(clock.now() + ms, () => {
      this.#round = this.#round.then(() => this.#turn());
    });
  }

  async #turn(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    try {
      await this.#renew(this.#seen.isOut(this.#name));
      if (this.#failures > 0) this.#reconnected();
      this.#failures = 0;
      this.#renewing.over();
      this.#schedule(this.#pause());
    } catch (error) {
      this.#renewing.met(error);
      this.#schedule(backoff(this.#failures++, RETRIES, this.#random));
    }
    this.#settle();
  }

  /** While we heard nothing, the silence of others said nothing; and the watch may be about to rest for long. */
  #reconnected(): void {
    this.#seen.beginAnew(this.#options.clock.now());
    this.#watchAnew();
  }

  #pause(): number {
    return RENEW_MS * (1 - this.#random() / 5);
  }

  async #renew(take: boolean): Promise<void> {
    const { clock, logger, identity } = this.#options;
    const sent = clock.now();
    const late = new AbortController();
    const cancel = clock.at(sent + ANSWER_MS, () => late.abort(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
    const hold = await this.#own.hold(sent, { take, signal: late.signal }).finally(cancel);
    if (hold.held) {
      this.#renewedAt = sent;
      this.#seen.forget(this.#name);
      return;
    }
    this.#renewedAt = Number.NEGATIVE_INFINITY;
    if (!this.#seen.has(this.#name))
      logger.error('another process goes by the name of this replica; this one does nothing until that one has ended', {
        identity,
        holder: hold.by.spec.holderIdentity,
        remedy: 'give each replica its own kubernetes.identity, or POD_NAME',
      });
    this.#take(hold.by);
  }

  async #follow(started: () => void, failed: (error: unknown) => void): Promise<void> {
    const onTrouble = (error: unknown): void => {
      // Before the first list: whoever starts us is told, and says what becomes of it.
      failed(error);
      this.#watching.met(error);
    };
    while (!this.#closed.signal.aborted) {
      const ended = new AbortController();
      this.#watchAnew = () => ended.abort();
      const signal = AbortSignal.any([this.#closed.signal, ended.signal]);
      const { client, clock } = this.#options;
      for await (const event of listWatch<Lease>(client, { ...this.#all, clock, signal, onTrouble, random: this.#random })) {
        if (event.type === 'LISTED') this.#takeAll(event.items);
        else if (event.type === 'DELETED') this.#forget(event.object);
        else this.#take(event.object);
        // A list alone proves nothing: the right to watch may be missing.
        if (event.type !== 'LISTED') this.#watching.over();
        this.#settle();
        started();
      }
    }
  }

  #takeAll(leases: readonly Lease[]): void {
    const listed = new Set(leases.map(({ metadata }) => metadata.name));
    for (const lease of leases) this.#take(lease);
    this.#seen.forgetAllBut(listed);
    if (!listed.has(this.#name)) this.#schedule(0);
  }

  #take(lease: Lease): void {
    if (lease.metadata.name === this.#name) {
      if (lease.spec.holderIdentity === this.#holder) return;
      // What the watch says may be older than what we wrote: only a write that names its version knows.
      if (this.#holds) {
        this.#schedule(0);
        return;
      }
    }
    this.#seen.take(lease, this.#options.clock.now());
  }

  #forget({ metadata: { name, uid } }: Lease): void {
    this.#seen.forget(name);
    if (name !== this.#name) return;
    // The others take our share now, until they see us again.
    if (uid === this.#own.uid) this.#renewedAt = Number.NEGATIVE_INFINITY;
    this.#schedule(0);
  }

  /** Whose Lease seems to have run out is asked for once more. Without an answer nobody is out: it may be we who are cut off. */
  async #look(): Promise<void> {
    const { client, clock } = this.#options;
    const looked = this.#seen.due(clock.now(), clock.now() + RETRIES.longestMs);
    if (looked !== undefined) {
      try {
        const { items } = await listAll<Lease>(client, { ...this.#all, signal: this.#closed.signal });
        this.#takeAll(items);
        looked();
      } catch (error) {
        if (!this.#closed.signal.aborted) this.#watching.met(error);
      }
    }
    this.#settle();
  }

  #settle(): void {
    if (this.#closed.signal.aborted) return;
    const { clock, identity, onChange } = this.#options;
    this.#cancelLook();
    const next = Math.min(this.#seen.lookAt, this.#holds ? this.#renewedAt + GIVE_UP_MS : Number.POSITIVE_INFINITY);
    if (Number.isFinite(next)) this.#cancelLook = clock.at(next, () => void this.#look());
    const others = this.#seen.identitiesBut(this.#name);
    const members = (this.#holds ? [...others, identity] : [...others]).sort();
    if (members.join('\n') === this.#members.join('\n')) return;
    this.#members = members;
    onChange();
  }

  get #holds(): boolean {
    return this.#options.clock.now() - this.#renewedAt < GIVE_UP_MS;
  }

  get #name(): string {
    return leaseName(this.#options.identity);
  }

  get #all() {
    const { namespace, group } = this.#options;
    return { path: leasesPath(namespace), query: { labelSelector: `${GROUP_LABEL}=${group}` } };
  }

  get #random(): () => number {
    return this.#options.random ?? Math.random;
  }
}
