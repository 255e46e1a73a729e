import { type GroupKind, groupKindOf, type Stored } from '../../resources/object.ts';
import { matchesLabels } from '../selectors/label-selector.ts';
import { ChangeFeed } from '../shared/change-feed.ts';
import { closedError, type ObjectBackend, type ScanScope } from '../shared/object-store.ts';
import type { ObjectTable, RecordedChange } from '../shared/object-table.ts';

/** Objects of one kind, by `namespace/name`; names hold no slash. */
interface KindTable {
  readonly objects: Map<string, Stored>;
  /** The keys in order; dropped when one comes or goes. */
  sorted: readonly string[] | undefined;
}

/**
 * Objects in maps. A write runs when it is asked for: nothing has to wait for a disk, and tests see it at once. An operation that throws must
 * have recorded nothing, which the shared rules promise: they check before they write.
 */
export function memoryBackend(options: { readonly keepChanges: number }): ObjectBackend {
  const kinds = new Map<GroupKind, KindTable>();
  const byOwner = new Map<string, Map<string, Stored>>();
  const feed = new ChangeFeed({ start: 0, keep: options.keepChanges });
  let version = 0;
  let recorded: RecordedChange[] = [];

  const kindTable = (kind: GroupKind): KindTable => {
    const known = kinds.get(kind);
    if (known !== undefined) return known;
    const created: KindTable = { objects: new Map(), sorted: undefined };
    kinds.set(kind, created);
    return created;
  };
  const disownAll = (object: Stored) => {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owned = byOwner.get(uid);
      owned?.delete(object.metadata.uid);
      if (owned?.size === 0) byOwner.delete(uid);
    }
  };
  const ownAll = (object: Stored) => {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owned = byOwner.get(uid) ?? new Map<string, Stored>();
      owned.set(object.metadata.uid, object);
      byOwner.set(uid, owned);
    }
  };

  const table: ObjectTable = {
    find: (kind, namespace, name) => kinds.get(kind)?.objects.get(`${namespace}/${name}`),
    dependents: (ownerUid) => [...(byOwner.get(ownerUid)?.values() ?? [])].sort(byKindAndName),
    nextVersion: () => version + 1,
    record(change) {
      version = change.version;
      recorded.push(change);
      const { object, previous, kind, type } = change;
      const { objects } = kindTable(kind);
      const key = keyOf(object);
      if (previous !== undefined) disownAll(previous);
      if (type === 'DELETED') objects.delete(key);
      else {
        objects.set(key, object);
        ownAll(object);
      }
      if (type !== 'MODIFIED') kindTable(kind).sorted = undefined;
    },
  };

  const read = <T>(operation: () => T): T => {
    if (feed.closed) throw closedError();
    return operation();
  };

  return {
    table,
    feed,
    read,
    async write(operation) {
      try {
        return read(operation);
      } finally {
        const changes = recorded;
        recorded = [];
        feed.publish(changes);
      }
    },
    *scan(kind: GroupKind, { namespace, after, labels }: ScanScope) {
      const found = kindTable(kind);
      found.sorted ??= [...found.objects.values()].sort(byKindAndName).map(keyOf);
      for (const key of found.sorted) {
        const object = found.objects.get(key);
        if (object === undefined || (namespace !== undefined && object.metadata.namespace !== namespace)) continue;
        if (after !== undefined && !isAfter(object, after)) continue;
        if (matchesLabels(labels, object.metadata.labels)) yield object;
      }
    },
    count(kind, namespace) {
      const objects = kinds.get(kind)?.objects;
      if (objects === undefined || namespace === undefined) return objects?.size ?? 0;
      return [...objects.values()].filter((object) => object.metadata.namespace === namespace).length;
    },
    async close() {
      feed.close();
    },
  };
}

function keyOf({ metadata }: Stored): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function isAfter({ metadata }: Stored, position: { readonly namespace: string; readonly name: string }): boolean {
  const namespace = metadata.namespace ?? '';
  return namespace === position.namespace ? metadata.name > position.name : namespace > position.namespace;
}

/** The order of the SQLite store's keys, so that both do everything in the same order. */
function byKindAndName(a: Stored, b: Stored): number {
  return (
    compare(groupKindOf(a), groupKindOf(b)) ||
    compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compare(a.metadata.name, b.metadata.name)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
