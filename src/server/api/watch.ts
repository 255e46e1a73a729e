import type { Request, Response } from 'express';
import { StoreError } from '../../ports/store.ts';
import type { Stored } from '../../resources/object.ts';
import { groupKind } from './addressed.ts';
import { asApiError, badRequest, statusObject } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';
import { queryCount, queryFlag, queryText } from './query.ts';
import { type Representation, representationFor } from './representation.ts';
import type { ResourcePath } from './resource-path.ts';
import { selectionOf } from './resource-reads.ts';

/** Longest watch; clients begin a new one where it ended. */
const MAX_WATCH_SECONDS = 3_600;
/** How often a client that takes bookmarks is told how far it has seen, as the API server does. */
const BOOKMARK_MS = 60_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * `?watch=1`: one JSON document a line, `{"type": "ADDED", "object": …}`. Without a resourceVersion (or with 0) it begins with what is there, as
 * the API server does. A version that is too old ends it with an `ERROR` line of 410, and the client lists again.
 */
export async function watch(
  options: ApiOptions,
  request: Request,
  response: Response,
  path: ResourcePath,
  closing: AbortSignal,
): Promise<void> {
  const { store, clock } = options;
  const { query } = request;
  const kind = groupKind(path.type);
  const selection = selectionOf(request, path);
  const representation = representationFor(request, clock, path);
  const bookmarks = queryFlag(query['allowWatchBookmarks']);
  const initial = queryFlag(query['sendInitialEvents']);
  if (initial && !bookmarks) throw badRequest('sendInitialEvents needs allowWatchBookmarks: the end of the initial events is told by one');
  const seconds = Math.min(queryCount(query['timeoutSeconds'], 'timeoutSeconds') ?? MAX_WATCH_SECONDS, MAX_WATCH_SECONDS);
  const ended = new AbortController();
  response.once('close', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, closing, AbortSignal.timeout(seconds * 1_000)]);
  const send = (line: string): Promise<void> => writeLine(response, line, signal);
  const bookmark = (resourceVersion: string, annotations?: Readonly<Record<string, string>>): string => {
    const metadata = { resourceVersion, creationTimestamp: null, ...(annotations !== undefined && { annotations }) };
    return `${JSON.stringify({ type: 'BOOKMARK', object: { kind: path.type.kind, apiVersion: path.apiVersion, metadata } })}\n`;
  };

  let stopBookmarks = (): void => undefined;
  try {
    let resourceVersion = queryText(query['resourceVersion']);
    const fromStart = resourceVersion === undefined || resourceVersion === '0';
    const list = fromStart || initial ? await store.list(kind, selection) : undefined;
    resourceVersion = list?.resourceVersion ?? resourceVersion;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    for (const object of list?.items ?? []) await send(eventLine('ADDED', object, representation));
    if (initial && resourceVersion !== undefined) await send(bookmark(resourceVersion, { [INITIAL_EVENTS_END]: 'true' }));
    const changes = store.watch(kind, { ...selection, resourceVersion, signal });
    if (bookmarks) {
      stopBookmarks = everyNow(clock, BOOKMARK_MS, () => {
        const seen = changes.position();
        // One that does not read is told nothing more.
        if (seen !== undefined && !response.writableNeedDrain) void send(bookmark(seen));
      });
    }
    for await (const { type, object } of changes) await send(eventLine(type, object, representation));
  } catch (error) {
    if (signal.aborted) return;
    const known = asApiError(error);
    if (known === undefined || !response.headersSent) throw error;
    await send(`${JSON.stringify({ type: 'ERROR', object: statusObject(known) })}\n`);
    if (!(error instanceof StoreError)) throw error;
  } finally {
    stopBookmarks();
    if (response.headersSent) response.end();
  }
}

/** As text, made once however many watch: an object of the store never changes. */
const texts = new WeakMap<Stored, string>();

function eventLine(type: string, object: Stored, representation: Representation): string {
  if (representation.form !== 'object') return `${JSON.stringify({ type, object: representation.next(object) })}\n`;
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return `{"type":"${type}","object":${text}}\n`;
}

function everyNow(clock: ApiOptions['clock'], everyMs: number, act: () => void): () => void {
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = clock.at(clock.now() + everyMs, () => {
      act();
      next();
    });
  };
  next();
  return () => cancel();
}

/** Resolves when the client takes more: one that does not read holds back its own watch only. */
function writeLine(response: Response, line: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(line)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    signal.addEventListener('abort', done);
  });
}
