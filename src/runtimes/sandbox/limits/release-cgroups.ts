import { rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { readIfPresent } from '../files.ts';
import type { ContainerPaths } from '../pod-paths.ts';
import { ranOutOfMemory } from './cgroups.ts';

/** Processes that were killed take a moment to be gone. */
const ROUNDS = 100;
const PAUSE_MS = 10;

/**
 * Removes what limits a container that has ended, or was never started. `true`: the kernel has killed something in it for lack of memory; that is
 * written down first, so that a later server is told too.
 */
export async function releaseCgroups(paths: ContainerPaths): Promise<boolean> {
  const groups = (readIfPresent(paths.cgroups) ?? '').split('\n').filter((group) => group !== '');
  if (groups.some(ranOutOfMemory)) await writeFile(paths.outOfMemory, '', { mode: 0o600 });
  for (const group of groups) await remove(group);
  if (groups.length > 0) await rm(paths.cgroups, { force: true });
  return readIfPresent(paths.outOfMemory) !== undefined;
}

/** One that cannot be removed is left: the sweep of a later start finds it by its name. */
async function remove(group: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    try {
      rmdirSync(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
    }
  }
}
