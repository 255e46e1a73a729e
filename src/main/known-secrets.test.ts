import { expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { Stored } from '../resources/object.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { secretsNamedIn } from './known-secrets.ts';

/** A store whose Secrets may be got by name, but for `hidden`, and never listed. */
async function store(): Promise<Store> {
  const { store: memory } = openMemory({ clock: new ManualClock(), ids: countingIds() });
  for (const [namespace, name] of [
    ['ns', 'hook'],
    ['ns', 'chat'],
    ['ns', 'unrelated'],
    ['other', 'hook'],
    ['ns', 'hidden'],
  ] as const)
    await memory.create({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData: { key: `${namespace}-${name}` } });
  return {
    ...memory,
    get: (key) => (key.name === 'hidden' ? Promise.reject(new StoreError('Forbidden', 'no')) : memory.get(key)),
    list: () => Promise.reject(new StoreError('Forbidden', 'cannot list resource "secrets"')),
  } as Store;
}

const listener = (namespace: string, interceptors: readonly unknown[]): Stored =>
  ({ kind: 'EventListener', metadata: { namespace, name: 'l' }, spec: { triggers: [{ interceptors }] } }) as unknown as Stored;

it('finds Secrets by the names that interceptors and expressions give them, each in its own namespace', async () => {
  const found = await secretsNamedIn(await store(), [
    listener('ns', [
      { ref: { name: 'github' }, params: [{ name: 'secretRef', value: { secretName: 'hook', secretKey: 'key' } }] },
      { ref: { name: 'cel' }, params: [{ name: 'filter', value: 'body.x == 1 && body.key.compareSecret(\'key\', "chat")' }] },
      { ref: { name: 'gitlab' }, params: [{ name: 'secretRef', value: { secretName: 'absent', secretKey: 'key' } }] },
      { ref: { name: 'gitlab' }, params: [{ name: 'secretRef', value: { secretName: 'hidden', secretKey: 'key' } }] },
    ]),
    listener('elsewhere', [{ params: [{ name: 'secretRef', value: { secretName: 'hook' } }] }]),
  ]);
  expect(found.map(({ namespace, name, key, value }) => [namespace, name, key, value.toString()])).toEqual([
    ['ns', 'hook', 'key', 'ns-hook'],
    ['ns', 'chat', 'key', 'ns-chat'],
  ]);
});
