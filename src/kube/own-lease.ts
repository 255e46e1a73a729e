import { type KubeClient, KubeError } from './kube-client.ts';
import { GROUP_LABEL, type Lease, leaseName, leasesPath, microTime } from './lease.ts';

export interface OwnLeaseOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly group: string;
  readonly identity: string;
  /** Of this process: another one may go by the same identity. */
  readonly holder: string;
  readonly durationSeconds: number;
}

export type Hold = { readonly held: true } | { readonly held: false; readonly by: Lease };

const ATTEMPTS = 3;

/**
 * The Lease of one identity, as one process sees it. Each write says which version it is over, so that of two processes of one identity only one
 * holds it, and the other learns of it.
 */
export class OwnLease {
  readonly #options: OwnLeaseOptions;
  /** As we wrote it last; `undefined` while we do not know that we hold it. */
  #mine: Lease | undefined;

  constructor(options: OwnLeaseOptions) {
    this.#options = options;
  }

  get uid(): string | undefined {
    return this.#mine?.metadata.uid;
  }

  /** Takes or renews it. One that another process holds is taken only when `take` says so. Rejects with a `KubeError` when it is not known who has it. */
  async hold(now: number, { take, signal }: { readonly take: boolean; readonly signal?: AbortSignal }): Promise<Hold> {
    for (let attempt = 1; ; attempt++) {
      const known = this.#mine ?? (await this.#read(signal));
      const holder = known?.spec.holderIdentity ?? '';
      if (known !== undefined && holder !== '' && holder !== this.#options.holder && !take) return { held: false, by: known };
      try {
        this.#mine = await (known === undefined ? this.#create(now, signal) : this.#renew(known, now, signal));
        return { held: true };
      } catch (error) {
        // Written or removed by somebody since we knew it.
        const outdated = error instanceof KubeError && ['Conflict', 'AlreadyExists', 'NotFound'].includes(error.reason);
        if (outdated) this.#mine = undefined;
        if (!outdated || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  /** Gives it back, unless another process has it by now. */
  async release(): Promise<void> {
    const mine = this.#mine;
    this.#mine = undefined;
    if (mine === undefined) return;
    const { uid, resourceVersion } = mine.metadata;
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } };
    try {
      await this.#options.client.request({ method: 'DELETE', path: this.#path, body });
    } catch (error) {
      if (!(error instanceof KubeError && ['Conflict', 'NotFound'].includes(error.reason))) throw error;
    }
  }

  async #read(signal: AbortSignal | undefined): Promise<Lease | undefined> {
    try {
      return (await this.#options.client.request<Lease>({ method: 'GET', path: this.#path, signal })).body;
    } catch (error) {
      if (error instanceof KubeError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  async #create(now: number, signal: AbortSignal | undefined): Promise<Lease> {
    const { client, identity, namespace, group } = this.#options;
    const metadata = { name: leaseName(identity), namespace, labels: { [GROUP_LABEL]: group } };
    const spec = { ...this.#spec(now), acquireTime: microTime(now) };
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    return (await client.request<Lease>({ method: 'POST', path: leasesPath(namespace), body, signal })).body;
  }

  async #renew({ metadata: { resourceVersion }, spec }: Lease, now: number, signal: AbortSignal | undefined): Promise<Lease> {
    const { client, holder, group } = this.#options;
    const taken = spec.holderIdentity !== holder && { acquireTime: microTime(now) };
    const body = { metadata: { resourceVersion, labels: { [GROUP_LABEL]: group } }, spec: { ...this.#spec(now), ...taken } };
    const contentType = 'application/merge-patch+json';
    return (await client.request<Lease>({ method: 'PATCH', path: this.#path, body, contentType, signal })).body;
  }

  #spec(now: number) {
    const { holder, durationSeconds } = this.#options;
    return { holderIdentity: holder, leaseDurationSeconds: durationSeconds, renewTime: microTime(now) };
  }

  get #path(): string {
    const { namespace, identity } = this.#options;
    return `${leasesPath(namespace)}/${encodeURIComponent(leaseName(identity))}`;
  }
}
