import { join } from 'node:path';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { listWatch } from '../../../src/kube/list-watch.ts';
import { systemClock } from '../../../src/main/system-clock.ts';
import type { KubeObject } from '../../../src/resources/object.ts';
import type { Sources } from './environment.ts';
import type { Images } from './images.ts';
import type { Pace } from './pace.ts';
import { hasEnded, type Pod, podPath } from './pod.ts';
import { isNotFound, PodWorker } from './pod-worker.ts';
import { NODE, schedule } from './scheduler.ts';
import { unlessGone } from './status-writer.ts';
import type { Users } from './users.ts';

export interface KubeletOptions {
  readonly client: KubeClient;
  readonly pace: Pace;
  readonly images: Images;
  readonly users: Users;
  /** Everything of pods is kept below it. */
  readonly folder: string;
}

/**
 * A stand-in for a kubelet, and for the scheduler in front of it: real processes, behind the API and nothing else. It does what a kubelet does as a kubelet
 * does it, and says no where it cannot; it knows pods that are never started again (restartPolicy Never), and no network of their own.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #byName = new Map<string, PodWorker>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  readonly #following: Promise<void>;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#following = this.#follow();
  }

  async *logs(namespace: string, name: string, container: string, follow: boolean, signal: AbortSignal): AsyncGenerator<Buffer> {
    const worker = this.#byName.get(`${namespace}/${name}`);
    const log = worker?.log(container);
    if (log !== undefined) yield* log.read(follow, signal);
  }

  /** Ends everything that runs. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#following;
    await Promise.all([...this.#leaving, ...[...this.#workers.values()].map((worker) => worker.remove())]);
  }

  async #follow(): Promise<void> {
    const { client } = this.#options;
    for await (const event of listWatch<KubeObject>(client, { path: '/api/v1/pods', clock: systemClock, signal: this.#closed.signal })) {
      if (event.type === 'LISTED') {
        const pods = event.items as unknown as readonly Pod[];
        for (const uid of this.#workers.keys()) if (!pods.some(({ metadata }) => metadata.uid === uid)) this.#forget(uid);
        for (const pod of pods) this.#see(pod);
      } else if (event.type === 'DELETED') this.#forget(event.object.metadata.uid);
      else this.#see(event.object as unknown as Pod);
    }
  }

  #see(pod: Pod): void {
    const { uid, namespace = '', name, deletionTimestamp } = pod.metadata;
    const known = this.#workers.get(uid);
    if (known !== undefined) {
      known.update(pod);
      return;
    }
    const { client, folder } = this.#options;
    if (pod.spec.nodeName === undefined || hasEnded(pod)) {
      if (deletionTimestamp !== undefined) void remove(client, pod);
      else if (!hasEnded(pod)) void schedule(client, pod);
      return;
    }
    if (pod.spec.nodeName !== NODE) return;
    const ground = {
      ...this.#options,
      sources: sourcesOf(client, namespace),
      claims: join(folder, 'claims'),
      folder: join(folder, 'pods', uid),
    };
    const worker = new PodWorker(pod, ground);
    this.#workers.set(uid, worker);
    this.#byName.set(`${namespace}/${name}`, worker);
  }

  #forget(uid: string): void {
    const worker = this.#workers.get(uid);
    this.#workers.delete(uid);
    for (const [name, one] of this.#byName) if (one === worker) this.#byName.delete(name);
    if (worker === undefined) return;
    const left = worker.remove().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}

function sourcesOf(client: KubeClient, namespace: string): Sources {
  return {
    async data(kind, name) {
      const plural = kind === 'ConfigMap' ? 'configmaps' : 'secrets';
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
      try {
        const { body } = await client.request<{ data?: Record<string, string>; binaryData?: Record<string, string> }>({
          method: 'GET',
          path,
        });
        const encoding = kind === 'ConfigMap' ? 'utf8' : 'base64';
        const all = [
          ...Object.entries(body.data ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)] as const),
          ...Object.entries(body.binaryData ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
        ];
        return new Map(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}

/** What was deleted by its owner's end and never ran here, or no more. */
async function remove(client: KubeClient, pod: Pod): Promise<void> {
  const body = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
  await client.request({ method: 'DELETE', path: podPath(pod), body }).catch(unlessGone);
}
