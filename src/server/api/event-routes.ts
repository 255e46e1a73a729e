import type { Request, Response } from 'express';
import { redactHeaders } from '../../events/redact-headers.ts';
import type { EventState, Journal, JournalEntry } from '../../ports/journal.ts';
import { badRequest, notFound } from './api-error.ts';
import { queryCount, queryText } from './query.ts';

const API_VERSION = 'tappet.dev/v1alpha1';
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** `GET …/events`: newest first, without bodies. `metadata.continue` goes into `before` to see the next page. */
export async function listEvents(journal: Journal, request: Request, response: Response, namespace: string | undefined): Promise<void> {
  const { query } = request;
  const limit = Math.min(queryCount(query['limit'], 'limit') ?? DEFAULT_LIMIT, MAX_LIMIT);
  const before = queryCount(query['before'], 'before');
  const entries = await journal.list({
    namespace,
    listener: queryText(query['listener']),
    state: eventState(query['state']),
    limit,
    before,
  });
  const last = entries.length === limit ? entries.at(-1)?.sequence : undefined;
  const metadata = last === undefined ? {} : { continue: String(last) };
  response.json({ kind: 'EventList', apiVersion: API_VERSION, metadata, items: entries.map((entry) => shown(entry, false)) });
}

/** `GET …/events/<id>?body=1` */
export async function getEvent(journal: Journal, request: Request, response: Response, id: string): Promise<void> {
  const entry = await journal.get(id);
  if (entry === undefined) throw notFound('events', 'tappet.dev', id);
  response.json({
    kind: 'Event',
    apiVersion: API_VERSION,
    ...shown(entry, ['1', 'true'].includes(queryText(request.query['body']) ?? '')),
  });
}

function eventState(value: unknown): EventState | undefined {
  const state = queryText(value);
  if (state === undefined || state === 'accepted' || state === 'processed' || state === 'rejected') return state;
  throw badRequest(`invalid state ${JSON.stringify(state)}: use accepted, processed or rejected`);
}

/** A journal entry for people and programs: its body by size or as text, headers that carry secrets blanked. */
function shown(entry: JournalEntry, withBody: boolean): Record<string, unknown> {
  const { body, headers, ...rest } = entry;
  return { ...rest, headers: redactHeaders(headers), bodyBytes: body.length, ...(withBody ? bodyText(body) : {}) };
}

function bodyText(body: Buffer): Record<string, string> {
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body) ? { body: text } : { bodyBase64: body.toString('base64') };
}
