import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../test/support/counting-ids.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import type { Change, Store } from '../../ports/store.ts';
import type { KubeObject } from '../../resources/object.ts';
import { openMemory } from '../memory/open-memory.ts';
import { scopedStore } from './scoped-store.ts';

const KIND = 'ConfigMap';
const configMap = (namespace: string, name: string): KubeObject => ({ apiVersion: 'v1', kind: KIND, metadata: { namespace, name } });

/** Says no, as an API server does, to whoever asks for all namespaces or for one that is not `a` or `b`. */
function guarded(store: Store): Store {
  const check = (namespace: string | undefined): void => {
    if (namespace !== 'a' && namespace !== 'b') throw new Error(`forbidden: ${namespace ?? 'all namespaces'}`);
  };
  return Object.create(store, {
    list: {
      value: async (...args: Parameters<Store['list']>) => {
        check(args[1]?.namespace);
        return await store.list(...args);
      },
    },
    watch: {
      value: (...args: Parameters<Store['watch']>) => {
        check(args[1]?.namespace);
        return store.watch(...args);
      },
    },
  });
}

async function world() {
  const { store } = openMemory({ clock: new ManualClock(), ids: countingIds() });
  for (const [namespace, name] of [
    ['a', '1'],
    ['a', '2'],
    ['b', '3'],
    ['c', '4'],
  ] as const)
    await store.create(configMap(namespace, name));
  return { store, scoped: scopedStore(guarded(store), ['a', 'b']) };
}

describe('scopedStore', () => {
  it('lists its namespaces, and asks for no other', async () => {
    const { scoped } = await world();
    const { items } = await scoped.list(KIND);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['1', '2', '3']);
    expect((await scoped.list(KIND, { namespace: 'b' })).items.length).toBe(1);
    await expect(scoped.list(KIND, { namespace: 'c' })).rejects.toThrow('forbidden: c');
  });

  it('lists page by page, over the border between two', async () => {
    const { scoped } = await world();
    const names: string[][] = [];
    let next: string | undefined;
    do {
      const page = await scoped.list(KIND, { limit: 1, continue: next });
      names.push(page.items.map(({ metadata }) => metadata.name));
      next = page.continue;
    } while (next !== undefined);
    expect(names).toEqual([['1'], ['2'], ['3']]);
  });

  it('watches from a list on, and ends when told', async () => {
    const { store, scoped } = await world();
    const { resourceVersion } = await scoped.list(KIND);
    const ending = new AbortController();
    const watch = scoped.watch(KIND, { resourceVersion, signal: ending.signal });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { type, object } of watch as AsyncIterable<Change>) {
        seen.push(`${type} ${object.metadata.namespace}/${object.metadata.name}`);
        if (seen.length === 3) ending.abort();
      }
    })();
    for (const [namespace, name] of [
      ['b', '5'],
      ['c', '6'],
      ['a', '7'],
    ] as const)
      await store.create(configMap(namespace, name));
    await store.delete({ kind: KIND, namespace: 'b', name: '3' });
    await reading;
    expect(seen.sort()).toEqual(['ADDED a/7', 'ADDED b/5', 'DELETED b/3']);
  });

  it('lets go of all watches when its reader stops, and when one fails', async () => {
    const { store, scoped } = await world();
    const { resourceVersion } = await scoped.list(KIND);
    await store.create(configMap('a', '8'));
    for await (const { object } of scoped.watch(KIND, { resourceVersion })) {
      expect(object.metadata.name).toBe('8');
      break;
    }
    const tooOld = openMemory({ clock: new ManualClock(), ids: countingIds(), keepChanges: 1 });
    for (const name of ['1', '2', '3']) await tooOld.store.create(configMap('a', name));
    const watch = scopedStore(tooOld.store, ['a', 'b']).watch(KIND, { resourceVersion: '1' });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'Gone' });
  });

  it('shows kinds without a namespace as they are', async () => {
    const { store } = openMemory({ clock: new ManualClock(), ids: countingIds() });
    await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } });
    expect((await scopedStore(store, ['a']).list('Namespace')).items.length).toBe(1);
  });
});
