import { setMaxListeners } from 'node:events';
import type { Clock } from '../../ports/clock.ts';
import { StoreError } from '../../ports/store.ts';
import { closedError } from '../shared/object-store.ts';
import { type Asked, storeError } from './store-error.ts';

/** How long writes under way may take when the store is closed. */
const CLOSE_WITHIN_MS = 5_000;

/** What a store has under way, so that closing it ends reads and watches at once and lets writes come home. */
export class OpenWork {
  readonly #clock: Clock;
  readonly #reads = new AbortController();
  readonly #writes = new AbortController();
  readonly #writing = new Set<Promise<unknown>>();
  /** What writes have to wait for. */
  readonly #first = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    // One listener a request under way is no leak.
    setMaxListeners(0, this.#reads.signal, this.#writes.signal);
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  read<T>(asked: Asked, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(asked, this.#reads.signal, work);
  }

  write<T>(asked: Asked, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const writing = this.#run(asked, this.#writes.signal, async (signal) => {
      while (this.#first.size > 0) await Promise.allSettled(this.#first);
      return work(signal);
    });
    const done = writing.then(nothing, nothing).finally(() => this.#writing.delete(done));
    this.#writing.add(done);
    return writing;
  }

  /** Nothing that is written from now on is written before this is done. */
  before<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    const done = working.then(nothing, nothing).finally(() => this.#first.delete(done));
    this.#first.add(done);
    return working;
  }

  /** Aborts with the caller's signal, or when the store is closed. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#reads.signal : AbortSignal.any([this.#reads.signal, signal]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#reads.abort();
    const cancel = this.#clock.at(this.#clock.now() + CLOSE_WITHIN_MS, () => this.#writes.abort());
    await Promise.all(this.#writing);
    cancel();
  }

  async #run<T>(asked: Asked, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.closed) throw closedError();
    try {
      return await work(signal);
    } catch (error) {
      if (signal.aborted && !(error instanceof StoreError)) throw closedError();
      throw storeError(error, asked);
    }
  }
}

function nothing(): void {}
