import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../ports/clock.ts';
import type { KubeConnection, KubeCredentials } from './connection.ts';
import { type KubeAnswer, type KubeClient, KubeError, type KubeRequest } from './kube-client.ts';
import { RateLimit } from './rate-limit.ts';

export interface KubeClientOptions {
  readonly clock: Clock;
  /** Requests a second on average. */
  readonly qps?: number | undefined;
  /** Requests at once. */
  readonly burst?: number | undefined;
}

const SOCKETS = 64;
/** Of one answer in memory; the API server's own limits are well below. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Without a byte. */
const REQUEST_SILENCE_MS = 60_000;
/** Nothing is silent for so long: watches have bookmarks, and end after some minutes. */
const STREAM_SILENCE_MS = 10 * 60_000;
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const MOST_SECONDS = 60;

export function createKubeClient(connection: KubeConnection, { clock, qps = 200, burst = 400 }: KubeClientOptions): KubeClient {
  const limit = new RateLimit(clock, { qps, burst });
  const secure = connection.server.startsWith('https:');
  const agentOptions = { keepAlive: true, maxSockets: SOCKETS };
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  // Watches stay: they must not use up the sockets of those who come and go.
  const streamAgent = secure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });

  async function open(
    wanted: KubeRequest,
    streamed: boolean,
    credentials: KubeCredentials,
    body: string | undefined,
  ): Promise<IncomingMessage> {
    const url = new URL(connection.server + wanted.path);
    for (const [key, value] of Object.entries(wanted.query ?? {})) if (value !== undefined) url.searchParams.set(key, value);
    const headers = {
      accept: wanted.accept ?? 'application/json',
      'user-agent': 'tappet',
      ...(body === undefined
        ? {}
        : { 'content-type': wanted.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...(credentials.authorization === undefined ? {} : { authorization: credentials.authorization }),
      ...(wanted.impersonate === undefined ? {} : { 'impersonate-user': wanted.impersonate }),
    };
    const tls = secure
      ? { ca: connection.ca, cert: credentials.cert, key: credentials.key, rejectUnauthorized: connection.skipVerification !== true }
      : {};
    const options = { method: wanted.method, headers, agent: streamed ? streamAgent : agent, signal: wanted.signal, ...tls };
    return await new Promise((resolve, reject) => {
      const request = secure ? httpsRequest(url, options, resolve) : httpRequest(url, options, resolve);
      request.setTimeout(streamed ? STREAM_SILENCE_MS : REQUEST_SILENCE_MS, () => request.destroy(new Error('nothing came for too long')));
      request.once('error', reject);
      request.end(body);
    });
  }

  /** The answer's head, when it is a good one. */
  async function send(wanted: KubeRequest, streamed: boolean): Promise<IncomingMessage> {
    const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
    let again = false;
    for (let attempt = 1; ; attempt++) {
      await limit.take();
      wanted.signal?.throwIfAborted();
      let response: IncomingMessage;
      try {
        response = await open(wanted, streamed, await connection.credentials(again), body);
      } catch (error) {
        if (wanted.signal?.aborted) throw error;
        // Whether a write was done is not known: that is for who knows what it was.
        if (wanted.method !== 'GET' || attempt >= ATTEMPTS) throw unreachable(connection.server, error);
        await pause(clock, backoff(attempt), wanted.signal);
        continue;
      }
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return response;
      const refusal = refusalOf(status, await text(response, connection.server));
      const seconds = Number(response.headers['retry-after']);
      const asked = Number.isFinite(seconds) ? Math.min(seconds, MOST_SECONDS) * 1_000 : 0;
      const busy = status === 429 || (status === 503 && asked > 0) || (status === 504 && wanted.method === 'GET');
      if (status === 401 && !again) {
        again = true;
        continue;
      }
      if (!busy || attempt >= ATTEMPTS) throw refusal;
      await pause(clock, asked * (1 + Math.random() / 4) + backoff(attempt), wanted.signal);
    }
  }

  return {
    server: connection.server,
    async request<T>(wanted: KubeRequest): Promise<KubeAnswer<T>> {
      const response = await send(wanted, false);
      const received = await text(response, connection.server);
      return {
        status: response.statusCode ?? 0,
        body: (received === '' ? undefined : parse(received, wanted)) as T,
        warnings: warningsOf(response),
      };
    },
    async *stream(wanted) {
      const response = await send({ ...wanted, method: 'GET' }, true);
      try {
        for await (const chunk of response) yield chunk;
      } catch (error) {
        if (wanted.signal?.aborted !== true) throw unreachable(connection.server, error);
      } finally {
        response.destroy();
      }
    },
    close() {
      agent.destroy();
      streamAgent.destroy();
    },
  };
}

function backoff(attempt: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return longest / 2 + (Math.random() * longest) / 2;
}

function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.at(clock.now() + ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    const stop = (): void => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

async function text(response: IncomingMessage, server: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) {
        response.destroy();
        throw new KubeError(0, 'TooLarge', `${server} answered more than ${MAX_ANSWER_BYTES} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof KubeError ? error : unreachable(server, error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(received: string, { method, path }: KubeRequest): unknown {
  try {
    return JSON.parse(received);
  } catch (cause) {
    throw new KubeError(0, 'Unreachable', `${method} ${path}: the answer is not JSON`, { cause });
  }
}

function refusalOf(code: number, received: string): KubeError {
  try {
    const { reason = '', message, details } = JSON.parse(received);
    const causes = (details?.causes ?? []).map((cause: { field?: string; message?: string }) => ({
      field: cause.field ?? '',
      message: cause.message ?? '',
    }));
    return new KubeError(code, String(reason), String(message ?? received), { causes });
  } catch {
    return new KubeError(code, '', received.trim().slice(0, 1_000) || `the server answered ${code}`);
  }
}

function unreachable(server: string, cause: unknown): KubeError {
  return new KubeError(0, 'Unreachable', `cannot reach the API server at ${server}: ${cause instanceof Error ? cause.message : cause}`, {
    cause,
  });
}

/** `299 - "text", 299 - "text"`. */
function warningsOf({ headers }: IncomingMessage): readonly string[] {
  const header = headers['warning'];
  const all = Array.isArray(header) ? header.join(', ') : (header ?? '');
  return [...all.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}
