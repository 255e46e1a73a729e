import { pause } from '../kube/rate-limit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Closeable } from './ground.ts';

export interface ShardedEngineOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Starts the work on what `owns` says yes to; it says the same until that work is closed. */
  readonly start: (owns: (namespace: string) => boolean) => Promise<Closeable>;
}

const RETRY_MS = 1_000;

/**
 * Work on one's own share of the namespaces. When the shares change, it ends what it has in hand and begins anew with what is its own now: what there is
 * to do is found by listing, as after a restart. It does not care in what state it is called; the last word on the shares counts.
 */
export class ShardedEngine {
  readonly #options: ShardedEngineOptions;
  #wanted: ((namespace: string) => boolean) | undefined;
  #current: Closeable | undefined;
  #changing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ShardedEngineOptions) {
    this.#options = options;
  }

  /** Resolves when the work goes by it, or by a later word. */
  share(owns: (namespace: string) => boolean): Promise<void> {
    this.#wanted = owns;
    this.#changing ??= this.#change().finally(() => {
      this.#changing = undefined;
    });
    return this.#changing;
  }

  /** Idempotent: every call waits for the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#changing;
    await this.#current?.close();
    this.#current = undefined;
  }

  async #change(): Promise<void> {
    const { clock, logger } = this.#options;
    while (this.#wanted !== undefined && this.#closing === undefined) {
      const owns = this.#wanted;
      this.#wanted = undefined;
      await this.#current?.close();
      this.#current = undefined;
      try {
        this.#current = await this.#options.start(owns);
      } catch (error) {
        logger.error('the engine could not be started, trying again', { error: String(error) });
        this.#wanted ??= owns;
        await pause(clock, RETRY_MS);
      }
    }
  }
}
