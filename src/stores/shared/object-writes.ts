import { type ObjectKey, StoreError } from '../../ports/store.ts';
import { type GroupKind, groupKindOf, type KubeObject, type Stored, type StoredMeta } from '../../resources/object.ts';
import { timestamp } from '../../resources/timestamp.ts';
import { mergePatch } from './merge-patch.ts';
import { checkMetadata, describeObject, describeStored } from './metadata.ts';
import { collectUnowned, removeObject } from './object-removal.ts';
import type { Facts, ObjectTable } from './object-table.ts';
import { checkPreconditions, notFound } from './preconditions.ts';
import { settle } from './settle.ts';

/** As the API server: the base is cut so that base and suffix stay a DNS label (apiserver pkg/storage/names/generate.go). */
const GENERATED_BASE_LENGTH = 58;
/** As the API server since 1.30: so many suffixes are tried before a collision is reported. */
const NAME_ATTEMPTS = 8;

/** `draft` is settled. */
export function createObject(table: ObjectTable, facts: Facts, draft: KubeObject): Stored {
  checkMetadata(draft);
  const kind = groupKindOf(draft);
  const namespace = draft.metadata.namespace ?? '';
  const name = draft.metadata.name ?? generateName(table, facts, kind, namespace, draft.metadata.generateName ?? '');
  if (table.find(kind, namespace, name) !== undefined) {
    throw new StoreError('AlreadyExists', `${describeObject({ kind, namespace, name })} already exists`);
  }
  const version = table.nextVersion();
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...given } = draft.metadata;
  const metadata: StoredMeta = {
    ...given,
    name,
    uid: facts.ids.uuid(),
    resourceVersion: String(version),
    generation: 1,
    creationTimestamp: timestamp(facts.clock.now()),
  };
  const object = Object.freeze({ ...draft, metadata: Object.freeze(metadata) });
  table.record({ version, type: 'ADDED', kind, object });
  collectUnowned(table, facts, object);
  return object;
}

export function updateObject(table: ObjectTable, facts: Facts, input: KubeObject): Stored {
  const current = findForWrite(table, input);
  return writeVersion(table, facts, current, { ...input, status: current['status'] });
}

export function updateStatus(table: ObjectTable, facts: Facts, input: KubeObject): Stored {
  const current = findForWrite(table, input);
  return writeVersion(table, facts, current, { ...current, status: input['status'] });
}

export function patchObject(
  table: ObjectTable,
  facts: Facts,
  key: ObjectKey,
  patch: Readonly<Record<string, unknown>>,
  subresource: 'status' | undefined,
): Stored {
  const current = table.find(key.kind, key.namespace ?? '', key.name);
  if (current === undefined) throw notFound(key);
  const patched = mergePatch(current, patch) as KubeObject;
  checkMetadata(patched);
  if (
    patched.metadata.name !== key.name ||
    (patched.metadata.namespace ?? '') !== (key.namespace ?? '') ||
    groupKindOf(patched) !== key.kind
  ) {
    throw new StoreError(
      'Invalid',
      `patch of ${describeObject(key)} must not change apiVersion's group, kind, metadata.name or metadata.namespace`,
    );
  }
  checkPreconditions(current, patched.metadata);
  return writeVersion(
    table,
    facts,
    current,
    subresource === 'status' ? { ...current, status: patched['status'] } : { ...patched, status: current['status'] },
  );
}

/**
 * Writes `next` over `current` unless they say the same. What the server owns of the metadata stays as it is.
 * A terminating object whose last finalizer this takes away is gone.
 */
function writeVersion(table: ObjectTable, facts: Facts, current: Stored, next: KubeObject): Stored {
  const kept = current.metadata;
  const settled = settle(
    {
      ...next,
      metadata: {
        ...next.metadata,
        name: kept.name,
        namespace: kept.namespace,
        uid: kept.uid,
        resourceVersion: kept.resourceVersion,
        generation: kept.generation,
        creationTimestamp: kept.creationTimestamp,
        deletionTimestamp: kept.deletionTimestamp,
        deletionGracePeriodSeconds: kept.deletionGracePeriodSeconds,
      },
    },
    current,
  ) as Stored;
  if (settled === current) return current;
  const { finalizers = [], deletionTimestamp, ownerReferences } = settled.metadata;
  const added = finalizers.find((finalizer) => !kept.finalizers?.includes(finalizer));
  if (deletionTimestamp !== undefined && added !== undefined) {
    throw new StoreError(
      'Invalid',
      `${describeStored(current)}: metadata.finalizers: cannot add "${added}" while the object is being deleted`,
    );
  }
  const version = table.nextVersion();
  const metadata: StoredMeta = {
    ...settled.metadata,
    resourceVersion: String(version),
    generation: kept.generation + (sameSpec(settled, current) ? 0 : 1),
  };
  const object: Stored = Object.freeze({ ...settled, metadata: Object.freeze(metadata) });
  if (deletionTimestamp !== undefined && finalizers.length === 0) return removeObject(table, facts, object, current);
  table.record({ version, type: 'MODIFIED', kind: groupKindOf(object), object, previous: current });
  if (ownerReferences !== kept.ownerReferences) collectUnowned(table, facts, object);
  return object;
}

/** Both settled against each other: equal parts are identical. */
function sameSpec(next: KubeObject, current: KubeObject): boolean {
  const keys = new Set([...Object.keys(next), ...Object.keys(current)]);
  keys.delete('metadata');
  keys.delete('status');
  return [...keys].every((key) => next[key] === current[key]);
}

function findForWrite(table: ObjectTable, input: KubeObject): Stored {
  checkMetadata(input);
  const { name, namespace } = input.metadata;
  const key = { kind: groupKindOf(input), namespace, name: name ?? '' };
  if (name === undefined) throw new StoreError('Invalid', `${describeObject(key)}: metadata.name: required to write an object that exists`);
  const current = table.find(key.kind, namespace ?? '', name);
  if (current === undefined) throw notFound(key);
  checkPreconditions(current, input.metadata);
  return current;
}

function generateName(table: ObjectTable, facts: Facts, kind: GroupKind, namespace: string, base: string): string {
  let name = '';
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    name = base.slice(0, GENERATED_BASE_LENGTH) + facts.ids.nameSuffix();
    if (table.find(kind, namespace, name) === undefined) return name;
  }
  throw new StoreError(
    'AlreadyExists',
    `${describeObject({ kind, namespace, name })} already exists, as do ${NAME_ATTEMPTS - 1} other names generated from "${base}"; try again`,
  );
}
