import { Buffer } from 'node:buffer';
import type { EventFilter, EventState, Journal, JournalEntry, Retention } from '../../ports/journal.ts';
import { StoreError } from '../../ports/store.ts';
import type { TriggerVerdict } from '../../triggers/verdict.ts';
import { createAll, findAll, noteFailures } from '../shared/creations.ts';
import { DEFAULT_EVENT_LIMIT } from '../shared/event-limit.ts';
import type { ObjectBackend } from '../shared/object-store.ts';
import type { Facts } from '../shared/object-table.ts';
import { settle } from '../shared/settle.ts';
import type { SqlDatabase, SqlRow, SqlValue } from './sql-database.ts';

const ENTRY = `SELECT e.sequence, e.event_id, e.namespace, e.listener, e.delivery_id, e.state, e.received_at, e.processed_at, e.attempts,
    p.method, p.url, p.replay_of, p.headers, p.body, o.rejection, o.verdicts
  FROM events e JOIN payloads p USING (sequence) LEFT JOIN outcomes o USING (sequence)`;

/** Entries deleted in one transaction. */
const PRUNE_CHUNK = 500;

/** The journal in the store's database: an event's verdicts and what it creates are one transaction. */
export function sqliteJournal(database: SqlDatabase, backend: ObjectBackend, facts: Facts): Journal {
  /** Accepted events of this process by id, to spare the way through the index. What is missing here may still be in the table. */
  const accepted = new Map<string, number>();
  // The newest entry is never pruned, so a sequence is never given twice.
  const lastSequence = () => Number(database.row('SELECT coalesce(max(sequence), 0) FROM events')?.[0]);

  const find = (eventId: string): { sequence: number; state: EventState } => {
    const quick = accepted.get(eventId);
    if (quick !== undefined) return { sequence: quick, state: 'accepted' };
    const row = database.row('SELECT sequence, state FROM events WHERE event_id = ?', [eventId]);
    if (row === undefined) throw new StoreError('NotFound', `event ${eventId} not found in the journal`);
    return { sequence: Number(row[0]), state: row[1] as EventState };
  };
  /** `undefined` when the event id or the delivery is known already. */
  const insert = (
    entry: Pick<JournalEntry, 'eventId' | 'deliveryId' | 'namespace' | 'listener' | 'receivedAt' | 'method' | 'url' | 'replayOf' | 'body'>,
    state: EventState,
    headers: string,
  ): number | undefined => {
    const sequence = lastSequence() + 1;
    const inserted = database.run(
      `INSERT INTO events (sequence, event_id, namespace, listener, delivery_id, state, received_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [sequence, entry.eventId, entry.namespace, entry.listener, entry.deliveryId ?? null, state, entry.receivedAt],
    );
    if (inserted === 0) return undefined;
    database.run('INSERT INTO payloads (sequence, method, url, replay_of, headers, body) VALUES (?, ?, ?, ?, ?, ?)', [
      sequence,
      entry.method,
      entry.url,
      entry.replayOf ?? null,
      headers,
      entry.body,
    ]);
    return sequence;
  };
  const known = (eventId: string) => new StoreError('AlreadyExists', `event ${eventId} is already in the journal`);

  return {
    append: async (delivery) => {
      const { eventId, deliveryId, namespace, listener } = delivery;
      const headers = JSON.stringify(delivery.headers);
      let sequence: number | undefined;
      const answer = await backend.write(() => {
        sequence = insert(delivery, 'accepted', headers);
        if (sequence !== undefined) return { eventId, duplicate: false };
        const first =
          deliveryId === undefined
            ? undefined
            : database.row('SELECT event_id FROM events WHERE namespace = ? AND listener = ? AND delivery_id = ?', [
                namespace,
                listener,
                deliveryId,
              ]);
        if (first === undefined) throw known(eventId);
        return { eventId: String(first[0]), duplicate: true };
      });
      if (sequence !== undefined) accepted.set(eventId, sequence);
      return answer;
    },
    reject: async ({ reason, verdicts, ...rejection }) => {
      const headers = JSON.stringify(rejection.headers);
      const text = JSON.stringify(verdicts);
      return backend.write(() => {
        const sequence = insert({ ...rejection, body: Buffer.alloc(0) }, 'rejected', headers);
        if (sequence === undefined) throw known(rejection.eventId);
        database.run('INSERT INTO outcomes (sequence, rejection, verdicts) VALUES (?, ?, ?)', [sequence, reason, text]);
      });
    },
    unprocessed: async (limit) =>
      backend.read(() => database.rows(`${ENTRY} WHERE e.state = 'accepted' ORDER BY e.sequence LIMIT ?`, [limit]).map(toEntry)),
    begin: async (eventId) =>
      backend.write(() => {
        database.run('UPDATE events SET attempts = attempts + 1 WHERE sequence = ?', [find(eventId).sequence]);
      }),
    complete: async (eventId, { verdicts, processedAt, creations }) =>
      backend.write(() => {
        const { sequence, state } = find(eventId);
        // Within the transaction: a second completion in the same one must look into the table.
        accepted.delete(eventId);
        if (state !== 'accepted') return findAll(backend.table, creations);
        const results = createAll(backend.table, facts, creations);
        database.run('INSERT INTO outcomes (sequence, verdicts) VALUES (?, ?)', [
          sequence,
          JSON.stringify(noteFailures(verdicts, creations, results)),
        ]);
        database.run("UPDATE events SET state = 'processed', processed_at = ? WHERE sequence = ?", [processedAt, sequence]);
        return results;
      }),
    get: async (eventId) =>
      backend.read(() => {
        // Comes from a URL; text with a NUL cannot be bound.
        if (eventId.includes('\0')) return undefined;
        const row = database.row(`${ENTRY} WHERE e.event_id = ?`, [eventId]);
        return row && toEntry(row);
      }),
    list: async (filter = {}) =>
      backend.read(() => {
        const { where, values } = conditions(filter);
        return database
          .rows(`${ENTRY} ${where} ORDER BY e.sequence DESC LIMIT ?`, [...values, filter.limit ?? DEFAULT_EVENT_LIMIT])
          .map(toEntry);
      }),
    prune: async (retention) => {
      let total = 0;
      for (;;) {
        const gone = await backend.write(() => pruneChunk(database, retention));
        total += gone;
        if (gone < PRUNE_CHUNK) return total;
      }
    },
  };
}

function pruneChunk(database: SqlDatabase, { olderThan, keep }: Retention): number {
  const boundary =
    keep === undefined
      ? undefined
      : database.row('SELECT sequence FROM events ORDER BY sequence DESC LIMIT 1 OFFSET ?', [Math.max(keep, 1)]);
  const rows = database.rows(
    `SELECT sequence FROM events
     WHERE state <> 'accepted' AND sequence < (SELECT max(sequence) FROM events) AND (received_at < ? OR sequence <= ?) ORDER BY sequence LIMIT ?`,
    [olderThan ?? -1, Number(boundary?.[0] ?? 0), PRUNE_CHUNK],
  );
  for (const [sequence = null] of rows) {
    for (const table of ['outcomes', 'payloads', 'events']) database.run(`DELETE FROM ${table} WHERE sequence = ?`, [sequence]);
  }
  return rows.length;
}

function conditions({ namespace, listener, state, before }: EventFilter): { where: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  for (const [condition, value] of [
    ['e.namespace = ?', namespace],
    ['e.listener = ?', listener],
    ['e.state = ?', state],
    ['e.sequence < ?', before],
  ] as const) {
    if (value === undefined) continue;
    parts.push(condition);
    values.push(value);
  }
  return { where: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}

function toEntry(row: SqlRow): JournalEntry {
  const [
    sequence,
    eventId,
    namespace,
    listener,
    deliveryId,
    state,
    receivedAt,
    processedAt,
    attempts,
    method,
    url,
    replayOf,
    headers,
    body,
    rejection,
    verdicts,
  ] = row;
  return {
    sequence: Number(sequence),
    eventId: String(eventId),
    namespace: String(namespace),
    listener: String(listener),
    state: state as EventState,
    receivedAt: Number(receivedAt),
    attempts: Number(attempts),
    method: String(method),
    url: String(url),
    headers: settle(JSON.parse(String(headers)) as JournalEntry['headers']),
    body: body instanceof Buffer ? body : Buffer.alloc(0),
    verdicts: verdicts === null ? [] : settle(JSON.parse(String(verdicts)) as TriggerVerdict[]),
    ...(deliveryId === null ? {} : { deliveryId: String(deliveryId) }),
    ...(processedAt === null ? {} : { processedAt: Number(processedAt) }),
    ...(replayOf === null ? {} : { replayOf: String(replayOf) }),
    ...(rejection === null ? {} : { rejection: String(rejection) }),
  };
}
