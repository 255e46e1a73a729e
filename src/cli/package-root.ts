import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder Tappet is installed in: the nearest one above this file that has a package.json, wherever the bundler put the file. */
export function packageRoot(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${import.meta.dirname}`);
    directory = parent;
  }
  return directory;
}
