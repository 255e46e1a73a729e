import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';

/** Names one object. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
  readonly kind: GroupKind;
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  /** Kubernetes syntax: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
  readonly labelSelector?: string | undefined;
  /** `metadata.name=x`, `metadata.namespace=x`, any other dotted path of scalar fields; `=`, `==`, `!=`, comma means and. */
  readonly fieldSelector?: string | undefined;
  /** At most this many items; `continue` of the answer asks for the rest, as of the same resourceVersion order. */
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

export interface ObjectList<T extends KubeObject = KubeObject> {
  readonly items: readonly Stored<T>[];
  /** Watch from here to see every later change and none that the list shows. */
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface Change<T extends KubeObject = KubeObject> {
  readonly type: ChangeType;
  /** For DELETED: the last state, with the resourceVersion of the deletion. */
  readonly object: Stored<T>;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Changes after this version, in order. Absent: from now. */
  readonly resourceVersion?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Watch<T extends KubeObject = KubeObject> extends AsyncIterable<Change<T>> {
  /** The resourceVersion up to which everything has been yielded, whether it concerned this watch or not. Absent: it has not begun. */
  position(): string | undefined;
}

export type DeletePropagation = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly propagation?: DeletePropagation | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/**
 * Where resources live. Objects handed out are frozen or fresh: a caller never changes what the store holds.
 *
 * - `create` fills uid, resourceVersion, generation 1, creationTimestamp and, for `generateName`, the name.
 *   A `status` in the argument is kept (our own kinds have no defaulting server between).
 * - `update` with a `metadata.resourceVersion` succeeds only if it is still the current one; without one it overwrites.
 *   It leaves `status` as stored; `updateStatus` changes only `status`. A write that changes nothing is no write: the stored object comes
 *   back with its old resourceVersion and no watcher hears of it. `generation` grows when anything but metadata and status changes.
 * - `delete` on an object with finalizers sets `deletionTimestamp` and the object goes when the last finalizer does.
 *   When an object is gone, what it owned (ownerReferences by uid) goes too unless propagation is `Orphan`. An object none of whose
 *   owners exists goes at once, also when it has only just been created. `delete` gives the last state; of no such object, `undefined`.
 * - Every write is durable when its promise resolves. Writes of one turn of the event loop share one transaction and one fsync;
 *   each still fails or succeeds on its own.
 * - `watch` yields every later change of the kind in commit order. A version too old to continue from throws `Gone`
 *   from the first `next()`: list again. A watcher that does not read is cut off with `Gone` once it is too far behind. A watch is iterated once.
 *
 * Errors are `StoreError`s, told apart by `code`.
 */
export interface Store {
  get<T extends KubeObject = KubeObject>(key: ObjectKey): Promise<Stored<T> | undefined>;
  list<T extends KubeObject = KubeObject>(kind: GroupKind, options?: ListOptions): Promise<ObjectList<T>>;
  create<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>>;
  update<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>>;
  updateStatus<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>>;
  /**
   * JSON merge patch (RFC 7386) of everything but status, or with `subresource: 'status'` of status alone.
   */
  patch<T extends KubeObject = KubeObject>(
    key: ObjectKey,
    mergePatch: Readonly<Record<string, unknown>>,
    options?: { readonly subresource?: 'status' | undefined },
  ): Promise<Stored<T>>;
  delete(key: ObjectKey, options?: DeleteOptions): Promise<Stored | undefined>;
  watch<T extends KubeObject = KubeObject>(kind: GroupKind, options?: WatchOptions): Watch<T>;
  /** Flushes what is under way and lets go of the files. Idempotent. */
  close(): Promise<void>;
}

/** `Forbidden`: whoever asks lacks the right, or the namespace's quota is used up. */
export type StoreErrorCode = 'Conflict' | 'AlreadyExists' | 'NotFound' | 'Gone' | 'Invalid' | 'Forbidden' | 'Unavailable';

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
