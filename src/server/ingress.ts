import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Acceptance, Intake } from '../events/arrival.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventMeter } from '../ports/event-meter.ts';
import type { Logger } from '../ports/logger.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { canonicalHeaders } from './canonical-headers.ts';
import { announcedLength, type BodyBudget, readBody } from './read-body.ts';
import { refuse } from './refuse.ts';

export interface IngressLimits {
  /** Bytes of one body. */
  readonly maxBodyBytes: number;
  readonly maxHeaders: number;
  /** Requests being answered at once; more are told to come back. */
  readonly maxConcurrent: number;
  /** Milliseconds from a body's last byte to the answer. GitHub gives up after 10 seconds. */
  readonly answerWithinMs: number;
}

export const defaultIngressLimits: IngressLimits = {
  maxBodyBytes: 10 * 1024 * 1024,
  maxHeaders: 100,
  maxConcurrent: 2_000,
  answerWithinMs: 9_000,
};

export interface IngressOptions {
  readonly intake: Intake;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: EventMeter;
  readonly budget: BodyBudget;
  readonly limits?: Partial<IngressLimits> | undefined;
  /** `namespace/name`: gets every path that names no listener, as upstream's sink serves one listener under all paths. */
  readonly defaultListener?: string | undefined;
  /** Where people look at an event; becomes a `Link` header. */
  readonly eventUrl?: ((eventId: string) => string) | undefined;
}

const declinedStatus: Readonly<Record<Exclude<Acceptance['outcome'], 'accepted' | 'answered'>, number>> = {
  malformed: 400,
  unauthentic: 401,
  unsigned: 403,
  busy: 503,
};

type Answered = Extract<Acceptance, { readonly outcome: 'answered' }>;

const FORM = 'POST to /<namespace>/<listener>';
const JSON_TYPE = 'application/json';

/**
 * The public side: a bare handler, because this is the hot path (express costs twice as much as all the rest of it). Answers as upstream's sink
 * does (reference/triggers.md 6.1), whatever the method, but for these: a path names the listener, and refusals are 401, 403, 404, 413, 431 and
 * 503 with a reason where upstream answers 202 or not at all.
 */
export class Ingress {
  readonly #options: IngressOptions;
  readonly #limits: IngressLimits;
  #active = 0;
  #draining = false;

  constructor(options: IngressOptions) {
    this.#options = options;
    this.#limits = { ...defaultIngressLimits, ...options.limits };
  }

  /** From now on new requests are told to come back later; those under way are finished. */
  drain(): void {
    this.#draining = true;
  }

