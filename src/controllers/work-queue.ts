import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { Recent } from './recent.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Looks at the world anew for one key and does what is to be done. Throwing means: again later, with backoff. */
  readonly reconcile: (key: string) => Promise<void>;
  /** How many keys may be worked on at once. */
  readonly concurrency: number;
  /** First wait after a failure; doubles with each further one up to `maxBackoffMs`. */
  readonly minBackoffMs?: number | undefined;
  readonly maxBackoffMs?: number | undefined;
  /** Called when a key has failed again and again, each time from then on; must not throw. */
  readonly onPoison?: ((key: string, error: unknown) => void) | undefined;
}

/** So many failures may be a disk that was full for a moment; one more is the object's own fault, as far as anybody can tell. */
const PATIENCE = 3;

/** What fails in the same words is told again after so long. */
const REMIND_MS = 600_000;
const MOST_TOLD = 1_000;

/** What one key's loop looks like from outside, for the status page and for tests. */
export interface KeyState {
  readonly failures: number;
  readonly lastError?: string | undefined;
}

/**
 * Keys to be looked at, each at most once at a time. A key added while it waits is one entry; a key added while it is worked on
 * is looked at once more afterwards: nothing that happened is missed, and no key can hold up another. A key whose
 * reconciliation throws is tried again with growing pauses; the others go on.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, { count: number; error: string }>();
  /** What failures have said, and when that was told. */
  readonly #told = new Recent<number>(MOST_TOLD);
  readonly #timers = new Map<string, { at: number; cancel: () => void }>();
  #idleWaiters: (() => void)[] = [];
  #scheduled = false;
  #begun = false;
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Until now keys only gathered: nobody decides on half a picture. */
  begin(): void {
    this.#begun = true;
    this.#schedule();
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#running.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#schedule();
  }

  /** Looks at `key` again at an instant. Of several instants for one key the earliest counts. */
  addAt(key: string, at: number): void {
    if (this.#closed) return;
    const known = this.#timers.get(key);
    if (known !== undefined) {
      if (known.at <= at) return;
      known.cancel();
    }
    const cancel = this.#options.clock.at(at, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { at, cancel });
  }

  /** Drops timers and failure counts of an object that is gone. */
  forget(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    this.#failures.delete(key);
  }

  state(key: string): KeyState {
    const failure = this.#failures.get(key);
    return { failures: failure?.count ?? 0, lastError: failure?.error };
  }

  /** Keys waiting or being worked on; timers do not count. */
  get depth(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Resolves when nothing waits and nothing is being worked on. Timers do not count. */
  idle(): Promise<void> {
    if (this.depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Takes no more work and resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    this.#again.clear();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await this.idle();
  }

  // One turn later, so that a burst of changes to one key is one look.
  #schedule(): void {
    if (this.#scheduled || !this.#begun) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#drain();
    });
  }

  #drain(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#work(key);
    }
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#options.reconcile(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#retry(key, error);
    } finally {
      this.#running.delete(key);
      if (this.#again.delete(key) && !this.#closed) this.#waiting.add(key);
      this.#drain();
      if (this.depth === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
    }
  }

  #retry(key: string, error: unknown): void {
    const { clock, logger, minBackoffMs = 20, maxBackoffMs = 30_000, onPoison } = this.#options;
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const message = messageOf(error);
    this.#failures.set(key, { count, error: message });
    const wait = Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(count - 1, 20));
    if (count > PATIENCE) {
      logger[this.#isNews(message) ? 'warn' : 'debug']('reconciliation failed, will try again', {
        key,
        failures: count,
        waitMs: wait,
        error: message,
      });
      onPoison?.(key, error);
    }
    this.addAt(key, clock.now() + wait);
  }

  /** A right that is missing, or a store that is away, fails every key in the same words, again and again. */
  #isNews(message: string): boolean {
    const now = this.#options.clock.now();
    if (now - (this.#told.get(message) ?? Number.NEGATIVE_INFINITY) < REMIND_MS) return false;
    this.#told.set(message, now);
    return true;
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
