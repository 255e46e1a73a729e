import { Buffer } from 'node:buffer';
import type { Delivery, EventFilter, Journal, JournalEntry, Retention } from '../../ports/journal.ts';
import { StoreError } from '../../ports/store.ts';
import { createAll, findAll, settledVerdicts } from '../shared/creations.ts';
import { DEFAULT_EVENT_LIMIT } from '../shared/event-limit.ts';
import type { ObjectBackend } from '../shared/object-store.ts';
import type { Facts } from '../shared/object-table.ts';
import { settle } from '../shared/settle.ts';

/** The journal for tests and dry runs. Entries are in the order of their sequence, since maps keep the order of insertion. */
export function memoryJournal(backend: ObjectBackend, facts: Facts): Journal {
  const entries = new Map<string, JournalEntry>();
  const firstByDelivery = new Map<string, string>();
  let sequence = 0;

  const known = (eventId: string): JournalEntry => {
    const entry = entries.get(eventId);
    if (entry === undefined) throw new StoreError('NotFound', `event ${eventId} not found in the journal`);
    return entry;
  };
  const add = (entry: Omit<JournalEntry, 'sequence' | 'attempts'>) => {
    if (entries.has(entry.eventId)) throw new StoreError('AlreadyExists', `event ${entry.eventId} is already in the journal`);
    sequence++;
    entries.set(entry.eventId, { ...entry, headers: settle(entry.headers), sequence, attempts: 0 });
  };

  return {
    append: async (delivery) =>
      backend.write(() => {
        const key = deliveryKey(delivery);
        const first = key === undefined ? undefined : firstByDelivery.get(key);
        if (first !== undefined) return { eventId: first, duplicate: true };
        add({ ...delivery, body: Buffer.from(delivery.body), state: 'accepted', verdicts: [] });
        if (key !== undefined) firstByDelivery.set(key, delivery.eventId);
        return { eventId: delivery.eventId, duplicate: false };
      }),
    reject: async ({ reason, verdicts, ...rejection }) =>
      backend.write(() => add({ ...rejection, body: Buffer.alloc(0), state: 'rejected', rejection: reason, verdicts: settle(verdicts) })),
    unprocessed: async (limit) => backend.read(() => [...entries.values()].filter((entry) => entry.state === 'accepted').slice(0, limit)),
    begin: async (eventId) =>
      backend.write(() => {
        const entry = known(eventId);
        entries.set(eventId, { ...entry, attempts: entry.attempts + 1 });
      }),
    complete: async (eventId, { verdicts: given, processedAt, creations }) => {
      // Before anything is created: here nothing could be rolled back.
      const verdicts = settle(given);
      return backend.write(() => {
        const entry = known(eventId);
        if (entry.state !== 'accepted') return findAll(backend.table, creations);
        const results = createAll(backend.table, facts, creations);
        entries.set(eventId, { ...entry, state: 'processed', processedAt, verdicts: settledVerdicts(verdicts, results) });
        return results;
      });
    },
    reopen: async (eventId) =>
      backend.write(() => {
        const { processedAt: _, ...entry } = known(eventId);
        if (entry.state === 'processed') entries.set(eventId, { ...entry, state: 'accepted', attempts: 0 });
        return entry.state;
      }),
    get: async (eventId) => backend.read(() => entries.get(eventId)),
    list: async (filter = {}) =>
      backend.read(() =>
        [...entries.values()]
          .reverse()
          .filter((entry) => isWanted(entry, filter))
          .slice(0, filter.limit ?? DEFAULT_EVENT_LIMIT),
      ),
    prune: async (retention) =>
      backend.write(() => {
        const all = [...entries.values()];
        const old = all.filter((entry, i) => entry.state !== 'accepted' && isPast(entry, all.length - 1 - i, retention));
        for (const entry of old) {
          entries.delete(entry.eventId);
          const key = deliveryKey(entry);
          if (key !== undefined && firstByDelivery.get(key) === entry.eventId) firstByDelivery.delete(key);
        }
        return old.length;
      }),
  };
}

function deliveryKey({ namespace, listener, deliveryId }: Delivery): string | undefined {
  return deliveryId === undefined ? undefined : JSON.stringify([namespace, listener, deliveryId]);
}

function isWanted(entry: JournalEntry, { namespace, listener, state, before }: EventFilter): boolean {
  return (
    (namespace === undefined || entry.namespace === namespace) &&
    (listener === undefined || entry.listener === listener) &&
    (state === undefined || entry.state === state) &&
    (before === undefined || entry.sequence < before)
  );
}

function isPast(entry: JournalEntry, newer: number, { olderThan, keep }: Retention): boolean {
  return newer > 0 && ((olderThan !== undefined && entry.receivedAt < olderThan) || (keep !== undefined && newer >= keep));
}
