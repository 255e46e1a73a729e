import type { Clock } from '../../../ports/clock.ts';

/** Gives the work a signal that fires when its time is over, and takes the alarm back when it is done before. */
export async function withTimeLimit<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const takeBack = clock.at(clock.now() + ms, () => limit.abort());
  try {
    return await work(limit.signal);
  } finally {
    takeBack();
  }
}