  /** For `request` and for `checkContinue`: leave to send a body is only given to requests that will be read. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = pathOf(request.url ?? '/');
    if (path === '/live') {
      refuse(request, response, { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'ok' });
      return;
    }
    const listener = this.#route(path);
    const refusal = this.#refusal(request, path, listener);
    if (refusal !== undefined || listener === undefined) {
      this.#refuse(request, response, listener, refusal ?? [404, '']);
      return;
    }
    this.#active++;
    this.#serve(request, response, listener)
      .catch((error: unknown) => {
        this.#options.logger.error('ingress failed', {
          error: error instanceof Error ? error.message : String(error),
          listener: listener.metadata.name,
        });
        if (!response.headersSent)
          this.#refuse(request, response, listener, [500, 'internal error; the event was not stored, send it again']);
      })
      .finally(() => {
        this.#active--;
      });
  };

  #route(path: string): Stored<KubeObject> | undefined {
    const { intake, defaultListener } = this.#options;
    const first = path.indexOf('/', 1);
    if (first > 0) {
      const second = path.indexOf('/', first + 1);
      const found = intake.find(path.slice(1, second < 0 ? undefined : second));
      if (found !== undefined) return found;
    }
    if (defaultListener !== undefined) return intake.find(defaultListener);
    return path === '/' ? intake.sole() : undefined;
  }

  /** Everything that can be said without the body. */
  #refusal(
    request: IncomingMessage,
    path: string,
    listener: Stored<KubeObject> | undefined,
  ): readonly [status: number, message: string] | undefined {
    if (this.#draining) return [503, 'shutting down; send it again'];
    if (this.#active >= this.#limits.maxConcurrent) return [503, 'too many requests at once; send it again'];
    if (request.rawHeaders.length > this.#limits.maxHeaders * 2) return [431, `more than ${this.#limits.maxHeaders} headers`];
    if (listener === undefined) return [404, `no EventListener at ${JSON.stringify(path.slice(0, 200))}; ${FORM}`];
    const length = announcedLength(request) ?? 0;
    return length > this.#limits.maxBodyBytes ? [413, this.#tooLarge(`${length} bytes`)] : undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse, listener: Stored<KubeObject>): Promise<void> {
    const { budget, clock, intake, meter } = this.#options;
    const receivedAt = clock.now();
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await readBody(request, this.#limits.maxBodyBytes, budget);
    if (body.outcome === 'aborted') return;
    if (body.outcome === 'too-large') return this.#refuse(request, response, listener, [413, this.#tooLarge('more')]);
    if (body.outcome === 'no-memory')
      return this.#refuse(request, response, listener, [503, 'too much is being received at once; send it again']);
    const late = setTimeout(
      () => this.#refuse(request, response, listener, [503, 'not stored in time; send it again']),
      this.#limits.answerWithinMs,
    );
    try {
      const headers = canonicalHeaders(request.rawHeaders);
      const arrival = { method: request.method ?? 'POST', url: request.url ?? '/', headers, body: body.bytes, receivedAt };
      const acceptance = await intake.accept(listener, arrival);
      if (response.headersSent) return;
      if (acceptance.outcome === 'accepted') {
        this.#accepted(response, listener, acceptance.eventId, isCloudEvent(headers));
        meter.received('succeeded', (clock.now() - receivedAt) / 1000);
      } else if (acceptance.outcome === 'answered') {
        this.#answered(response, acceptance);
        meter.received('succeeded', (clock.now() - receivedAt) / 1000);
      } else {
        const retryAfter = acceptance.outcome === 'busy' ? acceptance.retryAfterSeconds : undefined;
        this.#refuse(request, response, listener, [declinedStatus[acceptance.outcome], acceptance.message], retryAfter);
      }
    } finally {
      clearTimeout(late);
      budget.giveBack(body.bytes.length);
    }
  }

  #accepted(response: ServerResponse, listener: Stored<KubeObject>, eventId: string, cloudEvent: boolean): void {
    const { name, namespace = '', uid } = listener.metadata;
    const json = `{"eventListener":"${name}","namespace":"${namespace}","eventListenerUID":"${uid}","eventID":"${eventId}"}`;
    const body = cloudEvent ? json : `${json}\n`;
    const headers = ['Content-Type', JSON_TYPE, 'Content-Length', String(Buffer.byteLength(body))];
    const { eventUrl } = this.#options;
    if (eventUrl !== undefined) headers.push('Link', `<${eventUrl(eventId)}>; rel="monitor"`);
    if (cloudEvent) {
      headers.push('Ce-Id', eventId, 'Ce-Source', name, 'Ce-Specversion', '1.0');
      headers.push('Ce-Subject', `${namespace}.${name} accepted ${eventId}`, 'Ce-Type', 'dev.tekton.event.triggers.accepted.v1');
    }
    if (this.#draining) headers.push('Connection', 'close');
    response.writeHead(202, headers);
    response.end(body);
  }

  #answered(response: ServerResponse, { status, contentType, body, eventId }: Answered): void {
    const headers = ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(body))];
    const { eventUrl } = this.#options;
    if (eventUrl !== undefined && eventId !== undefined) headers.push('Link', `<${eventUrl(eventId)}>; rel="monitor"`);
    if (this.#draining) headers.push('Connection', 'close');
    response.writeHead(status, headers);
    response.end(body);
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    listener: Stored<KubeObject> | undefined,
    [status, message]: readonly [number, string],
    retryAfterSeconds = 5,
  ): void {
    if (response.headersSent) return;
    this.#options.meter.received('failed', 0);
    const headers: Record<string, string> = { 'Content-Type': JSON_TYPE };
    if (status === 503) headers['Retry-After'] = String(retryAfterSeconds);
    if (this.#draining) headers['Connection'] = 'close';
    refuse(request, response, { status, headers, body: errorBody(listener, message) });
  }

  #tooLarge(got: string): string {
    return `body too large: at most ${this.#limits.maxBodyBytes} bytes, got ${got}`;
  }
}

/** Upstream's error form: the uid stays empty. */
function errorBody(listener: Stored<KubeObject> | undefined, errorMessage: string): string {
  const { name = '', namespace = '' } = listener?.metadata ?? {};
  return `${JSON.stringify({ eventListener: name, namespace, eventListenerUID: '', errorMessage })}\n`;
}

/** Without the query; `http://host/path` (as sent to proxies) counts as `/path`. */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  if (path.startsWith('/')) return path;
  const scheme = path.indexOf('://');
  const slash = scheme < 0 ? -1 : path.indexOf('/', scheme + 3);
  return slash < 0 ? '/' : path.slice(slash);
}

function isCloudEvent(headers: Readonly<Record<string, readonly string[]>>): boolean {
  return headers['Ce-Specversion'] !== undefined || (headers['Content-Type']?.[0]?.startsWith('application/cloudevents+json') ?? false);
}
