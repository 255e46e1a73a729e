import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, exitCodes } from '../cli-error.ts';
import { isTestFile } from '../is-test-file.ts';
import { cannotRead } from '../read-manifests.ts';

/** Folders in which nobody keeps tests. */
const PASSED_OVER = new Set(['node_modules']);

/** The files named, and in folders and those below them every `*.trigger-test.yaml`, in order. */
export async function findTests(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if ((await stat(path).catch(cannotRead(path))).isDirectory()) files.push(...(await filesBelow(path)));
    else files.push(path);
  }
  if (files.length === 0) throw new CliError(exitCodes.usage, `${paths.join(', ')}: no *.trigger-test.yaml in there`);
  return [...new Set(files)];
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(cannotRead(folder))).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    // Links to folders are not followed: they may lead in circles.
    if (entry.isDirectory() && !entry.name.startsWith('.') && !PASSED_OVER.has(entry.name))
      files.push(...(await filesBelow(join(folder, entry.name))));
    else if (!entry.isDirectory() && isTestFile(entry.name)) files.push(join(folder, entry.name));
  }
  return files;
}
