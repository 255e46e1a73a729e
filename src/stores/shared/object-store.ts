import {
  type ListOptions,
  type ObjectKey,
  type ObjectList,
  type Store,
  StoreError,
  type Watch,
  type WatchOptions,
} from '../../ports/store.ts';
import { type GroupKind, groupKindOf, type KubeObject, type Stored } from '../../resources/object.ts';
import { demandedValue, type FieldSelector, matchesFields, parseFieldSelector } from '../selectors/field-selector.ts';
import { type LabelSelector, matchesLabels, parseLabelSelector } from '../selectors/label-selector.ts';
import type { ChangeFeed } from './change-feed.ts';
import { checkMetadata } from './metadata.ts';
import { deleteObject } from './object-removal.ts';
import type { Facts, ObjectTable } from './object-table.ts';
import { createObject, patchObject, updateObject, updateStatus } from './object-writes.ts';
import { readPosition, writePosition } from './page-position.ts';
import { settle } from './settle.ts';

export interface ScanScope {
  readonly namespace?: string | undefined;
  /** Only what comes after this one. */
  readonly after?: { readonly namespace: string; readonly name: string } | undefined;
  readonly labels: LabelSelector;
}

/** What a store adapter has to bring beneath the shared rules. */
export interface ObjectBackend {
  readonly table: ObjectTable;
  readonly feed: ChangeFeed;
  /** Objects whose labels match, in the order of (namespace, name). */
  scan(kind: GroupKind, scope: ScanScope): Iterable<Stored>;
  /** How many there are of a kind, in one namespace or in all. */
  count(kind: GroupKind, namespace: string | undefined): number;
  /** Runs `operation` in a transaction with others; resolves when it is durable. */
  write<T>(operation: () => T): Promise<T>;
  /** Runs `operation` on what is committed. */
  read<T>(operation: () => T): T;
  close(): Promise<void>;
}

/** The store port over a backend. */
export function objectStore(backend: ObjectBackend, facts: Facts): Store {
  const { table, feed } = backend;
  // What is stored under a kind is of that kind's type because the caller says so, here as in every store without schemas.
  const write = <T extends KubeObject>(operation: () => Stored): Promise<Stored<T>> => backend.write(operation) as Promise<Stored<T>>;
  /** The caller's object as it is now: the write runs in a later turn. Against the stored one, so that what they share is not copied. */
  const taken = (input: KubeObject): KubeObject => {
    checkMetadata(input);
    const { name, namespace } = input.metadata;
    return settle(input, name === undefined ? undefined : backend.read(() => table.find(groupKindOf(input), namespace ?? '', name)));
  };
  return {
    get: async <T extends KubeObject>(key: ObjectKey) =>
      backend.read(() => table.find(key.kind, key.namespace ?? '', key.name)) as Stored<T> | undefined,
    list: async <T extends KubeObject>(kind: GroupKind, options: ListOptions = {}) =>
      backend.read(() => listPage(backend, kind, options)) as ObjectList<T>,
    create: async <T extends KubeObject>(object: T) => {
      const draft = settle<KubeObject>(object);
      return write<T>(() => createObject(table, facts, draft));
    },
    update: async <T extends KubeObject>(object: T) => {
      const next = taken(object);
      return write<T>(() => updateObject(table, facts, next));
    },
    updateStatus: async <T extends KubeObject>(object: T) => {
      const next = taken(object);
      return write<T>(() => updateStatus(table, facts, next));
    },
    patch: async <T extends KubeObject>(
      key: ObjectKey,
      patch: Readonly<Record<string, unknown>>,
      options: { readonly subresource?: 'status' | undefined } = {},
    ) => {
      const change = settle(patch);
      return write<T>(() => patchObject(table, facts, key, change, options.subresource));
    },
    delete: async (key, options) => backend.write(() => deleteObject(table, facts, key, options)),
    watch: <T extends KubeObject>(kind: GroupKind, options: WatchOptions = {}) => feed.watch(kind, options) as Watch<T>,
    close: () => backend.close(),
  };
}

/**
 * One page. Later pages show the objects as they are by then, under the resourceVersion of the first: whoever watches from there hears of
 * everything that changed between the pages, if perhaps of something a later page already showed.
 */
function listPage(backend: ObjectBackend, kind: GroupKind, options: ListOptions): ObjectList {
  const labels = parseLabelSelector(options.labelSelector);
  const fields = parseFieldSelector(options.fieldSelector);
  const limit = options.limit === undefined || options.limit <= 0 ? Number.POSITIVE_INFINITY : options.limit;
  const position = options.continue === undefined ? undefined : readPosition(options.continue);
  const version = position?.version ?? backend.feed.head;
  const namespace = options.namespace ?? demandedValue(fields, 'metadata.namespace');
  const items: Stored[] = [];
  for (const object of candidates(backend, kind, { namespace, after: position, labels }, fields)) {
    if (!matchesFields(fields, object)) continue;
    const last = items.at(-1);
    if (items.length === limit && last !== undefined) {
      const rest = writePosition({ version, namespace: last.metadata.namespace ?? '', name: last.metadata.name });
      // As upstream: no count where selectors would make it expensive, and none on later pages, where it is not needed.
      const counted = labels.length === 0 && fields.length === 0 && position === undefined;
      return {
        items,
        resourceVersion: String(version),
        continue: rest,
        ...(counted ? { remainingItemCount: backend.count(kind, namespace) - items.length } : {}),
      };
    }
    items.push(object);
  }
  return { items, resourceVersion: String(version) };
}

/** `metadata.name=x` in one namespace is a point read: every `kubectl get -w NAME` and every wait for one object asks so. */
function candidates(backend: ObjectBackend, kind: GroupKind, scope: ScanScope, fields: FieldSelector): Iterable<Stored> {
  const name = demandedValue(fields, 'metadata.name');
  if (name === undefined || scope.namespace === undefined || scope.after !== undefined) return backend.scan(kind, scope);
  const found = backend.table.find(kind, scope.namespace, name);
  return found !== undefined && matchesLabels(scope.labels, found.metadata.labels) ? [found] : [];
}

export function closedError(): StoreError {
  return new StoreError('Unavailable', 'the store is closed');
}
