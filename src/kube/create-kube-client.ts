import type { IncomingMessage } from 'node:http';
import type { Clock } from '../ports/clock.ts';
import { backoff } from './backoff.ts';
import { BrokenConnection } from './broken-connection.ts';
import type { Credentials, KubeConnection } from './connection.ts';
import { type KubeAnswer, type KubeClient, KubeError, type KubeRequest, type Query } from './kube-client.ts';
import { createRateLimit, pause } from './rate-limit.ts';
import { chunksOf, errorOf, readAnswer, warningsOf } from './read-answer.ts';
import { createTransport } from './transport.ts';

export interface KubeClientOptions {
  readonly clock: Clock;
  /** Requests a second, in the long run; and how many at once after a rest. The API server has a priority and fairness of its own. */
  readonly qps?: number | undefined;
  readonly burst?: number | undefined;
  /** How often a request is sent before its failure is told. */
  readonly attempts?: number | undefined;
  /** Between 0 and 1: what spreads the pauses of many clients. */
  readonly random?: (() => number) | undefined;
}

const PAUSES = { firstMs: 100, longestMs: 5_000 };
/** A server that asks for more patience than this gets its answer told instead. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** A page of 500 objects of half the size that etcd takes at most. */
const MAX_ANSWER_BYTES = 384 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 1024 * 1024;

/** See `KubeClient`. Opens no connection before the first request. */
export function createKubeClient(connection: KubeConnection, options: KubeClientOptions): KubeClient {
  const { clock, qps = 100, burst = 200, attempts = 5, random = Math.random } = options;
  const transport = createTransport(connection, clock);
  const limit = createRateLimit(clock, { perSecond: qps, burst });

  const once = async (request: KubeRequest, lasting: boolean, credentials: Credentials): Promise<IncomingMessage> => {
    const {
      method,
      path,
      query,
      body,
      contentType = 'application/json',
      accept = 'application/json',
      headers,
      impersonate,
      signal,
    } = request;
    const text = body === undefined ? undefined : JSON.stringify(body);
    return transport.send({
      method,
      path: path + queryText(query),
      credentials: impersonate === undefined ? credentials : inNameOf(impersonate, credentials),
      headers: {
        ...headers,
        accept,
        // The API server names the manager of fields after it.
        'user-agent': 'tappet',
        ...(text !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
      },
      body: text,
      lasting,
      signal,
    });
  };

  /** The head of a 2xx answer, however often that has to be asked for; `read` takes it in and belongs to the attempt. */
  const obtain = async <T>(request: KubeRequest, lasting: boolean, read: (answer: IncomingMessage) => Promise<T>): Promise<T> => {
    const { method, signal } = request;
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      await limit.turn(signal);
      const credentials = await connection.credentials.current(clock.now());
      let wait: number;
      try {
        const answer = await once(request, lasting, credentials);
        const { statusCode = 0 } = answer;
        if (statusCode >= 200 && statusCode < 300) return await read(answer);
        const refusal = errorOf(statusCode, await readAnswer(answer, MAX_REFUSAL_BYTES, signal));
        if (statusCode === 401 && !renewed && connection.credentials.renew(credentials)) {
          renewed = true;
          continue;
        }
        const patience = patienceOf(answer, method) ?? Number.POSITIVE_INFINITY;
        if (attempt >= attempts || patience > LONGEST_RETRY_AFTER_MS) throw refusal;
        wait = Math.max(patience, backoff(attempt - 1, PAUSES, random));
      } catch (error) {
        if (!(error instanceof BrokenConnection)) throw error;
        // A write that may have arrived is the caller's to look after.
        if (attempt >= attempts || (method !== 'GET' && error.sent)) throw unreachable(connection.server, error);
        wait = backoff(attempt - 1, PAUSES, random);
      }
      await pause(clock, wait, signal);
    }
  };

  return {
    server: connection.server,
    request: <T>(request: KubeRequest) =>
      obtain<KubeAnswer<T>>(request, false, async (answer) => {
        const text = await readAnswer(answer, MAX_ANSWER_BYTES, request.signal);
        return { status: answer.statusCode ?? 0, body: parsed<T>(text, answer), warnings: warningsOf(answer) };
      }),
    async *stream(request) {
      let answer: IncomingMessage;
      try {
        answer = await obtain({ ...request, method: 'GET' }, true, async (head) => head);
      } catch (error) {
        if (request.signal?.aborted === true) return;
        throw error;
      }
      try {
        yield* chunksOf(answer, request.signal);
      } catch (error) {
        throw error instanceof BrokenConnection ? unreachable(connection.server, error) : error;
      }
    },
    close: () => transport.close(),
  };
}

/** Milliseconds until it is worth asking again; `undefined`: it is not. */
function patienceOf({ statusCode = 0, headers }: IncomingMessage, method: string): number | undefined {
  const seconds = Number(headers['retry-after']);
  // A 5xx with the header was refused before anything was done, as the API server uses it.
  if (headers['retry-after'] !== undefined && Number.isFinite(seconds) && (statusCode === 429 || statusCode >= 500)) return seconds * 1_000;
  if (statusCode === 429 || (method === 'GET' && statusCode >= 502 && statusCode <= 504)) return 0;
  return undefined;
}

/** The API server gives a service account that is impersonated its own groups as long as none are named. */
function inNameOf(user: string, credentials: Credentials): Credentials {
  const { 'impersonate-group': _, ...headers } = credentials.headers;
  return { ...credentials, headers: { ...headers, 'impersonate-user': user } };
}

function unreachable(server: string, error: BrokenConnection): KubeError {
  return new KubeError(0, 'Unreachable', `cannot reach the API server at ${new URL(server).origin}: ${error.message}`, { cause: error });
}

function parsed<T>(text: string, answer: IncomingMessage): T {
  if (text === '') return undefined as T;
  const type = answer.headers['content-type'] ?? '';
  if (!type.includes('json')) return text as T;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KubeError(0, 'Malformed', `the API server's answer is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function queryText(query: Query | undefined): string {
  const given = Object.entries(query ?? {}).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
