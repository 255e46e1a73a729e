import type { Clock } from '../ports/clock.ts';

/** It is always this instant, and whoever waits for a later one has waited long enough: pauses end at once. */
export function standingClock(now: number): Clock {
  return {
    now: () => now,
    at(_, run) {
      const timer = setImmediate(run);
      timer.unref();
      return () => clearImmediate(timer);
    },
  };
}
