import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Logger } from '../ports/logger.ts';
import { otlpJson } from './otlp.ts';
import type { Span } from './span.ts';

export interface SpanExporterOptions {
  /** OTLP over HTTP: `http://collector:4318/v1/traces`. */
  readonly endpoint: string;
  /** Asked for each request, so that a secret may change; `undefined`: none. */
  readonly authorization: () => Promise<string | undefined>;
  readonly http: Http;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of this process: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>;
}

/** Spans gather for so long, or until there are so many, and go in one request. */
const GATHER_MS = 2_000;
const BATCH = 256;
/** Beyond it spans are let go: traces are worth no memory that runs need. */
const MOST_WAITING = 4_096;
const TIMEOUT_MS = 10_000;

/** Sends spans without anybody waiting for it. What the collector does not take is let go, and told once until it takes some again. */
export class SpanExporter {
  readonly #options: SpanExporterOptions;
  #waiting: Span[] = [];
  #timer: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #troubled = false;
  #closed = false;

  constructor(options: SpanExporterOptions) {
    this.#options = options;
  }

  /** Returns at once. */
  add(spans: readonly Span[]): void {
    if (this.#closed || spans.length === 0) return;
    if (this.#waiting.length + spans.length > MOST_WAITING) {
      this.#complain('spans are let go: the collector is too slow');
      return;
    }
    this.#waiting.push(...spans);
    if (this.#waiting.length >= BATCH) this.#flush();
    else this.#timer ??= this.#options.clock.at(this.#options.clock.now() + GATHER_MS, () => this.#flush());
  }

  /** Sends what has gathered, once. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#flush();
    await this.#sending;
  }

  #flush(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const problem = await this.#send(this.#waiting.splice(0, BATCH)).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      );
      if (problem === undefined) this.#troubled = false;
      else {
        this.#complain(problem);
        if (this.#closed) return;
      }
    }
  }

  /** What is wrong, if they were not taken. */
  async #send(spans: readonly Span[]): Promise<string | undefined> {
    const { endpoint, authorization, http, resource } = this.#options;
    const credentials = await authorization();
    const result = await http.send({
      method: 'POST',
      url: endpoint,
      headers: { 'Content-Type': 'application/json', ...(credentials === undefined ? {} : { Authorization: credentials }) },
      body: otlpJson(spans, resource),
      timeoutMs: TIMEOUT_MS,
      privateNetwork: true,
    });
    if (!result.ok) return result.message;
    const { status } = result.response;
    return status >= 200 && status < 300 ? undefined : `answered ${status}`;
  }

  #complain(problem: string): void {
    if (!this.#troubled) this.#options.logger.warn('traces are not taken', { endpoint: this.#options.endpoint.split('?', 1)[0], problem });
    this.#troubled = true;
  }
}
