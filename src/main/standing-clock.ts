import type { Clock } from '../ports/clock.ts';

/** It is always this instant: what is due is done at once, what is for later never. */
export function standingClock(now: number): Clock {
  return {
    now: () => now,
    at(instant, run) {
      if (instant > now) return () => {};
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  };
}
