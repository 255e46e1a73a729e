import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isCustom, resourceTypes } from '../registry.ts';
import { editorSchemaOf, editorSchemaOfAll } from './editor-schema.ts';
import type { JsonSchema } from './json-schema.ts';

const types = resourceTypes.filter(isCustom);
const all = editorSchemaOfAll(types);
const task = { apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 't' }, spec: { steps: [{ image: 'i' }] } };

describe('schemas for editors', () => {
  it.each<[string, unknown, string[]]>([
    ['what is right', task, []],
    ['a field nobody knows', { ...task, spec: { stepz: [] } }, ['.spec.stepz: unknown']],
    ['a wrong type', { ...task, spec: { steps: 'x' } }, ['.spec.steps: not array']],
    ['a status', { ...task, status: {} }, ['.status: unknown']],
    ['values that may be anything', { ...task, spec: { ...task.spec, params: [{ name: 'a', default: { b: ['c'] } }] } }, []],
    [
      'ports by number and by name',
      { ...task, spec: { sidecars: [{ readinessProbe: { tcpSocket: { port: 'db' } } }, { readinessProbe: { tcpSocket: { port: 1 } } }] } },
      [],
    ],
    ['no metadata', { apiVersion: 'tekton.dev/v1', kind: 'Task' }, ['.metadata: missing']],
    ['kinds of others', { apiVersion: 'apps/v1', kind: 'Deployment', whatever: 1 }, []],
  ])('%s', (_, document, problems) => {
    expect(problemsOf(all, document, '')).toEqual(problems);
  });

  it('have a schema of its own for each kind', () => {
    for (const type of types) expect(editorSchemaOf(type)).toMatchObject({ properties: { kind: { enum: [type.kind] } } });
  });

  it('find nothing wrong in what is ready-made', () => {
    const root = join(import.meta.dirname, '../../..');
    const files = ['triggers', 'examples'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, String(name))),
    );
    const documents = files
      .filter((file) => file.endsWith('.yaml') && !file.includes('/test/'))
      .flatMap((file) =>
        parseAllDocuments(readFileSync(file, 'utf8')).map((document) => ({
          file,
          document: 'toJS' in document ? document.toJS() : undefined,
        })),
      );
    expect(documents.length).toBeGreaterThan(20);
    const unnamed = new Set(
      documents
        .map(({ file }) => file)
        .filter((file) => !file.endsWith('.trigger-test.yaml') && schemaNamedIn(file) !== join(root, 'schemas/tappet.json')),
    );
    expect([...unnamed]).toEqual([]);
    for (const { file, document } of documents) expect({ file, problems: problemsOf(all, document, '') }).toEqual({ file, problems: [] });
  });
});

/** Where the line for `yaml-language-server` leads. */
function schemaNamedIn(file: string): string | undefined {
  const [, path] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return path === undefined ? undefined : join(file, '..', path);
}

/** As much of draft 7 as the schemas use. */
function problemsOf(schema: JsonSchema, value: unknown, path: string): string[] {
  const { type, properties, items, additionalProperties, required, allOf } = schema;
  const wanted = type === undefined ? [] : [type].flat();
  if (wanted.length > 0 && !wanted.some((name) => isA(name, value))) return [`${path}: not ${wanted.join(' or ')}`];
  if ('const' in schema && schema['const'] !== value) return [`${path}: not ${String(schema['const'])}`];
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) return [`${path}: none of the enum`];
  const conditions = ((allOf ?? []) as { readonly if: JsonSchema; readonly then: JsonSchema }[]).flatMap((branch) =>
    problemsOf(branch.if, value, path).length === 0 ? problemsOf(branch.then, value, path) : [],
  );
  if (Array.isArray(value)) return value.flatMap((item, index) => problemsOf((items ?? {}) as JsonSchema, item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return conditions;
  const missing = ((required ?? []) as string[]).filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}.${name}: missing`);
  const inside = Object.entries(value).flatMap(([name, inner]) => {
    const known = ((properties ?? {}) as Record<string, JsonSchema>)[name];
    if (known !== undefined) return problemsOf(known, inner, `${path}.${name}`);
    if (additionalProperties === false) return [`${path}.${name}: unknown`];
    return typeof additionalProperties === 'object' ? problemsOf(additionalProperties as JsonSchema, inner, `${path}.${name}`) : [];
  });
  return [...conditions, ...missing, ...inside];
}

function isA(name: unknown, value: unknown): boolean {
  if (name === 'array') return Array.isArray(value);
  if (name === 'integer') return Number.isInteger(value);
  if (name === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === name;
}
