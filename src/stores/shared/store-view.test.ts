import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../test/support/counting-ids.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { openMemory } from '../memory/open-memory.ts';
import { storeView } from './store-view.ts';

const map = (namespace: string, name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } });

describe('a view of a store', () => {
  it('shows some objects in lists and watches, in another form everywhere', async () => {
    const { store } = openMemory({ clock: new ManualClock(0), ids: countingIds() });
    const view = storeView(store, {
      shows: ({ metadata }) => metadata.namespace === 'ours',
      as: (object) => ({ ...object, seen: true }),
    });
    await view.create(map('ours', 'a'));
    await view.create(map('theirs', 'b'));
    const { items, resourceVersion } = await view.list('ConfigMap');
    expect(items).toMatchObject([{ metadata: { name: 'a' }, seen: true }]);
    expect(await view.get({ kind: 'ConfigMap', namespace: 'theirs', name: 'b' })).toMatchObject({ seen: true });
    const changes = view.watch('ConfigMap', { resourceVersion })[Symbol.asyncIterator]();
    const next = changes.next();
    await store.create(map('theirs', 'c'));
    await store.create(map('ours', 'd'));
    expect(await next).toMatchObject({ value: { type: 'ADDED', object: { metadata: { name: 'd' }, seen: true } } });
    await store.close();
  });
});
