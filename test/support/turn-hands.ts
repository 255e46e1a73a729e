import { setImmediate } from 'node:timers/promises';
import type { ManualClock } from './manual-clock.ts';

/**
 * Turns the hands for as long as something waits for a pause of at most `upTo`, until the promise is settled. Longer timers (deadlines, watchdogs)
 * are left alone.
 */
export async function turnHands<T>(clock: ManualClock, pending: Promise<T>, upTo = 61_000): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  pending.then(done, done);
  while (!settled) {
    await setImmediate();
    const { next } = clock;
    if (next !== undefined && next - clock.now() <= upTo) clock.advance(next - clock.now());
  }
  return pending;
}
