import type { Change, ListOptions, Store, Watch, WatchOptions } from '../../ports/store.ts';
import type { GroupKind, KubeObject, Stored } from '../../resources/object.ts';

/**
 * A store that shows only what lies in some namespaces (and what lies in none), for replicas that share the work. What it shows when a namespace becomes
 * another's, or ours, is not told: whoever watches begins anew.
 */
export function ownedStore(store: Store, owns: (namespace: string) => boolean): Store {
  const isOurs = ({ metadata: { namespace } }: Stored): boolean => namespace === undefined || owns(namespace);
  return {
    get: (key) => store.get(key),
    create: (object) => store.create(object),
    update: (object) => store.update(object),
    updateStatus: (object) => store.updateStatus(object),
    patch: (key, mergePatch, options) => store.patch(key, mergePatch, options),
    delete: (key, options) => store.delete(key, options),
    async list<T extends KubeObject>(kind: GroupKind, options?: ListOptions) {
      const { items, ...rest } = await store.list<T>(kind, options);
      return { ...rest, items: items.filter(isOurs) };
    },
    watch<T extends KubeObject>(kind: GroupKind, options?: WatchOptions): Watch<T> {
      const all = store.watch<T>(kind, options);
      return { position: () => all.position(), [Symbol.asyncIterator]: () => filtered(all, isOurs) };
    },
    close: () => store.close(),
  };
}

async function* filtered<T extends KubeObject>(changes: Watch<T>, isOurs: (object: Stored) => boolean): AsyncGenerator<Change<T>> {
  for await (const change of changes) if (isOurs(change.object)) yield change;
}
