import type { Delivery } from '../ports/journal.ts';
import { type OpenEvent, openEvent } from '../triggers/open-event.ts';
import type { Outside } from '../triggers/outside.ts';
import { unsealing } from './sealed-headers.ts';

/**
 * An event as it is judged from the journal, and what its triggers may ask: its secret headers are sealed, and a signature that is good for some
 * minutes is as good as it was when the event came, however long it has waited since. Who replays an event answers for it.
 */
export function journaledEvent(delivery: Delivery, outside: Outside): { readonly event: OpenEvent; readonly outside: Outside } {
  const { eventId, url, headers, body, receivedAt, replayOf } = delivery;
  return {
    event: openEvent({ eventId, url, headers, body, vouched: replayOf === undefined ? undefined : 'replay' }),
    outside: { ...unsealing(outside, headers), now: () => receivedAt },
  };
}
