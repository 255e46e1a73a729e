import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { storeContract } from './store.contract.ts';

storeContract('memory', { open: async (facts, options) => openMemory({ ...facts, ...options }) });

storeContract('sqlite', {
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
});
