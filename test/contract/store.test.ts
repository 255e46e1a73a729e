import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/ports/store.ts';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { countingIds } from '../support/counting-ids.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ownStoreContract, type StoreUnderTest } from './own-store.contract.ts';
import { type AnyStore, storeContract } from './store.contract.ts';

const memory: StoreUnderTest = { open: async (facts, options) => openMemory({ ...facts, ...options }) };

const sqlite: StoreUnderTest = {
  async open(facts, options) {
    const directory = mkdtempSync(join(tmpdir(), 'tappet-store-'));
    const { store, close } = await openSqlite(directory, { ...facts, ...options });
    return {
      store,
      async close() {
        await close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};

for (const [name, own] of [
  ['memory', memory],
  ['sqlite', sqlite],
] as const) {
  ownStoreContract(name, own);
  storeContract(name, asAnyStore(own));
}

function asAnyStore(own: StoreUnderTest): AnyStore {
  return {
    goneVersion: '1000',
    async open() {
      const { store, close } = await own.open({ clock: new ManualClock(), ids: countingIds() });
      const namespaces = ['ci', 'other'] as const;
      for (const name of namespaces) await createNamespace(store, name);
      return { store, namespaces, close };
    },
  };
}

async function createNamespace(store: Store, name: string): Promise<void> {
  await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
