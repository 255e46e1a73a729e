import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface VolumeFile {
  readonly path: string;
  readonly contents: Buffer;
  readonly mode: number;
}

const VERSION = '..2026_01_01_00_00_00.000000001';

/**
 * Files as a kubelet lays them out, so that it could exchange all of them at once: `key` leads to `..data/key`, and `..data` to the folder that has it.
 * Follows kubernetes pkg/volume/util/atomic_writer.go.
 */
export function writeFiles(folder: string, files: readonly VolumeFile[], group: number | undefined): void {
  mkdirSync(join(folder, VERSION), { recursive: true });
  symlinkSync(VERSION, join(folder, '..data'));
  for (const { path, contents, mode } of files) {
    const file = join(folder, VERSION, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
    // Not by the call above: the umask is ours, not a kubelet's.
    chmodSync(file, group === undefined ? mode : mode | 0o440);
    if (group !== undefined) chownSync(file, 0, group);
  }
  for (const name of new Set(files.map(({ path }) => path.split('/')[0] ?? ''))) symlinkSync(join('..data', name), join(folder, name));
}
