import type { Clock } from '../ports/clock.ts';
import type { ChangeType } from '../ports/store.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { backoff } from './backoff.ts';
import { jsonLines } from './json-lines.ts';
import { type KubeClient, KubeError } from './kube-client.ts';
import type { Collection } from './list-pages.ts';
import { pause } from './rate-limit.ts';

export interface Follow extends Collection {
  readonly clock: Clock;
  /** Every change after this one. */
  readonly resourceVersion: string;
  /** Told how far everything has been yielded. */
  readonly onPosition?: ((resourceVersion: string) => void) | undefined;
  readonly random?: (() => number) | undefined;
}

export interface ObjectChange<T extends KubeObject = KubeObject> {
  readonly type: ChangeType;
  readonly object: Stored<T>;
}

type Line<T extends KubeObject> =
  | ObjectChange<T>
  | { readonly type: 'BOOKMARK'; readonly object: { readonly metadata: { readonly resourceVersion: string } } }
  | { readonly type: 'ERROR'; readonly object: { readonly code?: number; readonly reason?: string; readonly message?: string } };

/** The server ends a watch after this long, or up to half as long again, so that many do not end at once. */
const WATCH_SECONDS = 300;
/** The server sends a bookmark a minute: after this long without anything the connection leads nowhere. */
const SILENT_MS = 150_000;
const PAUSES = { firstMs: 100, longestMs: 10_000 };

/**
 * Every change of a collection after a version, in order. A watch that ends, or a connection that breaks or falls silent, is taken up again where it
 * stood, with growing pauses as long as nothing comes. Ends with the signal; throws a `KubeError` `Expired` when the version is too old (list again),
 * and whatever else the server refuses.
 */
export async function* followChanges<T extends KubeObject>(client: KubeClient, follow: Follow): AsyncGenerator<ObjectChange<T>> {
  const { clock, signal, onPosition, random = Math.random } = follow;
  let position = follow.resourceVersion;
  let failures = 0;
  const ended = (): boolean => signal?.aborted === true;
  while (!ended()) {
    const silence = watchdog(clock, SILENT_MS, signal);
    try {
      for await (const line of lines<T>(client, follow, position, random, silence)) {
        failures = 0;
        if (line.type === 'ERROR') throw refusal(line.object);
        position = line.object.metadata.resourceVersion;
        if (line.type !== 'BOOKMARK') yield line;
        onPosition?.(position);
      }
    } catch (error) {
      // Cut off by us, a line may have been half there.
      if (!silence.signal.aborted && !(error instanceof KubeError && isPassing(error))) throw expiredIfLost(error);
    } finally {
      silence.stop();
    }
    // A watch that ends at once, again and again, must not become a storm of requests.
    const wait = failures === 0 ? 0 : backoff(failures, PAUSES, random);
    failures++;
    if (wait > 0 && !ended()) await pause(clock, wait, signal).catch(() => undefined);
  }
}

async function* lines<T extends KubeObject>(
  client: KubeClient,
  { path, query, impersonate }: Follow,
  resourceVersion: string,
  random: () => number,
  silence: Watchdog,
): AsyncGenerator<Line<T>> {
  const timeoutSeconds = String(Math.round(WATCH_SECONDS * (1 + random() / 2)));
  const chunks = client.stream({
    path,
    query: { ...query, watch: 'true', allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds },
    impersonate,
    signal: silence.signal,
  });
  for await (const line of jsonLines<Line<T>>(silence.hearing(chunks))) yield line;
}

interface Watchdog {
  /** Aborts with the caller's signal, or when nothing has been heard for too long. */
  readonly signal: AbortSignal;
  hearing<C>(chunks: AsyncIterable<C>): AsyncGenerator<C>;
  stop(): void;
}

function watchdog(clock: Clock, silentMs: number, outer: AbortSignal | undefined): Watchdog {
  const abort = new AbortController();
  const end = (): void => abort.abort();
  outer?.addEventListener('abort', end, { once: true });
  if (outer?.aborted === true) end();
  let heard = clock.now();
  let cancel = (): void => undefined;
  // One timer that looks again, not one a chunk.
  const look = (): void => {
    if (clock.now() - heard >= silentMs) end();
    else cancel = clock.at(heard + silentMs, look);
  };
  cancel = clock.at(heard + silentMs, look);
  return {
    signal: abort.signal,
    async *hearing(chunks) {
      for await (const chunk of chunks) {
        heard = clock.now();
        yield chunk;
        // The time that the reader takes is not the server's silence.
        heard = clock.now();
      }
    },
    stop() {
      cancel();
      outer?.removeEventListener('abort', end);
    },
  };
}

/** As the server says it in the middle of an answer that began with 200. */
function refusal({
  code = 500,
  reason = '',
  message,
}: {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}): KubeError {
  return new KubeError(code, code === 410 ? 'Expired' : reason, message ?? `the API server ended the watch with ${code}`);
}

/** A server that has lost its past (etcd restored from a backup) does not know our version yet: to wait until it does would miss what is otherwise. */
function isFromTheFuture(message: string): boolean {
  return /Too large resource version/.test(message);
}

function expiredIfLost(error: unknown): unknown {
  return error instanceof KubeError && isFromTheFuture(error.message)
    ? new KubeError(410, 'Expired', error.message, { cause: error })
    : error;
}

/** Worth trying from the same position: nothing but the connection, or the server's state, was wrong. */
function isPassing({ code, reason, message }: KubeError): boolean {
  if (isFromTheFuture(message)) return false;
  return reason === 'Unreachable' || code === 429 || code >= 500;
}
