import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

export interface Case {
  /** Where it lies on this machine. */
  readonly path: string;
  /** As it is printed: the path below the folder that has the index. */
  readonly file: string;
  /** The reason upstream's condition ends with; absent: any, as long as the status is True. */
  readonly expected?: string | undefined;
}

interface IndexEntry {
  readonly file: string;
  readonly expected?: string | undefined;
}

/**
 * The cases of a folder: what its `index.json` lists, or every YAML file below it. A file, or a folder without an index, is looked up in the index of the
 * folder above that has one.
 */
export async function casesOf(path: string): Promise<readonly Case[]> {
  const given = resolve(path);
  const isFolder = (await stat(given)).isDirectory();
  const below = isFolder ? given : dirname(given);
  const found = await indexAbove(below);
  const root = found?.root ?? below;
  const index = new Map((found?.entries ?? []).map(({ file, expected }) => [file, expected]));
  const files = isFolder ? (root === given && found ? [...index.keys()] : await yamlFiles(given, root)) : [relative(root, given)];
  return files.map((file) => ({ path: join(root, file), file, expected: index.get(file) }));
}

async function yamlFiles(folder: string, root: string): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => relative(root, join(folder, file)));
}

async function indexAbove(folder: string): Promise<{ readonly root: string; readonly entries: readonly IndexEntry[] } | undefined> {
  for (let root = folder; ; root = dirname(root)) {
    try {
      return { root, entries: JSON.parse(await readFile(join(root, 'index.json'), 'utf8')) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    if (root === dirname(root)) return undefined;
  }
}
