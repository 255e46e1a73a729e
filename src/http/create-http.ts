import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { HttpRequest, HttpResult } from '../triggers/http-exchange.ts';
import { readAnswer } from './answer.ts';
import { type ConnectionPool, createConnectionPool } from './connection-pool.ts';
import { locate, type OutboundPolicy } from './destination.ts';
import { type Exchanged, type ExchangeOptions, exchange } from './exchange.ts';
import { explainError } from './explain-error.ts';
import { failure } from './failure.ts';
import { firstHop, type Hop, isRedirect, redirected } from './hop.ts';
import { cachedResolve, type ResolveName, systemResolve } from './resolve-name.ts';
import { shownUrl } from './shown-url.ts';

export interface HttpOptions {
  readonly outbound: OutboundPolicy;
  readonly clock: Clock;
  /** How names become addresses; the system's way when absent. */
  readonly resolve?: ResolveName | undefined;
}

const TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Where a request has got to: what to say when time is up. */
interface Progress {
  url: URL;
  doing: 'resolving its name' | 'waiting for its answer' | 'reading its answer';
}

interface Means {
  readonly pool: ConnectionPool;
  readonly policy: OutboundPolicy;
  readonly resolve: ResolveName;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** The one way out, over Node's own client. */
export function createHttp({ outbound: policy, clock, resolve: ask = systemResolve }: HttpOptions): Http {
  const pool = createConnectionPool();
  const resolve = cachedResolve(ask, clock);
  return {
    async send(request) {
      const hop = firstHop(request);
      if ('ok' in hop) return hop;
      const timeoutMs = request.timeoutMs ?? TIMEOUT_MS;
      const deadline = new AbortController();
      const progress: Progress = { url: hop.url, doing: 'resolving its name' };
      let cancel = (): void => {};
      const expired = new Promise<void>((settle) => {
        const give = (): void => {
          settle();
          deadline.abort();
        };
        const stopClock = clock.at(clock.now() + timeoutMs, give);
        request.signal?.addEventListener('abort', give);
        if (request.signal?.aborted) give();
        cancel = () => {
          stopClock();
          request.signal?.removeEventListener('abort', give);
        };
      });
      try {
        // A question to the system's resolver cannot be taken back: it is not waited for.
        const result = await Promise.race([follow(hop, request, { pool, policy, resolve, signal: deadline.signal, progress }), expired]);
        if (result !== undefined && !deadline.signal.aborted) return result;
        const when = request.signal?.aborted ? 'when told to' : `after ${timeoutMs / 1_000} s`;
        return failure('Timeout', `${shownUrl(progress.url)}: gave up ${when}, while ${progress.doing}`);
      } finally {
        cancel();
      }
    },
    async close() {
      pool.close();
    },
  };
}

/** Every hop is checked like the first. */
async function follow(first: Hop, request: HttpRequest, means: Means): Promise<HttpResult> {
  const { progress, signal } = means;
  const { maxRedirects = 0 } = request;
  let hop = first;
  for (let followed = 0; ; followed++) {
    Object.assign(progress, { url: hop.url, doing: 'resolving its name' });
    // Whoever wrote the configuration named the first server, and not where it sends us.
    const privateNetwork = request.privateNetwork === true && hop.url.hostname === first.url.hostname;
    const located = await locate(hop.url, { ...means, privateNetwork });
    if (!located.ok) return located;
    // Nobody waits any more: nothing is connected.
    signal.throwIfAborted();
    progress.doing = 'waiting for its answer';
    const exchanged = await attempt(hop, { ...means, addresses: located.addresses, caBundle: request.caBundle });
    if (!exchanged.ok) return unanswered(hop.url, exchanged);
    const { message } = exchanged;
    const { statusCode: status = 0, headers } = message;
    if (maxRedirects === 0 || !isRedirect(status, headers.location)) {
      progress.doing = 'reading its answer';
      return readAnswer(exchanged, hop.url, request.maxResponseBytes ?? MAX_RESPONSE_BYTES);
    }
    message.destroy();
    if (followed === maxRedirects)
      return failure(
        'TooManyRedirects',
        `${shownUrl(first.url)} redirects more than ${maxRedirects} times, at last from ${shownUrl(hop.url)}`,
      );
    const next = redirected(hop, status, headers.location);
    if ('ok' in next) return next;
    hop = next;
  }
}

/**
 * A kept connection may have been closed while the request was on its way. Whether the server saw it nobody knows, so only what may be done
 * twice is sent again, once, on a connection of its own.
 */
async function attempt(hop: Hop, options: Omit<ExchangeOptions, 'alone'>): Promise<Exchanged> {
  const exchanged = await exchange(hop, { ...options, alone: false });
  const again = !exchanged.ok && exchanged.reused && hop.method !== 'POST' && hop.method !== 'PATCH' && !options.signal.aborted;
  return again ? exchange(hop, { ...options, alone: true }) : exchanged;
}

function unanswered(url: URL, { error, untrusted }: Extract<Exchanged, { ok: false }>): HttpResult {
  const { code, why } = explainError(error, untrusted);
  return failure(code, `cannot reach ${shownUrl(url)}: ${why}`);
}
