import { watch } from 'node:fs';

/** Calls back when something in the folder changes. Never fails: without the kernel's help nothing is noticed, and callers look again now and then. */
export function watchFolder(folder: string, listener: () => void): { close(): void } | undefined {
  try {
    return watch(folder, { persistent: false }, listener).on('error', () => undefined);
  } catch {
    // Not there yet, or no inotify watch left.
    return undefined;
  }
}
