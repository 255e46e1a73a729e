import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { parseManifests, readManifests } from './read-manifests.ts';

function parse(text: string): { readonly objects: readonly unknown[]; readonly errors: readonly string[] } {
  const { manifests, errors } = parseManifests('f.yaml', Buffer.from(text));
  return { objects: manifests.map((manifest) => manifest.object), errors };
}

describe('parseManifests', () => {
  it('takes every document, and lists apart', () => {
    expect(parse('# only a comment\n---\nkind: A\n---\n---\nkind: List\nitems:\n  - kind: B\n  - kind: C\n')).toEqual({
      objects: [{ kind: 'A' }, { kind: 'B' }, { kind: 'C' }],
      errors: [],
    });
  });

  it('knows merge keys, and words that YAML 1.1 took for booleans are words', () => {
    expect(parse('base: &b {x: on}\nkind: A\nspec: {<<: *b, y: no}\n').objects).toEqual([
      { base: { x: 'on' }, kind: 'A', spec: { x: 'on', y: 'no' } },
    ]);
  });

  it.each([
    [
      'broken YAML, one error a document',
      'a: b: c\n---\nkind: A\n---\nx: [\n',
      [
        'f.yaml:1: not valid YAML: Nested mappings are not allowed in compact mappings',
        'f.yaml:6: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    ['a key twice', 'kind: A\nkind: B\n', ['f.yaml:2: not valid YAML: Map keys must be unique']],
    ['a list', '\n- a\n', ['f.yaml:2: expected a resource (a mapping with apiVersion and kind), got a list']],
    ['text', 'hello\n', ['f.yaml:1: expected a resource (a mapping with apiVersion and kind), got text']],
    [
      'items that are none',
      'kind: List\nitems:\n  - 5\n  - null\n',
      [
        'f.yaml:3: expected a resource (a mapping with apiVersion and kind), got a number',
        'f.yaml:4: expected a resource (a mapping with apiVersion and kind), got nothing',
      ],
    ],
    ['a foreign tag', 'kind: !!js/function "a"\n', ['f.yaml:1: not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function']],
    [
      'aliases that explode',
      `a: &a [${'x,'.repeat(9)}x]\n${[...'abcdefg'].map((name, index) => `${'bcdefgh'[index]}: &${'bcdefgh'[index]} [${Array(9).fill(`*${name}`).join(',')}]\n`).join('')}`,
      ['f.yaml:1: not valid YAML: Excessive alias count indicates a resource exhaustion attack'],
    ],
    ['brackets without end', `a: ${'['.repeat(100_000)}`, ['f.yaml: nested 100000 levels deep, at most 200 are read']],
  ])('%s', (_, text, errors) => {
    expect(parse(text).errors).toEqual(errors);
  });

  it('refuses bytes that are no text', () => {
    expect(parseManifests('f.yaml', Uint8Array.of(0x61, 0xff, 0xfe))).toEqual({ manifests: [], errors: ['f.yaml: not text in UTF-8'] });
  });

  it('tells the line of a field, or of the nearest above it that is there', () => {
    const [manifest] = parseManifests(
      'f.yaml',
      Buffer.from('kind: A\nspec:\n  steps:\n    - name: a\n      image: b\n    - name: c\n'),
    ).manifests;
    const fields = [
      '',
      'spec',
      'spec.steps[0].image',
      'spec.steps[1]',
      'spec.steps[1].image',
      'spec.steps[7]',
      'spec.steps[x].name',
      'spec.steps[a].image',
      'spec.steps[c]',
      'status',
    ];
    expect(fields.map((field) => manifest?.at(field))).toEqual([1, 2, 5, 6, 6, 3, 3, 5, 6, 1].map((line) => `f.yaml:${line}`));
  });
});

describe('readManifests', () => {
  it('reads the YAML and JSON of a folder in order', async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'b.yml'), 'kind: B\n');
    writeFileSync(join(folder, 'a.json'), '{"kind": "A"}');
    writeFileSync(join(folder, 'README.md'), '# not this');
    const { manifests, errors } = await readManifests([folder]);
    expect([manifests.map((manifest) => [manifest.object, manifest.at()]), errors]).toEqual([
      [
        [{ kind: 'A' }, `${join(folder, 'a.json')}:1`],
        [{ kind: 'B' }, `${join(folder, 'b.yml')}:1`],
      ],
      [],
    ]);
  });

  it('says what it did not find', async () => {
    const folder = temporaryDirectory();
    const empty = join(folder, 'empty.yaml');
    const bare = join(folder, 'bare');
    writeFileSync(empty, '');
    mkdirSync(bare);
    const refused = (message: string) => new CliError(exitCodes.usage, message);
    await expect(readManifests([join(folder, 'nope')])).rejects.toThrow(refused(`${join(folder, 'nope')}: no such file or folder`));
    await expect(readManifests([bare])).rejects.toThrow(
      refused(`${bare}: no .yaml, .yml or .json file in this folder (folders below it are not read)`),
    );
    await expect(readManifests([empty])).rejects.toThrow(
      refused(`${empty}: no resources in there; expected YAML or JSON documents with apiVersion and kind`),
    );
  });
});
