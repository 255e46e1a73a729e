import { Buffer } from 'node:buffer';
import type { EventFilter, EventState, Journal, JournalEntry, Retention } from '../../ports/journal.ts';
import { StoreError } from '../../ports/store.ts';
import type { TriggerVerdict } from '../../triggers/verdict.ts';
import { createAll, findAll, settledVerdicts } from '../shared/creations.ts';
import { DEFAULT_EVENT_LIMIT } from '../shared/event-limit.ts';
import type { ObjectBackend } from '../shared/object-store.ts';
import type { Facts } from '../shared/object-table.ts';
import { settle } from '../shared/settle.ts';
import type { PayloadLog } from './payload-log.ts';
import type { SqlDatabase, SqlRow, SqlValue } from './sql-database.ts';

const ENTRY = `SELECT e.sequence, e.event_id, e.namespace, e.listener, e.delivery_id, e.state, e.received_at, e.processed_at, e.attempts,
    e.segment, e.position, e.length, e.head_length, o.rejection, o.verdicts
  FROM events e LEFT JOIN outcomes o USING (sequence)`;

const NOTHING = Buffer.alloc(0);

/** Entries deleted in one transaction. */
const PRUNE_CHUNK = 100;

/** What lies before the body in the payload log. `eventId`: so that a record is known for what it is. */
type Head = Pick<JournalEntry, 'eventId' | 'method' | 'url' | 'headers' | 'replayOf'>;

/** The journal in the store's database: an event's verdicts and what it creates are one transaction. */
export function sqliteJournal(database: SqlDatabase, backend: ObjectBackend, payloads: PayloadLog, facts: Facts): Journal {
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
    entry: Pick<JournalEntry, 'eventId' | 'deliveryId' | 'namespace' | 'listener' | 'receivedAt'>,
    state: EventState,
    head: Buffer,
    body: Buffer,
  ): number | undefined => {
    const sequence = lastSequence() + 1;
    const { segment, position, length } = payloads.next(head.length + body.length);
    const inserted = database.run(
      `INSERT INTO events (sequence, event_id, namespace, listener, delivery_id, state, received_at, segment, position, length, head_length)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [
        sequence,
        entry.eventId,
        entry.namespace,
        entry.listener,
        entry.deliveryId ?? null,
        state,
        entry.receivedAt,
        segment,
        position,
        length,
        head.length,
      ],
    );
    if (inserted === 0) return undefined;
    payloads.add(head, body);
    return sequence;
  };
  const entryOf = (row: SqlRow) => toEntry(row, payloads);
  const known = (eventId: string) => new StoreError('AlreadyExists', `event ${eventId} is already in the journal`);

  return {
    append: async (delivery) => {
      const { eventId, deliveryId, namespace, listener } = delivery;
      const head = headOf(delivery);
      let sequence: number | undefined;
      const answer = await backend.write(() => {
        sequence = insert(delivery, 'accepted', head, delivery.body);
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
      const head = headOf(rejection);
      const text = JSON.stringify(verdicts);
      return backend.write(() => {
        const sequence = insert(rejection, 'rejected', head, NOTHING);
        if (sequence === undefined) throw known(rejection.eventId);
        database.run('INSERT INTO outcomes (sequence, rejection, verdicts) VALUES (?, ?, ?)', [sequence, reason, text]);
      });
    },
    unprocessed: async (limit) =>
      backend.read(() => database.rows(`${ENTRY} WHERE e.state = 'accepted' ORDER BY e.sequence LIMIT ?`, [limit]).map(entryOf)),
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
        // There is one already when the event was reopened.
        database.run('INSERT OR REPLACE INTO outcomes (sequence, verdicts) VALUES (?, ?)', [
          sequence,
          JSON.stringify(settledVerdicts(verdicts, results)),
        ]);
        database.run("UPDATE events SET state = 'processed', processed_at = ? WHERE sequence = ?", [processedAt, sequence]);
        return results;
      }),
    reopen: async (eventId) =>
      backend.write(() => {
        const { sequence, state } = find(eventId);
        if (state === 'processed')
          database.run("UPDATE events SET state = 'accepted', attempts = 0, processed_at = NULL WHERE sequence = ?", [sequence]);
        return state;
      }),
    get: async (eventId) =>
      backend.read(() => {
        // Comes from a URL; text with a NUL cannot be bound.
        if (eventId.includes('\0')) return undefined;
        const row = database.row(`${ENTRY} WHERE e.event_id = ?`, [eventId]);
        return row && entryOf(row);
      }),
    list: async (filter = {}) =>
      backend.read(() => {
        const { where, values } = conditions(filter);
        return database
          .rows(`${ENTRY} ${where} ORDER BY e.sequence DESC LIMIT ?`, [...values, filter.limit ?? DEFAULT_EVENT_LIMIT])
          .map(entryOf);
      }),
    prune: async (retention) => {
      let total = 0;
      for (;;) {
        const gone = await backend.write(() => pruneChunk(database, retention));
        total += gone;
        if (gone === PRUNE_CHUNK) continue;
        const oldest = backend.read(() => database.row('SELECT segment FROM events ORDER BY sequence LIMIT 1')?.[0]);
        if (oldest !== undefined) payloads.dropBefore(Number(oldest));
        return total;
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
    for (const table of ['outcomes', 'events']) database.run(`DELETE FROM ${table} WHERE sequence = ?`, [sequence]);
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

function toEntry(row: SqlRow, payloads: PayloadLog): JournalEntry {
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
    segment,
    position,
    length,
    headLength,
    rejection,
    verdicts,
  ] = row;
  const record = payloads.read({ segment: Number(segment), position: Number(position), length: Number(length) });
  const head = readHead(record?.subarray(0, Number(headLength)), String(eventId));
  const { method, url, headers, replayOf } = head ?? { method: '', url: '', headers: {}, replayOf: undefined };
  return {
    sequence: Number(sequence),
    eventId: String(eventId),
    namespace: String(namespace),
    listener: String(listener),
    state: state as EventState,
    receivedAt: Number(receivedAt),
    attempts: Number(attempts),
    method,
    url,
    headers: settle(headers),
    body: head === undefined || record === undefined ? NOTHING : record.subarray(Number(headLength)),
    verdicts: verdicts === null ? [] : settle(JSON.parse(String(verdicts)) as TriggerVerdict[]),
    ...(deliveryId === null ? {} : { deliveryId: String(deliveryId) }),
    ...(processedAt === null ? {} : { processedAt: Number(processedAt) }),
    ...(replayOf === undefined ? {} : { replayOf }),
    ...(rejection === null ? {} : { rejection: String(rejection) }),
    ...(head === undefined ? { lost: `its payload is not in ${payloads.describe(Number(segment))} any more` } : {}),
  };
}

function headOf({ eventId, method, url, headers, replayOf }: Head): Buffer {
  return Buffer.from(JSON.stringify({ eventId, method, url, headers, replayOf } satisfies Head));
}

/** `undefined` for anything but the head of this event. */
function readHead(bytes: Buffer | undefined, eventId: string): Head | undefined {
  try {
    const head = JSON.parse(bytes?.toString() ?? 'null') as Head | null;
    return head?.eventId === eventId ? head : undefined;
  } catch {
    return undefined;
  }
}
