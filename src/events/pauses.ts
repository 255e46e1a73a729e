import type { Clock } from '../ports/clock.ts';

/** Waits that can be cut short all at once, so that closing waits for none of them. */
export class Pauses {
  readonly #clock: Clock;
  readonly #running = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after so many milliseconds, or when `end` is called. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#running.delete(wake);
        resolve();
      };
      const cancel = this.#clock.at(this.#clock.now() + ms, wake);
      this.#running.add(wake);
    });
  }

  end(): void {
    for (const wake of this.#running) wake();
  }
}
