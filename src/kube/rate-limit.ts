import type { Clock } from '../ports/clock.ts';

/** A token bucket: `burst` at once, then `qps` a second, first come, first served. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #qps: number;
  readonly #burst: number;
  /** When the bucket would be full. */
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, { qps, burst }: { readonly qps: number; readonly burst: number }) {
    this.#clock = clock;
    this.#qps = qps;
    this.#burst = burst;
  }

  /** Resolves when it is one's turn. */
  take(): Promise<void> {
    const now = this.#clock.now();
    this.#fullAt = Math.max(this.#fullAt, now) + 1_000 / this.#qps;
    const turn = this.#fullAt - (this.#burst * 1_000) / this.#qps;
    if (turn <= now) return Promise.resolve();
    return new Promise((resolve) => void this.#clock.at(turn, resolve));
  }
}
