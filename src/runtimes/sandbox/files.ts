import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { absentAsUndefined, ignoreExisting } from './confined-path.ts';

// The small files of a pod are handled synchronously: each takes some microseconds, while a trip through Node's thread pool costs ten times that in
// wake-ups of threads, and a pod makes some hundred of them.

/** Whole or not at all. For power loss nothing is promised: what a pod did does not survive it either, see `begun`. */
export function writeAtomically(file: string, contents: string): void {
  writeFileSync(`${file}.new`, contents, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return absentAsUndefined(error);
  }
}

/** Creates a folder whose parent exists; one that is there already is fine. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    ignoreExisting(error);
  }
}

/** Our own JSON; `undefined` when there is none or a power loss has left half of it. */
export function readJson<T>(file: string): T | undefined {
  const text = readIfPresent(file);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

/**
 * A file a step has written, read by the server: never through a symlink (it could point at the server's secrets), never a pipe or device,
 * no more than `limit` bytes.
 */
export function readForeign(file: string, limit: number): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return undefined;
    const buffer = Buffer.alloc(Math.min(stats.size, limit));
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Contents and the names leading to it are on the disk when it resolves. All at once: the file system makes one journal commit of them. */
export async function writeDurably(file: string, contents: string, folders: readonly string[]): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(contents);
    await Promise.all([handle.sync(), ...folders.map(syncFolder)]);
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
