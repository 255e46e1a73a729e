import type { Clock } from '../ports/clock.ts';

export interface RateLimit {
  /** Resolves when it is this caller's turn, in the order of the calls. Rejects with the signal's reason. */
  turn(signal?: AbortSignal): Promise<void>;
}

/** A bucket of `burst` tokens that fills again at `perSecond`. */
export function createRateLimit(clock: Clock, { perSecond, burst }: { readonly perSecond: number; readonly burst: number }): RateLimit {
  // When the bucket would be full if nobody asked any more: each turn moves it on by one token's time, and the wait is what it is ahead by.
  const tokenMs = 1_000 / perSecond;
  let full = clock.now();
  return {
    async turn(signal) {
      signal?.throwIfAborted();
      const now = clock.now();
      full = Math.max(full, now) + tokenMs;
      const wait = full - now - burst * tokenMs;
      if (wait > 0) await pause(clock, wait, signal);
    },
  };
}

/** Rejects with the signal's reason. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const aborted = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.at(clock.now() + ms, () => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    });
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
