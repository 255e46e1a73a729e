import type { Change, ListOptions, Store, Watch, WatchOptions } from '../../ports/store.ts';
import type { GroupKind, KubeObject, Stored } from '../../resources/object.ts';

export interface ViewOptions {
  /** Whether an object is in lists and watches; asked for by its name, it is there all the same. Absent: all are. */
  readonly shows?: ((object: Stored) => boolean) | undefined;
  /** How an object looks. Absent: as it is. */
  readonly as?: ((object: Stored) => Stored) | undefined;
}

/**
 * A store seen through glasses. When what `shows` says changes, nobody is told: whoever watches begins anew.
 */
export function storeView(store: Store, { shows = () => true, as = (object) => object }: ViewOptions): Store {
  const seen = <T extends KubeObject>(object: Stored<T>): Stored<T> => as(object) as Stored<T>;
  return {
    async get<T extends KubeObject>(key: Parameters<Store['get']>[0]) {
      const object = await store.get<T>(key);
      return object && seen(object);
    },
    create: async (object) => seen(await store.create(object)),
    update: async (object) => seen(await store.update(object)),
    updateStatus: async (object) => seen(await store.updateStatus(object)),
    async patch<T extends KubeObject>(...args: Parameters<Store['patch']>) {
      return seen(await store.patch<T>(...args));
    },
    delete: (key, options) => store.delete(key, options),
    async list<T extends KubeObject>(kind: GroupKind, options?: ListOptions) {
      const { items, ...rest } = await store.list<T>(kind, options);
      return { ...rest, items: items.filter(shows).map(seen) };
    },
    watch<T extends KubeObject>(kind: GroupKind, options?: WatchOptions): Watch<T> {
      const all = store.watch<T>(kind, options);
      return { position: () => all.position(), [Symbol.asyncIterator]: () => changesSeen(all) };
    },
    close: () => store.close(),
  };

  async function* changesSeen<T extends KubeObject>(changes: Watch<T>): AsyncGenerator<Change<T>> {
    for await (const { type, object } of changes) if (shows(object)) yield { type, object: seen(object) };
  }
}
