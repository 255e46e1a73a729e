import { type Store, StoreError } from '../ports/store.ts';
import { groupKindOf, type KubeObject, type OwnerReference, type Stored } from '../resources/object.ts';

/**
 * Creates an object whose name is a function of what it is for: one that is there already is what we wanted, provided the same
 * owner holds it. A stranger's object under that name is an error, or its outcome would be taken for ours. Gives the object as it is.
 */
export async function createOnce<T extends KubeObject>(store: Store, object: T): Promise<Stored<T> | undefined> {
  try {
    return await store.create(object);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'AlreadyExists') throw error;
    return await ownOne(store, object);
  }
}

async function ownOne<T extends KubeObject>(store: Store, object: T): Promise<Stored<T> | undefined> {
  const { name = '', namespace } = object.metadata;
  const found = await store.get<T>({ kind: groupKindOf(object), namespace, name });
  const owner = controllerUid(object);
  if (found === undefined || owner === undefined || controllerUid(found) === owner) return found;
  throw new StoreError(
    'AlreadyExists',
    `${object.kind} ${namespace ?? ''}/${name} exists and belongs to somebody else; delete it or rename the run`,
  );
}

function controllerUid(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;
}

/**
 * Writes a new status on top of the version it was decided from, and gives the object as it is then. `undefined` means that it changed
 * since or is gone: the caller's loop hears of that anyway and decides again, so it is not an error.
 */
export async function writeStatus<T extends KubeObject>(store: Store, object: Stored<T>, status: unknown): Promise<Stored<T> | undefined> {
  return unlessOutdated(store.updateStatus<T>({ ...object, status }));
}

/** What was to be written onto an object that has changed or gone since: nothing any more. */
export async function unlessOutdated<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'Conflict' || error.code === 'NotFound')) return undefined;
    throw error;
  }
}

/** Makes somebody one more owner of a claim that has owners. One that is gone, or nobody's, stays as it is. */
export async function shareClaim(
  store: Store,
  namespace: string | undefined,
  { name, owner }: { readonly name: string; readonly owner: OwnerReference },
): Promise<void> {
  const key = { kind: 'PersistentVolumeClaim', namespace, name };
  const { resourceVersion, ownerReferences = [] } = (await store.get(key))?.metadata ?? {};
  if (ownerReferences.length === 0 || ownerReferences.some(({ uid }) => uid === owner.uid)) return;
  // On the version that was read: what others have written meanwhile must not be undone.
  await store.patch(key, { metadata: { resourceVersion, ownerReferences: [...ownerReferences, owner] } });
}

/**
 * The order to write decisions in: the status first, for it alone is tied to the version it was decided from, and a change of metadata
 * before it would make it a conflict.
 */
export function statusFirst<T extends { readonly type: string }>(decisions: readonly T[]): T[] {
  return [...decisions].sort((a, b) => Number(b.type === 'set-status') - Number(a.type === 'set-status'));
}
