import { type Store, StoreError } from '../ports/store.ts';
import { groupKindOf, type KubeObject, type Stored } from '../resources/object.ts';

/**
 * Creates an object whose name is a function of what it is for: one that is there already is what we wanted, provided the same
 * owner holds it. A stranger's object under that name is an error, or its outcome would be taken for ours.
 */
export async function createOnce(store: Store, object: KubeObject): Promise<void> {
  try {
    await store.create(object);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'AlreadyExists') throw error;
    await refuseStranger(store, object);
  }
}

async function refuseStranger(store: Store, object: KubeObject): Promise<void> {
  const { name = '', namespace } = object.metadata;
  const found = await store.get({ kind: groupKindOf(object), namespace, name });
  const owner = controllerUid(object);
  if (found === undefined || owner === undefined || controllerUid(found) === owner) return;
  throw new StoreError('AlreadyExists', `${object.kind} ${namespace ?? ''}/${name} exists and belongs to somebody else; delete it or rename the run`);
}

function controllerUid(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;
}

/**
 * Writes a new status on top of the version it was decided from. `Conflict` means that the object changed since: the caller's loop
 * hears of that change anyway and decides again, so it is not an error; nor is an object that is gone.
 */
export async function writeStatus(store: Store, object: Stored, status: unknown): Promise<void> {
  try {
    await store.updateStatus({ ...object, status });
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'Conflict' || error.code === 'NotFound')) return;
    throw error;
  }
}

/**
 * The order to write decisions in: the status first, for it alone is tied to the version it was decided from, and a change of metadata
 * before it would make it a conflict.
 */
export function statusFirst<T extends { readonly type: string }>(decisions: readonly T[]): T[] {
  return [...decisions].sort((a, b) => Number(b.type === 'set-status') - Number(a.type === 'set-status'));
}
