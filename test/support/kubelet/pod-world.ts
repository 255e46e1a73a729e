import type { ClusterUnderTest } from './cluster-under-test.ts';
import { type ContainerState, hasEnded, type Pod } from './pod.ts';

/** A container of the image that every cluster under test has. */
export function sh(name: string, script: string, more: object = {}): object {
  return { name, image: 'busybox', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], ...more };
}

/** Pods of one test, by the API alone. */
export class PodWorld {
  readonly #cluster: ClusterUnderTest;
  #count = 0;

  constructor(cluster: ClusterUnderTest) {
    this.#cluster = cluster;
  }

  async create(spec: object, metadata: object = {}): Promise<Pod> {
    const { namespace, store } = this.#cluster;
    const named = { name: `pod-${this.#count++}`, namespace, ...metadata };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: named, spec: { restartPolicy: 'Never', ...spec } };
    return (await store.create(pod)) as unknown as Pod;
  }

  /** The first state since this one that fits. */
  async until({ metadata: { name, resourceVersion } }: Pod, fits: (pod: Pod, isGone: boolean) => boolean): Promise<Pod> {
    const { store, namespace } = this.#cluster;
    for await (const { type, object } of store.watch('Pod', { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion })) {
      const pod = object as unknown as Pod;
      if (fits(pod, type === 'DELETED')) return pod;
    }
    throw new Error('the watch ended');
  }

  ended(pod: Pod): Promise<Pod> {
    return this.until(pod, hasEnded);
  }

  async log({ metadata: { name } }: Pod, container: string, follow = false): Promise<string> {
    const path = `/api/v1/namespaces/${this.#cluster.namespace}/pods/${name}/log`;
    const query = { container, ...(follow && { follow: 'true' }) };
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#cluster.client.stream({ path, query, accept: '*/*' })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }
}

export function states({ status }: Pod): Readonly<Record<string, ContainerState>> {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return Object.fromEntries(all.map(({ name, state }) => [name, state]));
}
