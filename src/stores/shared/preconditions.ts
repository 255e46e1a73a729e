import { type ObjectKey, StoreError } from '../../ports/store.ts';
import type { ObjectMeta, Stored } from '../../resources/object.ts';
import { describeObject, describeStored } from './metadata.ts';

/** Throws `Conflict` where the caller means another object or another version than the stored one. */
export function checkPreconditions(current: Stored, wanted: Pick<ObjectMeta, 'uid' | 'resourceVersion'>): void {
  const { uid, resourceVersion } = current.metadata;
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    throw new StoreError(
      'Conflict',
      `${describeStored(current)}: uid ${wanted.uid} was expected, but it is ${uid}: it was deleted and created again; read it again`,
    );
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    throw new StoreError(
      'Conflict',
      `${describeStored(current)}: resourceVersion ${wanted.resourceVersion} was expected, but it is ${resourceVersion}: somebody else changed it; read it again and repeat the change`,
    );
  }
}

export function notFound(key: ObjectKey): StoreError {
  return new StoreError('NotFound', `${describeObject(key)} not found`);
}
