import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { type Store, StoreError } from '../../ports/store.ts';
import type { Stored } from '../../resources/object.ts';
import { sameValue } from '../../resources/same-value.ts';
import type { Schedule, ScheduleStatus } from '../../resources/schedule/schema.ts';

/** Changes come in bursts (a tick, its run, an `apply`); they are written together. Milliseconds. */
const SETTLE_MS = 200;
const RETRY_MS = 5_000;

export interface StatusWriterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A schedule by `namespace/name` and what its status ought to be; `undefined` when it is gone. */
  readonly state: (key: string) => { readonly schedule: Stored<Schedule>; readonly status: ScheduleStatus } | undefined;
}

/** Brings schedules' statuses up to what is known. Nothing depends on it being soon: which ticks have fired is in the journal. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #outdated = new Set<string>();
  #cancel: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  changed(key: string): void {
    this.#mark(key, SETTLE_MS);
  }

  /** Writes what is outstanding. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#writing;
    await this.#write();
  }

  #mark(key: string, pause: number): void {
    if (this.#closed) return;
    this.#outdated.add(key);
    const { clock } = this.#options;
    this.#cancel ??= clock.at(clock.now() + pause, () => {
      this.#cancel = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  async #write(): Promise<void> {
    const keys = [...this.#outdated];
    this.#outdated.clear();
    await Promise.all(keys.map((key) => this.#writeOne(key)));
  }

  async #writeOne(key: string): Promise<void> {
    const { store, logger, state } = this.#options;
    try {
      const now = state(key);
      if (now === undefined || sameValue(now.status, now.schedule.status ?? {})) return;
      const { namespace, name } = now.schedule.metadata;
      // What is not said any more goes.
      const status = Object.fromEntries(Object.entries(now.status).map(([field, value]) => [field, value ?? null]));
      await store.patch({ kind: 'tappet.dev/Schedule', namespace, name }, { status }, { subresource: 'status' });
    } catch (error) {
      if (error instanceof StoreError && error.code === 'NotFound') return;
      logger.warn('schedule status not written', { schedule: key, error: error instanceof Error ? error.message : String(error) });
      this.#mark(key, RETRY_MS);
    }
  }
}
