import { describe, expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError, type WatchOptions } from '../ports/store.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { Informer } from './informer.ts';

const configMap = (name: string, data: Record<string, string> = {}, extra: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...extra },
  data,
});

interface Heard {
  readonly key: string;
  readonly now?: unknown;
  readonly before?: unknown;
}

interface SetUp {
  readonly hold?: (object: Stored) => boolean;
  readonly wrap?: (store: Store) => Store;
  readonly logger?: Logger;
}

function setUp(options: SetUp = {}) {
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  const heard: Heard[] = [];
  const informer = new Informer({
    store: options.wrap?.(store) ?? store,
    clock,
    logger: options.logger ?? silentLogger,
    kind: 'ConfigMap',
    hold: options.hold,
    onChange: (now, before, key) => heard.push({ key, now: now?.['data'], before: before?.['data'] }),
  });
  return { clock, store, informer, heard };
}

/** Lets everything that is ready run; nothing here waits for a clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('informer', () => {
  it('tells of what is there, then of every change, and holds the newest state', async () => {
    const { store, informer, heard } = setUp();
    await store.create(configMap('a', { n: '1' }));
    await informer.start();
    expect(heard).toEqual([{ key: 'default/a', now: { n: '1' }, before: undefined }]);
    await store.update(configMap('a', { n: '2' }));
    await store.create(configMap('b', { n: '1' }));
    await store.delete({ kind: 'ConfigMap', namespace: 'default', name: 'a' });
    await settle();
    expect(heard.slice(1)).toEqual([
      { key: 'default/a', now: { n: '2' }, before: { n: '1' } },
      { key: 'default/b', now: { n: '1' }, before: undefined },
      { key: 'default/a', now: undefined, before: { n: '2' } },
    ]);
    expect([...informer.values()].map((object) => object.metadata.name)).toEqual(['b']);
    await informer.close();
  });

  it('finds children by owner, and forgets them with the child', async () => {
    const { store, informer } = setUp();
    const owner = await store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'owner', namespace: 'default' } });
    const reference = { apiVersion: 'v1', kind: 'Secret', name: 'owner', uid: owner.metadata.uid };
    await store.create(configMap('child', {}, { ownerReferences: [reference] }));
    await informer.start();
    expect(informer.ownedBy(owner.metadata.uid).map((object) => object.metadata.name)).toEqual(['child']);
    await store.delete({ kind: 'ConfigMap', namespace: 'default', name: 'child' });
    await settle();
    expect(informer.ownedBy(owner.metadata.uid)).toEqual([]);
    await informer.close();
  });

  it('tells of objects it does not hold, and lets go of one that it no longer should', async () => {
    const { store, informer, heard } = setUp({ hold: (object) => (object['data'] as Record<string, string>)['done'] !== 'yes' });
    await informer.start();
    await store.create(configMap('a', { done: 'no' }));
    await settle();
    expect(informer.get('default/a')).toBeDefined();
    await store.update(configMap('a', { done: 'yes' }));
    await settle();
    expect(informer.get('default/a')).toBeUndefined();
    expect(heard.map(({ now }) => now)).toEqual([{ done: 'no' }, { done: 'yes' }]);
    await informer.close();
  });

  it('lists again after Gone and tells of what went missing meanwhile', async () => {
    let gone = false;
    const { store, informer, heard } = setUp({
      wrap: (inner) => ({
        ...inner,
        watch<T extends KubeObject>(kind: GroupKind, options?: WatchOptions) {
          const watch = inner.watch<T>(kind, options);
          return {
            position: () => watch.position(),
            async *[Symbol.asyncIterator]() {
              if (!gone) {
                gone = true;
                await inner.delete({ kind: 'ConfigMap', namespace: 'default', name: 'a' });
                await inner.create(configMap('b', { n: '1' }));
                throw new StoreError('Gone', 'too old');
              }
              yield* watch;
            },
          };
        },
      }),
    });
    await store.create(configMap('a', { n: '1' }));
    await informer.start();
    await settle();
    expect(heard).toEqual([
      { key: 'default/a', now: { n: '1' }, before: undefined },
      { key: 'default/b', now: { n: '1' }, before: undefined },
      { key: 'default/a', now: undefined, before: { n: '1' } },
    ]);
    await informer.close();
  });

  it('never gives up: an unreachable store means growing pauses, then everything is there', async () => {
    let failures = 0;
    const { clock, store, informer } = setUp({
      wrap: (inner) => ({
        ...inner,
        list: (kind, options) => {
          if (failures < 4) {
            failures++;
            return Promise.reject(new StoreError('Unavailable', 'away'));
          }
          return inner.list(kind, options);
        },
      }),
    });
    await store.create(configMap('a'));
    const started = informer.start();
    const pauses: number[] = [];
    for (let n = 0; n < 4; n++) {
      await settle();
      const next = clock.next ?? clock.now();
      pauses.push(next - clock.now());
      clock.advance(next - clock.now());
    }
    await started;
    expect(pauses).toEqual([50, 100, 200, 400]);
    expect(informer.get('default/a')).toBeDefined();
    await informer.close();
  });

  it('says once that the right to watch is missing, and lists with growing pauses', async () => {
    const told: string[] = [];
    let watches = 0;
    const { clock, informer } = setUp({
      logger: { ...silentLogger, warn: (message, fields) => told.push(`${message}: ${String(fields?.['error'])}`) },
      wrap: (inner) => ({
        ...inner,
        watch() {
          watches++;
          throw new StoreError('Forbidden', 'cannot watch resource "configmaps"');
        },
      }),
    });
    await informer.start();
    const pauses: number[] = [];
    for (let n = 0; n < 5; n++) {
      await settle();
      const wait = (clock.next ?? clock.now()) - clock.now();
      pauses.push(wait);
      clock.advance(wait);
    }
    await settle();
    expect(pauses).toEqual([50, 100, 200, 400, 800]);
    expect(watches).toBe(6);
    expect(told).toEqual(['watch broke off, listing again: cannot watch resource "configmaps"']);
    await informer.close();
  });

  it('takes in what a write has answered before the watch tells of it, and nothing older after it', async () => {
    const { store, informer, heard } = setUp();
    await informer.start();
    const first = await store.create(configMap('a', { n: '1' }));
    const second = await store.update(configMap('a', { n: '2' }));
    informer.learn(second);
    informer.learn(first);
    await settle();
    expect(informer.get('default/a')?.['data']).toEqual({ n: '2' });
    expect(heard.at(-1)?.now).toEqual({ n: '2' });
    await informer.close();
  });

  it('keeps an object that was made again when the end of its forerunner is heard of late', async () => {
    const { store, informer } = setUp();
    await informer.start();
    await store.create(configMap('a', { n: '1' }));
    await settle();
    const gone = store.delete({ kind: 'ConfigMap', namespace: 'default', name: 'a' });
    const again = store.create(configMap('a', { n: '2' }));
    await gone;
    informer.learn(await again);
    await settle();
    expect(informer.get('default/a')?.['data']).toEqual({ n: '2' });
    await informer.close();
  });

  it('passes over an object its listener cannot digest', async () => {
    const { store } = setUp();
    const heard: string[] = [];
    const informer = new Informer({
      store,
      clock: new ManualClock(),
      logger: silentLogger,
      kind: 'ConfigMap',
      onChange: (_now, _before, key) => {
        if (key === 'default/bad') throw new Error('indigestible');
        heard.push(key);
      },
    });
    await store.create(configMap('bad'));
    await store.create(configMap('good'));
    await informer.start();
    await store.create(configMap('late'));
    await settle();
    expect(heard).toEqual(['default/good', 'default/late']);
    await informer.close();
  });

  it('gives what an owner owns in one order, whatever changes', async () => {
    const { store, informer } = setUp();
    await informer.start();
    const owner = await store.create(configMap('owner'));
    const { name, uid } = owner.metadata;
    const extra = { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }] };
    for (const child of ['a', 'b', 'c']) await store.create(configMap(child, {}, extra));
    await store.update(configMap('a', { n: '2' }, extra));
    await settle();
    expect(informer.ownedBy(uid).map((object) => [object.metadata.name, object['data']])).toEqual([
      ['a', { n: '2' }],
      ['b', {}],
      ['c', {}],
    ]);
    await informer.close();
  });
});
