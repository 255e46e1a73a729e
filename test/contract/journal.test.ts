import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { journalContract } from './journal.contract.ts';

journalContract('memory', { open: async (facts) => openMemory(facts) });

journalContract('sqlite', {
  async open(facts) {
    const directory = mkdtempSync(join(tmpdir(), 'tappet-journal-'));
    const { store, journal, close } = await openSqlite(directory, facts);
    return {
      store,
      journal,
      async close() {
        await close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
});
