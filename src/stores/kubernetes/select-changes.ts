import type { Change } from '../../ports/store.ts';
import type { Stored } from '../../resources/object.ts';
import { type FieldSelector, matchesFields } from '../selectors/field-selector.ts';

/**
 * What a watch with these fields sees of a change; `undefined`: nothing. An object that begins or ceases to match was added or deleted, as the API
 * server has it for the fields it knows itself. `matching` holds those that match before the first change.
 */
export function selectChanges(fields: FieldSelector, matching: Iterable<Stored>): (change: Change) => Change | undefined {
  const shown = new Map<string, Stored>();
  for (const object of matching) shown.set(object.metadata.uid, object);
  return ({ type, object }) => {
    const { uid, resourceVersion } = object.metadata;
    const before = shown.get(uid);
    if (type !== 'DELETED' && matchesFields(fields, object)) {
      shown.set(uid, object);
      return { type: before === undefined ? 'ADDED' : 'MODIFIED', object };
    }
    shown.delete(uid);
    if (before === undefined) return undefined;
    return { type: 'DELETED', object: type === 'DELETED' ? object : { ...before, metadata: { ...before.metadata, resourceVersion } } };
  };
}
