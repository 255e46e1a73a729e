import type { CreationResult } from '../../ports/journal.ts';
import { StoreError } from '../../ports/store.ts';
import { groupKindOf, type KubeObject } from '../../resources/object.ts';
import type { TriggerVerdict } from '../../triggers/verdict.ts';
import type { Facts, ObjectTable } from './object-table.ts';
import { createObject } from './object-writes.ts';
import { settle } from './settle.ts';

/** Upstream's label on everything an event creates. */
const EVENT_LABEL = 'triggers.tekton.dev/triggers-eventid';

/**
 * Creates what an event asks for, in order, within one transaction. One that is refused does not harm the others. An object of that name counts
 * as created when the same event made it; another event's (the template gives a fixed name) is refused, as the API server refuses it.
 */
export function createAll(table: ObjectTable, facts: Facts, creations: readonly KubeObject[]): CreationResult[] {
  return creations.map((creation): CreationResult => {
    try {
      return { outcome: 'created', object: createObject(table, facts, settle(creation)) };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return (error.code === 'AlreadyExists' && findExisting(table, creation)) || { outcome: 'failed', error: error.message };
    }
  });
}

/** What a repeated completion answers: it changes nothing, so it can only tell what is there. */
export function findAll(table: ObjectTable, creations: readonly KubeObject[]): CreationResult[] {
  return creations.map(
    (creation) =>
      findExisting(table, creation) ?? { outcome: 'failed', error: 'the event was already processed, and the object does not exist' },
  );
}

/** Verdicts as they go into the journal: with the store's errors on the objects it refused. */
export function noteFailures(
  verdicts: readonly TriggerVerdict[],
  creations: readonly KubeObject[],
  results: readonly CreationResult[],
): readonly TriggerVerdict[] {
  const errors = new Map<string, string>();
  results.forEach((result, i) => {
    const creation = creations[i];
    if (result.outcome === 'failed' && creation !== undefined)
      errors.set(identity(creation, creation.metadata?.namespace, creation.metadata?.name), result.error);
  });
  if (errors.size === 0) return verdicts;
  return verdicts.map((verdict) =>
    verdict.verdict !== 'matched'
      ? verdict
      : {
          ...verdict,
          created: verdict.created.map((made) => {
            const error = errors.get(identity(made, made.namespace, made.name));
            return error === undefined ? made : { ...made, error };
          }),
        },
  );
}

function findExisting(table: ObjectTable, creation: KubeObject): CreationResult | undefined {
  const { name, namespace } = creation.metadata ?? {};
  const object = name === undefined ? undefined : table.find(groupKindOf(creation), namespace ?? '', name);
  if (object === undefined || object.metadata.labels?.[EVENT_LABEL] !== creation.metadata.labels?.[EVENT_LABEL]) return undefined;
  return { outcome: 'exists', object };
}

function identity(
  object: { readonly apiVersion: string; readonly kind: string },
  namespace: string | undefined,
  name: string | undefined,
): string {
  return JSON.stringify([object.apiVersion, object.kind, namespace, name]);
}
