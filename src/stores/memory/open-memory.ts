import type { Journal } from '../../ports/journal.ts';
import type { Store } from '../../ports/store.ts';
import { objectStore } from '../shared/object-store.ts';
import type { Facts } from '../shared/object-table.ts';
import { memoryBackend } from './memory-backend.ts';
import { memoryJournal } from './memory-journal.ts';

export interface MemoryOptions extends Facts {
  /** Changes a watch can go back, and a watcher lag behind, before it is `Gone`. Default 10,000. */
  readonly keepChanges?: number | undefined;
}

export interface MemoryStores {
  readonly store: Store;
  readonly journal: Journal;
  close(): Promise<void>;
}

/** Store and journal of a test or a dry run. Nothing outlives the process. */
export function openMemory({ clock, ids, keepChanges = 10_000 }: MemoryOptions): MemoryStores {
  const backend = memoryBackend({ keepChanges });
  const facts = { clock, ids };
  return { store: objectStore(backend, facts), journal: memoryJournal(backend, facts), close: () => backend.close() };
}
