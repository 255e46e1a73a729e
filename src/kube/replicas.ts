import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type KubeClient, KubeError } from './kube-client.ts';
import { chosenReplica } from './rendezvous.ts';

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
  /** Who takes part has changed. */
  readonly onChange: () => void;
}

interface Lease {
  readonly spec: { readonly holderIdentity?: string; readonly renewTime?: string };
}

/** As upstream's controllers: a replica that was not heard of for so long is out. */
const LEASE_SECONDS = 15;
const RENEW_MS = 5_000;
/** Before its Lease runs out for the others, a replica that cannot renew it takes itself out. */
const GIVE_UP_MS = 10_000;
const GROUP_LABEL = 'tappet.dev/replicas-of';

/**
 * Who shares the work, seen through one Lease for each replica. The clocks of others are not believed: a Lease is alive while changes of it are seen, by
 * our own clock. A replica that leaves deletes its Lease, and the others take over when they see it.
 *
 * Two replicas may both believe for a moment that a namespace is theirs (one has not seen the other yet): what they do is named by what it is for, and
 * versions of objects decide, so that nothing is done twice.
 */
export class Replicas {
  readonly #options: ReplicasOptions;
  /** When a Lease was last seen to change, by its holder. */
  readonly #seen = new Map<string, { readonly renewTime: string; readonly at: number }>();
  #renewedAt = Number.NEGATIVE_INFINITY;
  #members: readonly string[] = [];
  #cancel: () => void = () => {};
  #round: Promise<void> | undefined;
  #closed = false;

  constructor(options: ReplicasOptions) {
    this.#options = options;
  }

  /** Resolves when this replica takes part and has seen the others. */
  async start(): Promise<void> {
    await this.#renew();
    await this.#look();
    this.#next();
  }

  /** In order of their names; without this one while it cannot renew its Lease. */
  get members(): readonly string[] {
    return this.#members;
  }

  owns(namespace: string): boolean {
    return chosenReplica(namespace, this.#members) === this.#options.identity;
  }

  /** Leaves: the others need not wait until the Lease runs out. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#round;
    const { client, logger } = this.#options;
    await client.request({ method: 'DELETE', path: this.#path(true) }).catch((error: unknown) => {
      logger.warn('the lease could not be given back; others wait until it runs out', { error: String(error) });
    });
  }

  #next(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    this.#cancel = clock.at(clock.now() + RENEW_MS, () => {
      this.#round = this.#turn().finally(() => this.#next());
    });
  }

  async #turn(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#renew();
      await this.#look();
    } catch (error) {
      logger.warn('leases could not be renewed or read', { error: String(error) });
      this.#settle();
    }
  }

  async #renew(): Promise<void> {
    const { client, clock, identity, group, namespace } = this.#options;
    const renewTime = microTime(clock.now());
    const spec = { holderIdentity: identity, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    const contentType = 'application/merge-patch+json';
    try {
      await client.request({ method: 'PATCH', path: this.#path(true), body: { spec }, contentType });
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'NotFound')) throw error;
      const metadata = { name: this.#name(), namespace, labels: { [GROUP_LABEL]: group } };
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { ...spec, acquireTime: renewTime } };
      await client.request({ method: 'POST', path: this.#path(false), body });
    }
    this.#renewedAt = clock.now();
  }

  async #look(): Promise<void> {
    const { client, clock, group } = this.#options;
    const query = { labelSelector: `${GROUP_LABEL}=${group}` };
    const { body } = await client.request<{ readonly items: readonly Lease[] }>({ method: 'GET', path: this.#path(false), query });
    const now = clock.now();
    const listed = new Set<string>();
    for (const { spec } of body.items) {
      const { holderIdentity = '', renewTime = '' } = spec;
      if (holderIdentity === '') continue;
      listed.add(holderIdentity);
      if (this.#seen.get(holderIdentity)?.renewTime !== renewTime) this.#seen.set(holderIdentity, { renewTime, at: now });
    }
    for (const holder of this.#seen.keys()) if (!listed.has(holder)) this.#seen.delete(holder);
    this.#settle();
  }

  #settle(): void {
    const { clock, identity, onChange } = this.#options;
    const now = clock.now();
    const alive = [...this.#seen].filter(([holder, { at }]) =>
      holder === identity ? now - this.#renewedAt < GIVE_UP_MS : now - at < LEASE_SECONDS * 1_000,
    );
    const members = alive.map(([holder]) => holder).sort();
    if (members.join('\n') === this.#members.join('\n')) return;
    this.#members = members;
    onChange();
  }

  #name(): string {
    return `tappet-${this.#options.identity}`;
  }

  #path(own: boolean): string {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(this.#options.namespace)}/leases`;
    return own ? `${path}/${encodeURIComponent(this.#name())}` : path;
  }
}

/** Kubernetes' MicroTime. */
function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}
