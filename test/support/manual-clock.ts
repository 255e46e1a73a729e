import type { Clock } from '../../src/ports/clock.ts';

/** A clock whose hands tests turn. Timers fire in the order of their instants, and only while the hands are being turned. */
export class ManualClock implements Clock {
  #now: number;
  #timers: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(now = Date.UTC(2026, 10, 23, 12, 0, 0)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(instant: number, run: () => void): () => void {
    const timer = { at: instant, order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** The instant of the next timer. */
  get next(): number | undefined {
    return this.#sorted()[0]?.at;
  }

  /** Puts the hands to an instant, back or forth, as an administrator does or a laptop that slept. Timers keep their instants and do not fire. */
  set(instant: number): void {
    this.#now = instant;
  }

  /** Turns the hands forward and fires what is due on the way. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = this.#sorted()[0];
      if (due === undefined || due.at > until) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }

  #sorted(): { at: number; order: number; run: () => void }[] {
    return this.#timers.toSorted((a, b) => a.at - b.at || a.order - b.order);
  }
}
