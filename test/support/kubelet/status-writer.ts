import { type KubeClient, KubeError } from '../../../src/kube/kube-client.ts';
import { type Pod, type PodStatus, podPath } from './pod.ts';

/** Keeps the API's status of one pod as the kubelet's: always the newest, never two requests at once, no request for what is written already. */
export class StatusWriter {
  readonly #client: KubeClient;
  readonly #pod: Pod;
  #wanted: PodStatus | undefined;
  #written = '';
  #writing: Promise<void> | undefined;

  constructor(client: KubeClient, pod: Pod) {
    this.#client = client;
    this.#pod = pod;
  }

  write(status: PodStatus): void {
    this.#wanted = status;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when the API has the last one, or has the pod no more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // What happens in one turn is told at once.
    await Promise.resolve();
    for (let status = this.#wanted; status !== undefined && JSON.stringify(status) !== this.#written; status = this.#wanted) {
      this.#written = JSON.stringify(status);
      const { uid } = this.#pod.metadata;
      const body = { metadata: { uid }, status: { reason: null, message: null, ...status } };
      const path = `${podPath(this.#pod)}/status`;
      await this.#client.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }).catch(unlessGone);
    }
  }
}

export function unlessGone(error: unknown): void {
  // The end of the test has closed the connection, or the pod is another one by now.
  if (error instanceof KubeError && (error.code === 404 || error.code === 409 || error.reason === 'Unreachable')) return;
  throw error;
}
