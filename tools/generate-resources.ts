import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { isCustom, resourceTypes } from '../src/resources/registry.ts';
import { crdOf } from '../src/resources/schemas/crd.ts';
import { editorSchemaOfAll } from '../src/resources/schemas/editor-schema.ts';

/**
 * Writes what is made from the schemas: `charts/tappet/crds`, one file a kind, and `schemas/tappet.json` for editors; with `--check` only tells which files are not as they would be written, and ends with 1 when there are some.
 */
const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const CRDS = 'charts/tappet/crds';

const types = resourceTypes.filter(isCustom);
const wanted = new Map<string, string>([
  ...types.flatMap((type): [string, string][] => {
    if (type.embeddedOnly) return [];
    const text = stringify(crdOf(type), { aliasDuplicateObjects: false, lineWidth: 0 });
    return [[`${CRDS}/${type.group}_${type.plural}.yaml`, `# Made by \`npm run generate\` from the schemas in src/resources.\n${text}`]];
  }),
  ['schemas/tappet.json', `${JSON.stringify(editorSchemaOfAll(types))}\n`],
]);

await mkdir(join(root, CRDS), { recursive: true });
await mkdir(join(root, 'schemas'), { recursive: true });
const differing: string[] = [];
for (const [name, text] of wanted) {
  const known = await readFile(join(root, name), 'utf8').catch(() => undefined);
  if (known === text) continue;
  differing.push(name);
  if (!check) await writeFile(join(root, name), text);
}
for (const name of (await readdir(join(root, CRDS))).map((file) => `${CRDS}/${file}`).filter((file) => !wanted.has(file))) {
  differing.push(name);
  if (!check) await rm(join(root, name));
}
for (const name of differing) process.stdout.write(`${check ? 'differs' : 'written'}: ${name}\n`);
if (check && differing.length > 0) {
  process.stdout.write('run "npm run generate"\n');
  process.exitCode = 1;
}
