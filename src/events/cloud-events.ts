import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Delivery } from '../ports/journal.ts';
import type { Logger } from '../ports/logger.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { type NoticeKind, noticesOf, noticeType } from './notices.ts';
import { Pauses } from './pauses.ts';
import { redactHeaders } from './redact-headers.ts';

export interface CloudEventOptions {
  readonly http: Http;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Upstream's: ten more tries, from 10 ms on, each pause twice the last. */
const TRIES = 11;
const FIRST_PAUSE_MS = 10;
const TIMEOUT_MS = 10_000;
/** Events whose notices are being sent, and that may wait; beyond it they are dropped, for the journal has everything. */
const AT_ONCE = 16;
const MOST_WAITING = 1_000;

/**
 * Tells a listener's `cloudEventURI` what becomes of its events, in upstream's types and attributes (reference/triggers.md 6.4), but for these: a
 * `failed` is sent for each trigger that failed, which upstream promises and does not do; headers that carry secrets are blanked; the source is the
 * same for all of an event's. Not durable: what is not taken after ten more tries is logged and let go.
 */
export class CloudEvents {
  readonly #options: CloudEventOptions;
  readonly #waiting: (() => Promise<void>)[] = [];
  #active = 0;
  #dropped = false;
  #closed = false;
  #idle: (() => void)[] = [];
  readonly #pauses: Pauses;

  constructor(options: CloudEventOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.clock);
  }

  /** One event whose verdicts are in the journal. Returns at once. */
  processed(listener: Stored<EventListener>, delivery: Delivery, verdicts: readonly TriggerVerdict[]): void {
    const uri = listener.spec.cloudEventURI ?? '';
    if (uri === '' || this.#closed) return;
    if (this.#waiting.length >= MOST_WAITING) {
      if (!this.#dropped) this.#options.logger.warn('cloud events dropped: their receiver is too slow', { uri: placeOf(uri) });
      this.#dropped = true;
      return;
    }
    this.#waiting.push(async () => {
      for (const { kind, data } of noticesOf(verdicts)) {
        if (!(await this.#insist(uri, delivery, kind, kind === 'started' ? redactHeaders(delivery.headers) : data))) return;
      }
    });
    this.#next();
  }

  /** Resolves when nothing is being sent. What still waits is let go. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#pauses.end();
    if (this.#active > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    while (this.#active < AT_ONCE) {
      const work = this.#waiting.shift();
      if (work === undefined) break;
      this.#active++;
      void work().finally(() => {
        this.#active--;
        this.#next();
      });
    }
    if (this.#active > 0) return;
    this.#dropped = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #insist(uri: string, delivery: Delivery, kind: NoticeKind, data: unknown): Promise<boolean> {
    const { http, logger } = this.#options;
    let trouble = '';
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await this.#pauses.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      if (this.#closed) return false;
      const result = await http.send(requestOf(uri, delivery, kind, data));
      if (result.ok && result.response.status >= 200 && result.response.status < 300) return true;
      trouble = result.ok ? `answered ${result.response.status}` : result.message;
      // Nothing that time would mend.
      if (!result.ok && result.code === 'Refused') break;
    }
    logger.warn('cloud event not delivered', { uri: placeOf(uri), eventId: delivery.eventId, kind, error: trouble });
    return false;
  }
}

/** Binary mode: attributes in headers, data as the body. */
function requestOf(uri: string, { eventId, namespace, listener, receivedAt }: Delivery, kind: NoticeKind, data: unknown) {
  return {
    method: 'POST',
    url: uri,
    headers: {
      'Content-Type': 'application/json',
      'Ce-Specversion': '1.0',
      'Ce-Id': eventId,
      'Ce-Type': noticeType(kind),
      'Ce-Source': `/apis//v1beta1/namespaces/${namespace}/EventListener/${listener}`,
      'Ce-Subject': `${listener} processing ${eventId}`,
      'Ce-Time': new Date(receivedAt).toISOString(),
    },
    body: JSON.stringify(data),
    timeoutMs: TIMEOUT_MS,
    privateNetwork: true,
  } as const;
}

/** For logs: a query may hold a key. */
function placeOf(uri: string): string {
  return uri.split('?', 1)[0] ?? '';
}
