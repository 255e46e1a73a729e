import { type CreationResult, type EventOutcome, type Journal, refusalOf } from '../../ports/journal.ts';
import { type Store, StoreError } from '../../ports/store.ts';
import { groupKindOf, type KubeObject } from '../../resources/object.ts';
import { noteFailures } from '../../triggers/note-failures.ts';
import type { TriggerVerdict } from '../../triggers/verdict.ts';

/** Upstream's label on everything an event creates. */
const EVENT_LABEL = 'triggers.tekton.dev/triggers-eventid';

/**
 * A journal on this machine whose events create objects in a cluster: first the objects, then the verdicts. A process that dies in between creates
 * them again, and finds them by their names, which are functions of the event. `storeFor` gives the store that a verdict's objects are created in: the
 * cluster in the name of the trigger's service account.
 */
export function journalOver(journal: Journal, storeFor: (verdict: TriggerVerdict) => Store): Journal {
  return {
    append: (delivery) => journal.append(delivery),
    reject: (rejection) => journal.reject(rejection),
    unprocessed: (limit) => journal.unprocessed(limit),
    begin: (eventId) => journal.begin(eventId),
    reopen: (eventId) => journal.reopen(eventId),
    get: (eventId) => journal.get(eventId),
    list: (filter) => journal.list(filter),
    prune: (retention) => journal.prune(retention),
    async complete(eventId, outcome: EventOutcome) {
      const { verdicts, creations, processedAt } = outcome;
      const results = await Promise.all(
        creations.map((list, index) => {
          const verdict = verdicts[index];
          return verdict === undefined ? [] : createInOrder(storeFor(verdict), list);
        }),
      );
      const settled = noteFailures(
        verdicts,
        results.map((list) => list.map(refusalOf)),
      );
      await journal.complete(eventId, { verdicts: settled, processedAt, creations: settled.map(() => []) });
      return results;
    },
  };
}

async function createInOrder(store: Store, list: readonly KubeObject[]): Promise<readonly CreationResult[]> {
  const results: CreationResult[] = [];
  for (const object of list) {
    const refused = results.at(-1)?.outcome;
    results.push(refused === 'failed' || refused === 'skipped' ? { outcome: 'skipped' } : await createOne(store, object));
  }
  return results;
}

/** Rejects when nobody can tell: the event is tried again later. */
async function createOne(store: Store, object: KubeObject): Promise<CreationResult> {
  try {
    return { outcome: 'created', object: await store.create(object) };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code === 'Unavailable') throw error;
    const existing = error.code === 'AlreadyExists' ? await madeByTheSame(store, object) : undefined;
    return existing ?? { outcome: 'failed', error: error.message };
  }
}

async function madeByTheSame(store: Store, object: KubeObject): Promise<CreationResult | undefined> {
  const { name, namespace, labels } = object.metadata;
  const found = name === undefined ? undefined : await store.get({ kind: groupKindOf(object), namespace, name });
  if (found === undefined || found.metadata.labels?.[EVENT_LABEL] !== labels?.[EVENT_LABEL]) return undefined;
  return { outcome: 'exists', object: found };
}
