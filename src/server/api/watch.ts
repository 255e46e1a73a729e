import type { Request, Response } from 'express';
import { type ListOptions, type Store, StoreError } from '../../ports/store.ts';
import { asApiError, statusObject } from './api-error.ts';
import type { ResourcePath } from './resource-path.ts';
import { groupKind, queryCount, queryText } from './resource-routes.ts';

/** Longest watch; clients begin a new one where it ended. */
const MAX_WATCH_SECONDS = 3_600;

/**
 * `?watch=1`: one JSON document a line, `{"type": "ADDED", "object": …}`. Without a resourceVersion (or with 0) it begins with what is there, as
 * the API server does. A version that is too old ends it with an `ERROR` line of 410, and the client lists again.
 */
export async function watch(store: Store, request: Request, response: Response, path: ResourcePath, closing: AbortSignal): Promise<void> {
  const { query } = request;
  const kind = groupKind(path.type);
  const selection: ListOptions = {
    namespace: path.namespace,
    labelSelector: queryText(query['labelSelector']),
    fieldSelector: path.name === undefined ? queryText(query['fieldSelector']) : `metadata.name=${path.name}`,
  };
  const seconds = Math.min(queryCount(query['timeoutSeconds'], 'timeoutSeconds') ?? MAX_WATCH_SECONDS, MAX_WATCH_SECONDS);
  const ended = new AbortController();
  response.once('close', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, closing, AbortSignal.timeout(seconds * 1_000)]);
  const send = (type: string, object: unknown): Promise<void> => writeLine(response, `${JSON.stringify({ type, object })}\n`, signal);

  try {
    let resourceVersion = queryText(query['resourceVersion']);
    const fromStart = resourceVersion === undefined || resourceVersion === '0';
    const list = fromStart ? await store.list(kind, selection) : undefined;
    resourceVersion = list?.resourceVersion ?? resourceVersion;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    for (const object of list?.items ?? []) await send('ADDED', object);
    for await (const change of store.watch(kind, { ...selection, resourceVersion, signal })) await send(change.type, change.object);
  } catch (error) {
    if (signal.aborted) return;
    const known = asApiError(error);
    if (known === undefined || !response.headersSent) throw error;
    await send('ERROR', statusObject(known));
    if (!(error instanceof StoreError)) throw error;
  } finally {
    if (response.headersSent) response.end();
  }
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
