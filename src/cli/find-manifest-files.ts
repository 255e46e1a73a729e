import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isTestFile } from './is-test-file.ts';
import { cannotRead } from './read-manifests.ts';

/** A file of a folder that may hold resources. */
export interface FoundFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** It speaks of our kinds: what is wrong with it as YAML is worth telling. */
  readonly ours: boolean;
}

/**
 * Every YAML file below a folder that may hold resources, in order of paths. Hidden folders, `node_modules` and the templates of Helm charts (which are no YAML) are left out,
 * and so are tests of triggers: they have a command of their own.
 */
export async function findManifestFiles(folder: string): Promise<readonly FoundFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(cannotRead(folder));
  const isChart = entries.some(({ name }) => name === 'Chart.yaml');
  const found: FoundFile[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const skipped = entry.name.startsWith('.') || entry.name === 'node_modules' || (isChart && basename(path) === 'templates');
      if (!skipped) found.push(...(await findManifestFiles(path)));
    } else if (/\.ya?ml$/i.test(entry.name) && !isTestFile(entry.name) && (entry.isFile() || entry.isSymbolicLink())) {
      const content = await readFile(path).catch(cannotRead(path));
      const ours = content.includes('tekton.dev/') || content.includes('tappet.dev/');
      if (ours || content.includes('apiVersion:')) found.push({ path, content, ours });
    }
  }
  return found;
}
