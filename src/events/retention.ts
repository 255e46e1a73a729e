import type { Clock } from '../ports/clock.ts';
import type { EventMeter } from '../ports/event-meter.ts';
import type { Journal } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';

export interface RetentionOptions {
  readonly journal: Pick<Journal, 'prune'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: EventMeter;
  /** Milliseconds. */
  readonly maxAgeMs: number;
  readonly maxCount: number;
}

const EVERY_MS = 5 * 60_000;

/**
 * Forgets events that are too old or too many: at the start and every few minutes. With an event goes its delivery id: a sender that repeats a
 * delivery later than that is taken for a new one. Events that are not processed stay.
 */
export function startRetention({ journal, clock, logger, meter, maxAgeMs, maxCount }: RetentionOptions): { close(): Promise<void> } {
  let cancel: () => void;
  let pruning: Promise<void> = Promise.resolve();
  let closed = false;

  function next(instant: number): void {
    cancel = clock.at(instant, () => {
      pruning = prune().finally(() => {
        if (!closed) next(clock.now() + EVERY_MS);
      });
    });
  }

  async function prune(): Promise<void> {
    try {
      const gone = await journal.prune({ olderThan: clock.now() - maxAgeMs, keep: maxCount });
      if (gone === 0) return;
      meter.forgotten(gone);
      logger.info('old events forgotten', { events: gone });
    } catch (error) {
      // The store is away, or the disk is full: the next round is another try.
      logger.warn('old events not forgotten', { error: error instanceof Error ? error.message : String(error) });
    }
  }

  next(clock.now());
  return {
    async close() {
      closed = true;
      cancel();
      await pruning;
    },
  };
}
