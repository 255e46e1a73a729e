import { constants, mkdirSync, writeFileSync } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { mkdirConfined } from './confined-path.ts';
import { type MountTable, mountOf } from './mounts.ts';

/** Contents by path below the folder they belong into: `.ssh/config`. */
export type CredentialFiles = ReadonlyMap<string, string>;

/** Into a folder of our own that nobody has written to: as `/tekton/creds` keeps them. Doing it again writes the same. */
export function writeCredentials(folder: string, files: CredentialFiles): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [path, contents] of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, path), contents, { mode: 0o600 });
  }
}

/**
 * Copies credentials into a step's home that lies in a mount, over what is there. Says why it could not; upstream's entrypoint too only warns and runs
 * the step. `undefined` for a home elsewhere, and when all went well.
 */
export async function copyToMountedHome(mounts: MountTable, home: string, files: CredentialFiles): Promise<string | undefined> {
  const place = mountOf(mounts, home);
  if (place === undefined || files.size === 0) return undefined;
  try {
    if (place.mount.readOnly) throw new Error(`${place.mount.path} is read-only`);
    for (const [path, contents] of files) {
      const folder = await mkdirConfined(place.mount.source, posix.join(place.rest, dirname(path)));
      if (dirname(path) !== '.') await chmod(folder, 0o700);
      await replaceFile(join(folder, posix.basename(path)), contents);
    }
    return undefined;
  } catch (error) {
    return `credentials could not be copied to ${home}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Never through a symlink that a step has left there, it could point at a file of the server's. */
async function replaceFile(file: string, contents: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(contents);
    await handle.chmod(0o600);
  } finally {
    await handle.close();
  }
}
