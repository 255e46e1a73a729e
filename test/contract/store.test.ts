import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { storeContract } from './store.contract.ts';

storeContract('memory', { open: async (facts, options) => openMemory({ ...facts, ...options }) });
