import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import { writeStatus } from './apply.ts';
import { podRecordStatus } from './pod-record.ts';
import { WorkQueue } from './work-queue.ts';

export interface PodEnderOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How a pod is to go. */
export type Ending =
  /** Its output stays. `record`: the Pod resource that tells how it ended. */
  | { readonly type: 'stop'; readonly record?: { readonly namespace: string | undefined; readonly name: string } | undefined }
  /** At once and with everything it held: nobody will ask for it. */
  | { readonly type: 'discard' };

/** Kubernetes' own default for a pod's grace period is 30 s; on one machine people wait for it. */
const STOP_GRACE_MS = 10_000;

/**
 * Ends pods, each for as long as it takes: a runtime that cannot be asked is asked again. Ending takes seconds where steps ignore TERM, so
 * it is nobody's turn but its own.
 */
export class PodEnder {
  readonly queue: WorkQueue;
  readonly #options: PodEnderOptions;
  readonly #endings = new Map<string, Ending>();

  constructor(options: PodEnderOptions) {
    this.#options = options;
    this.queue = new WorkQueue({ clock: options.clock, logger: options.logger, concurrency: 1_024, reconcile: (uid) => this.#end(uid) });
    this.queue.begin();
  }

  end(uid: string, ending: Ending): void {
    if (this.#endings.get(uid)?.type === 'discard') return;
    this.#endings.set(uid, ending);
    this.queue.add(uid);
  }

  /** Does not wait: what is ending ends without us, and the next start sees to what is left. */
  close(): void {
    void this.queue.close();
  }

  async #end(uid: string): Promise<void> {
    const { runtime } = this.#options;
    const ending = this.#endings.get(uid);
    if (ending === undefined) return;
    await runtime.stop(uid, { graceMs: ending.type === 'discard' ? 0 : STOP_GRACE_MS });
    if (ending.type === 'discard') await runtime.remove(uid);
    else if (ending.record !== undefined && !runtime.recordsPods) await this.#record(uid, ending.record);
    // Unless it is to go altogether by now.
    if (this.#endings.get(uid) === ending) this.#endings.delete(uid);
  }

  /** Until it is written: nobody else looks at this pod again, and what the engine's loop writes meanwhile is older than the end. */
  async #record(uid: string, name: NonNullable<Extract<Ending, { type: 'stop' }>['record']>): Promise<void> {
    const { runtime, store } = this.#options;
    for (let written = false; !written; ) {
      const record = await store.get({ kind: 'Pod', ...name });
      const pod = await runtime.observe(uid);
      if (pod === undefined || record === undefined) return;
      written = (await writeStatus(store, record, podRecordStatus(record, pod))) !== undefined;
    }
  }
}
