import type { Clock } from '../ports/clock.ts';
import type { Delivery } from '../ports/journal.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { noticesOf, noticeType } from './notices.ts';

/** Writes one Kubernetes Event about an object; counts what repeats. Never rejects. */
export type RecordEvent = (
  about: Stored,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
) => Promise<void>;

export interface ListenerEventsOptions {
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** `failed`: only of triggers that failed. Upstream has `all` or nothing, and nothing unless asked for. */
  readonly which: 'failed' | 'all' | 'none';
}

/** A flood of events must not become a flood of writes: milliseconds between two of one reason on one listener. */
const PAUSE_MS = 1_000;

/** Tells of a listener's events by Kubernetes Events on it, where `kubectl describe` shows them. Of a burst it writes the first. */
export function listenerEvents({ record, clock, which }: ListenerEventsOptions) {
  const lasts = new Map<string, number>();
  const writes = new Set<Promise<void>>();
  return {
    processed(listener: Stored<EventListener>, { eventId }: Delivery, verdicts: readonly TriggerVerdict[]): void {
      if (which === 'none') return;
      for (const { kind, message } of noticesOf(verdicts)) {
        if (which === 'failed' && kind !== 'failed') continue;
        const reason = noticeType(kind);
        const key = `${listener.metadata.uid} ${reason}`;
        const now = clock.now();
        if (now - (lasts.get(key) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) continue;
        lasts.set(key, now);
        const text = message === '' ? `event ${eventId}` : `event ${eventId}: ${message}`;
        const writing = record(listener, { type: kind === 'failed' ? 'Warning' : 'Normal', reason, message: text }).finally(() =>
          writes.delete(writing),
        );
        writes.add(writing);
      }
    },
    async settled(): Promise<void> {
      await Promise.allSettled(writes);
    },
  };
}
