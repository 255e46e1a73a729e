import type { Delivery } from '../ports/journal.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import type { CloudEventSender } from './cloud-event-sender.ts';
import { noticesOf, noticeType } from './notices.ts';
import { redactHeaders } from './redact-headers.ts';

/**
 * Tells a listener's `cloudEventURI` what becomes of its events, in upstream's types and attributes (reference/triggers.md 6.4), but for these: a
 * `failed` is sent for each trigger that failed, which upstream promises and does not do; headers that carry secrets are blanked; the source is the
 * same for all of an event's. What is dropped the journal has.
 */
export class CloudEvents {
  readonly #sender: CloudEventSender;

  constructor(sender: CloudEventSender) {
    this.#sender = sender;
  }

  /** One event whose verdicts are in the journal. Returns at once. */
  processed(listener: Stored<EventListener>, delivery: Delivery, verdicts: readonly TriggerVerdict[]): void {
    const uri = listener.spec.cloudEventURI ?? '';
    if (uri === '') return;
    const { eventId, namespace, listener: name, receivedAt, headers } = delivery;
    const events = noticesOf(verdicts).map(({ kind, data }) => ({
      id: eventId,
      type: noticeType(kind),
      source: `/apis//v1beta1/namespaces/${namespace}/EventListener/${name}`,
      subject: `${name} processing ${eventId}`,
      time: receivedAt,
      data: JSON.stringify(kind === 'started' ? redactHeaders(headers) : data),
    }));
    this.#sender.send({ uri, events, lane: eventId });
  }
}
