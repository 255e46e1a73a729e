import { KubeError } from '../../kube/kube-client.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { WirePod } from './observation/pod-status.ts';
import { type ResultsLog, readResultsLog, unreadable } from './observation/results-log.ts';
import { RESULTS_LOG_CONTAINER } from './pod/results-log-container.ts';
import type { PodRequests } from './pod-requests.ts';

export interface ResultsReaderOptions {
  readonly requests: Pick<PodRequests, 'log'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** What was read of this pod is there now. */
  readonly onRead: (uid: string) => void;
}

/** More than a TaskRun's status can take. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 1_000;

/** Reads the results of pods from their logs: once each, and again a few times where that fails. By the runtime's uid of a pod. */
export class ResultsReader {
  readonly #options: ResultsReaderOptions;
  readonly #read = new Map<string, ResultsLog>();
  readonly #reading = new Set<string>();

  constructor(options: ResultsReaderOptions) {
    this.#options = options;
  }

  of(uid: string): ResultsLog | undefined {
    return this.#read.get(uid);
  }

  forget(uid: string): void {
    this.#read.delete(uid);
    this.#reading.delete(uid);
  }

  /** Begins reading, unless that has begun. */
  read(uid: string, pod: WirePod): void {
    if (this.#reading.has(uid) || this.#read.has(uid)) return;
    this.#reading.add(uid);
    void this.#attempt(uid, pod, 1);
  }

  async #attempt(uid: string, pod: WirePod, number: number): Promise<void> {
    const { clock, logger, signal, onRead } = this.#options;
    let log: ResultsLog;
    try {
      log = await this.#ask(pod);
    } catch (error) {
      if (signal.aborted || !this.#reading.has(uid)) return;
      const isLost = error instanceof KubeError && (error.code === 404 || error.code === 400);
      if (!isLost && number < MOST_ATTEMPTS) {
        logger.warn("a pod's results could not be read; trying again", { pod: pod.metadata.name, error });
        clock.at(clock.now() + FIRST_PAUSE_MS * 2 ** (number - 1), () => void this.#attempt(uid, pod, number + 1));
        return;
      }
      log = unreadable(error instanceof Error ? error.message : String(error));
    }
    if (!this.#reading.delete(uid)) return;
    this.#read.set(uid, log);
    onRead(uid);
  }

  async #ask({ metadata: { namespace, name } }: WirePod): Promise<ResultsLog> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of this.#options.requests.log(namespace, name, RESULTS_LOG_CONTAINER, false, this.#options.signal)) {
      bytes += chunk.byteLength;
      if (bytes > MOST_BYTES) return unreadable(`they are more than ${MOST_BYTES} bytes together`);
      chunks.push(chunk);
    }
    return readResultsLog(Buffer.concat(chunks).toString('utf8'));
  }
}
