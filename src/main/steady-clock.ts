import type { Clock } from '../ports/clock.ts';

/**
 * The time at the process's start and what has passed since: nobody can set it, forth or back. It differs from the system's once that has been set.
 * For waits of days at most.
 */
export const steadyClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  at(instant, run) {
    const timer = setTimeout(run, Math.max(0, instant - steadyClock.now()));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
