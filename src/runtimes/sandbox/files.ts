import { constants } from 'node:fs';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { absentAsUndefined } from './confined-path.ts';

/** Whole or not at all. For power loss nothing is promised: what a pod did does not survive it either, see `begun`. */
export async function writeAtomically(file: string, contents: string): Promise<void> {
  await writeFile(`${file}.new`, contents, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function readIfPresent(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(absentAsUndefined);
}

/** Our own JSON; `undefined` when there is none or a power loss has left half of it. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readIfPresent(file);
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
export async function readForeign(file: string, limit: number): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat().then((stats) => (stats.isFile() ? stats : { size: -1 }));
    if (size < 0) return undefined;
    const buffer = Buffer.alloc(Math.min(size, limit));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
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
