import type { Clock } from '../ports/clock.ts';

/** setTimeout takes at most a signed 32-bit count of milliseconds; longer waits go in hops. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(instant, run) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const wait = Math.max(0, instant - Date.now());
      timer = setTimeout(() => (instant > Date.now() ? arm() : run()), Math.min(wait, LONGEST_TIMEOUT_MS));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
