import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Logger } from '../ports/logger.ts';
import { Pauses } from './pauses.ts';

/** CloudEvents 1.0 in binary mode: attributes in headers, data as the body. */
export interface CloudEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** JSON. */
  readonly data: string;
}

/** Events to one receiver, one after the other; when one cannot be delivered, those after it are let go. */
export interface Letter {
  readonly uri: string;
  readonly events: readonly CloudEvent[];
  /** Letters of one lane go one after the other. */
  readonly lane: string;
  /** Of each event that was tried; `error` absent: it was delivered. */
  readonly settled?: ((event: CloudEvent, error: string | undefined) => void) | undefined;
}

export interface CloudEventSenderOptions {
  readonly http: Http;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Upstream's: ten more tries, from 10 ms on, each pause twice the last. */
const TRIES = 11;
const FIRST_PAUSE_MS = 10;
const TIMEOUT_MS = 10_000;
/** Letters under way, and what may wait; beyond it they are dropped. */
const AT_ONCE = 16;
const MOST_WAITING = 1_000;
const MOST_WAITING_CHARACTERS = 16 * 1024 * 1024;

/**
 * Sends CloudEvents without anybody waiting for it: a receiver that is slow or dead costs a bounded number of letters and of characters, and
 * what is more is let go. Not durable: what is not taken after ten more tries is logged and let go.
 */
export class CloudEventSender {
  readonly #options: CloudEventSenderOptions;
  readonly #pauses: Pauses;
  readonly #waiting: Letter[] = [];
  readonly #busy = new Set<string>();
  #characters = 0;
  #dropped = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: CloudEventSenderOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.clock);
  }

  /** Returns at once. */
  send(letter: Letter): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MOST_WAITING || this.#characters + sizeOf(letter) > MOST_WAITING_CHARACTERS) {
      if (!this.#dropped) this.#options.logger.warn('cloud events dropped: their receiver is too slow', { uri: placeOf(letter.uri) });
      this.#dropped = true;
      return;
    }
    this.#waiting.push(letter);
    this.#characters += sizeOf(letter);
    this.#next();
  }

  /** Resolves when nothing is being sent. What still waits is let go. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#pauses.end();
    if (this.#busy.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    while (this.#busy.size < AT_ONCE) {
      const index = this.#waiting.findIndex(({ lane }) => !this.#busy.has(lane));
      const [letter] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (letter === undefined) break;
      this.#characters -= sizeOf(letter);
      this.#busy.add(letter.lane);
      void this.#deliver(letter).finally(() => {
        this.#busy.delete(letter.lane);
        this.#next();
      });
    }
    if (this.#busy.size > 0) return;
    this.#dropped = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #deliver({ uri, events, settled }: Letter): Promise<void> {
    for (const event of events) {
      const error = await this.#insist(uri, event);
      if (this.#closed && error !== undefined) return;
      settled?.(event, error);
      if (error === undefined) continue;
      this.#options.logger.warn('cloud event not delivered', { uri: placeOf(uri), subject: event.subject, type: event.type, error });
      return;
    }
  }

  /** What is wrong, if it could not be delivered. */
  async #insist(uri: string, event: CloudEvent): Promise<string | undefined> {
    let trouble = 'the server stops';
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await this.#pauses.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      if (this.#closed) break;
      const result = await this.#options.http.send(requestOf(uri, event));
      if (result.ok && result.response.status >= 200 && result.response.status < 300) return undefined;
      trouble = result.ok ? `answered ${result.response.status}` : result.message;
      // Nothing that time would mend.
      if (!result.ok && result.code === 'Refused') break;
    }
    return trouble;
  }
}

function requestOf(uri: string, { id, type, source, subject, time, data }: CloudEvent) {
  return {
    method: 'POST',
    url: uri,
    headers: {
      'Content-Type': 'application/json',
      'Ce-Specversion': '1.0',
      'Ce-Id': id,
      'Ce-Type': type,
      'Ce-Source': source,
      'Ce-Subject': subject,
      'Ce-Time': new Date(time).toISOString(),
    },
    body: data,
    timeoutMs: TIMEOUT_MS,
    privateNetwork: true,
  } as const;
}

function sizeOf({ events }: Letter): number {
  return events.reduce((sum, { data }) => sum + data.length, 0);
}

/** For logs: a query may hold a key. */
function placeOf(uri: string): string {
  return uri.split('?', 1)[0] ?? '';
}
