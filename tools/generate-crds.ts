import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { resourceTypes } from '../src/resources/registry.ts';
import { crdOf, isCustom } from '../src/resources/schemas/crd.ts';

/**
 * Writes `charts/tappet/crds`, one file a kind; with `--check` only tells which files are not as they would be written, and ends with 1 when there are some.
 */
const folder = join(import.meta.dirname, '../charts/tappet/crds');
const check = process.argv.includes('--check');

const wanted = new Map<string, string>(
  resourceTypes.filter(isCustom).map((type) => {
    const text = stringify(crdOf(type), { aliasDuplicateObjects: false, lineWidth: 0 });
    return [`${type.group}_${type.plural}.yaml`, `# Made by \`npm run generate\` from the schemas in src/resources.\n${text}`] as const;
  }),
);

await mkdir(folder, { recursive: true });
const present = await readdir(folder);
const differing: string[] = [];
for (const [name, text] of wanted) {
  const known = await readFile(join(folder, name), 'utf8').catch(() => undefined);
  if (known === text) continue;
  differing.push(name);
  if (!check) await writeFile(join(folder, name), text);
}
for (const name of present.filter((file) => !wanted.has(file))) {
  differing.push(name);
  if (!check) await rm(join(folder, name));
}
for (const name of differing) process.stdout.write(`${check ? 'differs' : 'written'}: charts/tappet/crds/${name}\n`);
if (check && differing.length > 0) {
  process.stdout.write('run "npm run generate"\n');
  process.exitCode = 1;
}
