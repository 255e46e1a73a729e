import { type CreationResult, refusalOf } from '../../ports/journal.ts';
import { StoreError } from '../../ports/store.ts';
import { groupKindOf, type KubeObject } from '../../resources/object.ts';
import { noteFailures } from '../../triggers/note-failures.ts';
import type { TriggerVerdict } from '../../triggers/verdict.ts';
import type { Facts, ObjectTable } from './object-table.ts';
import { createObject } from './object-writes.ts';
import { settle } from './settle.ts';

/** Upstream's label on everything an event creates. */
const EVENT_LABEL = 'triggers.tekton.dev/triggers-eventid';

/**
 * Creates what an event asks for within one transaction: each list in its order, up to the first that is refused. An object of that name counts as
 * created when the same event made it; another event's (the template gives a fixed name) is refused, as the API server refuses it.
 */
export function createAll(table: ObjectTable, facts: Facts, creations: readonly (readonly KubeObject[])[]): CreationResult[][] {
  return creations.map((list) => {
    let refused = false;
    return list.map((creation): CreationResult => {
      if (refused) return { outcome: 'skipped' };
      const result = createOne(table, facts, creation);
      refused = result.outcome === 'failed';
      return result;
    });
  });
}

function createOne(table: ObjectTable, facts: Facts, creation: KubeObject): CreationResult {
  try {
    return { outcome: 'created', object: createObject(table, facts, settle(creation)) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return (error.code === 'AlreadyExists' && findExisting(table, creation)) || { outcome: 'failed', error: error.message };
  }
}

/** What a repeated completion answers: it changes nothing, so it can only tell what is there. */
export function findAll(table: ObjectTable, creations: readonly (readonly KubeObject[])[]): CreationResult[][] {
  return creations.map((list) =>
    list.map(
      (creation) =>
        findExisting(table, creation) ?? { outcome: 'failed', error: 'the event was already processed, and the object does not exist' },
    ),
  );
}

/** Verdicts as they go into the journal. */
export function settledVerdicts(
  verdicts: readonly TriggerVerdict[],
  results: readonly (readonly CreationResult[])[],
): readonly TriggerVerdict[] {
  return noteFailures(
    verdicts,
    results.map((list) => list.map(refusalOf)),
  );
}

function findExisting(table: ObjectTable, creation: KubeObject): CreationResult | undefined {
  const { name, namespace } = creation.metadata ?? {};
  const object = name === undefined ? undefined : table.find(groupKindOf(creation), namespace ?? '', name);
  if (object === undefined || object.metadata.labels?.[EVENT_LABEL] !== creation.metadata.labels?.[EVENT_LABEL]) return undefined;
  return { outcome: 'exists', object };
}
