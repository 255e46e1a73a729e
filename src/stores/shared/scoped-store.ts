import type { Change, ListOptions, ObjectList, Store, Watch, WatchOptions } from '../../ports/store.ts';
import type { GroupKind, KubeObject } from '../../resources/object.ts';
import { typeOfGroupKind } from '../../resources/registry.ts';

/**
 * A store that looks at some namespaces only and never asks for the others, for a server that has no right to: what would be one list or watch over all of them
 * is one for each. Kinds that belong to no namespace are shown as they are. Unlike the port's contract, changes come in order within a namespace, not
 * over several; a version means the same in all of them, as it does in Kubernetes.
 */
export function scopedStore(store: Store, namespaces: readonly string[]): Store {
  const scopeOf = (kind: GroupKind, { namespace }: { readonly namespace?: string | undefined } = {}): readonly (string | undefined)[] =>
    namespace !== undefined || typeOfGroupKind(kind)?.namespaced === false ? [namespace] : namespaces;

  return {
    get: (key) => store.get(key),
    create: (object) => store.create(object),
    update: (object) => store.update(object),
    updateStatus: (object) => store.updateStatus(object),
    patch: (key, mergePatch, options) => store.patch(key, mergePatch, options),
    delete: (key, options) => store.delete(key, options),
    async list<T extends KubeObject>(kind: GroupKind, options: ListOptions = {}): Promise<ObjectList<T>> {
      const scope = scopeOf(kind, options);
      if (options.limit !== undefined || options.continue !== undefined) return await page<T>(store, kind, options, scope);
      const lists: ObjectList<T>[] = [];
      for (const namespace of scope) lists.push(await store.list<T>(kind, { ...options, namespace }));
      return { items: lists.flatMap(({ items }) => items), resourceVersion: lists[0]?.resourceVersion ?? '0' };
    },
    watch<T extends KubeObject>(kind: GroupKind, options: WatchOptions = {}): Watch<T> {
      const scope = scopeOf(kind, options);
      const ending = new AbortController();
      const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
      const watches = scope.map((namespace) => store.watch<T>(kind, { ...options, namespace, signal }));
      return { position: () => earliest(watches.map((watch) => watch.position())), [Symbol.asyncIterator]: () => merged(watches, ending) };
    },
    close: () => store.close(),
  };
}

/** A page is of one namespace; where the next one begins is in the token: `1` or `0:<token of the store>`. The version is the first page's: what changed since comes again. */
async function page<T extends KubeObject>(
  store: Store,
  kind: GroupKind,
  options: ListOptions,
  scope: readonly (string | undefined)[],
): Promise<ObjectList<T>> {
  const [, index = '0', token] = /^(\d+)(?::(.*))?$/s.exec(options.continue ?? '0') ?? [];
  const at = Number(index);
  const { items, resourceVersion, continue: next } = await store.list<T>(kind, { ...options, namespace: scope[at], continue: token });
  const following = at + 1 < scope.length ? String(at + 1) : undefined;
  return { items, resourceVersion, continue: next === undefined ? following : `${at}:${next}` };
}

/** Whatever comes first. The first that fails, or whoever stops reading, ends them all. */
async function* merged<T extends KubeObject>(watches: readonly Watch<T>[], ending: AbortController): AsyncGenerator<Change<T>> {
  const iterators = watches.map((watch) => watch[Symbol.asyncIterator]());
  const next = (index: number) => {
    const coming = iterators[index]?.next().then((result) => ({ index, result })) ?? Promise.reject(new Error('no such watch'));
    // Nobody may be waiting for it just then; it is heard of at the next turn.
    coming.catch(() => {});
    return coming;
  };
  const pending = new Map(iterators.map((_, index) => [index, next(index)]));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(index);
        continue;
      }
      pending.set(index, next(index));
      yield result.value;
    }
  } finally {
    ending.abort();
    await Promise.allSettled(pending.values());
  }
}

/** Versions count up: the longer number is the larger one. */
function earliest(versions: readonly (string | undefined)[]): string | undefined {
  const known = versions.filter((version) => version !== undefined);
  if (known.length < versions.length) return undefined;
  return known.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
}
