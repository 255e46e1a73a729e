import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { ChangeType } from '../../ports/store.ts';
import type { GroupKind, Stored } from '../../resources/object.ts';

/** One write as it happened. Objects are settled, that is, deeply frozen. */
export interface RecordedChange {
  /** The resourceVersion it brought. */
  readonly version: number;
  readonly type: ChangeType;
  readonly kind: GroupKind;
  /** For DELETED: the last state, with the version of the deletion. */
  readonly object: Stored;
  /** What the write replaced; absent for ADDED. */
  readonly previous?: Stored | undefined;
  /** Length of the object's JSON, where the store knows it. */
  readonly bytes?: number | undefined;
}

/**
 * Where objects lie, beneath the rules of how they change (`object-writes`, `object-removal`): a store adapter is one of these.
 * Synchronous: what the rules do in one call is one transaction. A cluster-scoped object has the namespace ''.
 */
export interface ObjectTable {
  find(kind: GroupKind, namespace: string, name: string): Stored | undefined;
  /** Everything that names this uid among its ownerReferences. */
  dependents(ownerUid: string): readonly Stored[];
  /** The version the next `record` must carry. */
  nextVersion(): number;
  record(change: RecordedChange): void;
}

/** What the rules need from outside. */
export interface Facts {
  readonly clock: Clock;
  readonly ids: Ids;
}
