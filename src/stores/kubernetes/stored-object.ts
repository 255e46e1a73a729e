import type { KubeObject, Stored } from '../../resources/object.ts';

/** An object as an API server sends it. Who manages which field is its own business, and the largest part of many an object. */
export function received<T extends KubeObject>(object: Stored<T>): Stored<T> {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** An object as it is sent: without what the server fills in itself, of which it would refuse some and overwrite the rest. */
export function sent(object: KubeObject, resourceVersion?: string): KubeObject {
  const {
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    managedFields: _managers,
    ...metadata
  } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(resourceVersion !== undefined && { resourceVersion }) } };
}
