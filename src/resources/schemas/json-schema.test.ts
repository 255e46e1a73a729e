import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admit } from '../admit.ts';
import { defaultEngineConfig } from '../engine-config.ts';
import { groupKindOf, type KubeObject } from '../object.ts';
import { apiVersionOf, resourceTypes } from '../registry.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

const kinds = resourceTypes.map((type) => groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind }));
const alpha = { ...defaultEngineConfig, 'enable-api-fields': 'alpha' as const, 'enable-param-enum': true, 'enable-artifacts': true };

describe('schemas', () => {
  it.each(kinds)('%s: structural', (kind) => {
    expect(unstructural(jsonSchemaOf(kind) ?? {}, '')).toEqual([]);
  });

  it.each(kinds)('%s: says what it is', (kind) => {
    if (kind.includes('tekton.dev/') || kind.includes('tappet.dev/')) expect(jsonSchemaOf(kind)?.['description']).toMatch(/\.$/);
  });

  it('know what they are made from', () => {
    const steps = at(jsonSchemaOf('tekton.dev/Task'), 'spec', 'steps');
    expect(steps).toMatchObject({ type: 'array', 'x-kubernetes-list-type': 'atomic', description: expect.stringContaining('container') });
    expect(at(jsonSchemaOf('tekton.dev/TaskRun'), 'spec', 'params')).toMatchObject({
      items: { properties: { value: { 'x-kubernetes-preserve-unknown-fields': true } } },
    });
    expect(jsonSchemaOf('no.such/Kind')).toBeUndefined();
  });

  it('say what cannot be left out, but not of statuses and of what admission fills in', () => {
    const run = jsonSchemaOf('tekton.dev/TaskRun');
    expect(at(run, 'spec', 'params')).toMatchObject({ items: { required: ['name', 'value'] } });
    expect(run).not.toHaveProperty('required');
    expect(JSON.stringify(at(run, 'status'))).not.toContain('"required"');
  });

  it('say which lists are maps or sets: those of Kubernetes and of metadata', () => {
    expect(at(jsonSchemaOf('Pod'), 'spec', 'containers')).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    });
    expect(at(jsonSchemaOf('tekton.dev/Task'), 'metadata', 'ownerReferences')).toMatchObject({ 'x-kubernetes-list-map-keys': ['uid'] });
    expect(at(jsonSchemaOf('tekton.dev/Task'), 'metadata', 'finalizers')).toMatchObject({ 'x-kubernetes-list-type': 'set' });
    expect(at(jsonSchemaOf('tekton.dev/Task'), 'spec', 'volumes')).toMatchObject({ 'x-kubernetes-list-type': 'atomic' });
  });

  it('describe every field', () => {
    const bare = kinds.flatMap((kind) => undescribed(jsonSchemaOf(kind) ?? {}, kind));
    expect(bare).toEqual([]);
  });

  const folders = ['triggers', 'examples', '../shared/conformance', '../../shared/conformance'].map((folder) =>
    join(import.meta.dirname, '../../..', folder),
  );
  it('refuse nothing that admission accepts', () => {
    let seen = 0;
    for (const file of folders.filter(existsSync).flatMap(yamlFiles)) {
      for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
        const raw: unknown = 'toJS' in document ? document.toJS() : undefined;
        const admitted = admit(raw, alpha);
        if (!admitted.ok) continue;
        seen++;
        const schema = jsonSchemaOf(groupKindOf(admitted.object)) ?? {};
        expect({ file, wrong: mismatches(schema, admitted.object, '') }).toEqual({ file, wrong: [] });
        if ((raw as KubeObject).apiVersion !== admitted.object.apiVersion) continue;
        expect({ file, wrong: mismatches(schema, raw, '') }).toEqual({ file, wrong: [] });
      }
    }
    expect(seen).toBeGreaterThan(50);
  });
});

function at(schema: JsonSchema | undefined, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => ((found as JsonSchema)['properties'] as JsonSchema)[name], schema);
}

function undescribed(schema: JsonSchema, path: string): string[] {
  const { properties = {}, items, additionalProperties } = schema as { readonly [part: string]: JsonSchema | undefined };
  const fields = Object.entries(properties as Record<string, JsonSchema>);
  return [
    ...fields.filter(([, field]) => field['description'] === undefined).map(([name]) => `${path}.${name}`),
    ...fields.flatMap(([name, field]) => undescribed(field, `${path}.${name}`)),
    ...(items === undefined ? [] : undescribed(items, `${path}[]`)),
    ...(additionalProperties === undefined ? [] : undescribed(additionalProperties, `${path}.*`)),
  ];
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name));
}

/** Where Kubernetes would refuse the schema itself (apiextensions, structural schemas). */
function unstructural(schema: JsonSchema, path: string): string[] {
  const { type, properties, items, additionalProperties } = schema;
  const isTyped = typeof type === 'string' || 'x-kubernetes-preserve-unknown-fields' in schema || 'x-kubernetes-int-or-string' in schema;
  const known = new Set(['type', 'format', 'description', 'properties', 'items', 'additionalProperties', 'enum', 'required']);
  const strange = Object.keys(schema).filter((key) => !known.has(key) && !key.startsWith('x-kubernetes-'));
  return [
    ...(isTyped ? [] : [`${path}: no type`]),
    ...strange.map((key) => `${path}: ${key}`),
    ...(type === 'array' && items === undefined ? [`${path}: no items`] : []),
    ...(properties !== undefined && additionalProperties !== undefined ? [`${path}: properties and additionalProperties`] : []),
    ...Object.entries((properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, field]) => unstructural(field, `${path}.${name}`)),
    ...(items === undefined ? [] : unstructural(items as JsonSchema, `${path}[]`)),
    ...(additionalProperties === undefined ? [] : unstructural(additionalProperties as JsonSchema, `${path}.*`)),
  ];
}

/** Where an object is not as the schema says. */
function mismatches(schema: JsonSchema, value: unknown, path: string): string[] {
  // Null stands for absent: an API server takes it out before it looks.
  if (value === undefined || value === null) return [];
  const { type, properties, items, additionalProperties } = schema;
  if (typeof type === 'string' && typeOf(value) !== type && !(type === 'number' && typeOf(value) === 'integer'))
    return [`${path}: ${typeOf(value)}, not ${type}`];
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) return [`${path}: ${String(value)} is not in the enum`];
  if ('x-kubernetes-preserve-unknown-fields' in schema && properties === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => mismatches((items ?? {}) as JsonSchema, item, `${path}[${index}]`));
  if (typeof value !== 'object') return [];
  const missing = ((schema['required'] ?? []) as string[]).filter((name) => !Object.hasOwn(value, name));
  const wrong = Object.entries(value as KubeObject).flatMap(([name, field]) => {
    const known = ((properties ?? {}) as Record<string, JsonSchema>)[name] ?? (additionalProperties as JsonSchema | undefined);
    if (known !== undefined) return mismatches(known, field, `${path}.${name}`);
    return 'x-kubernetes-preserve-unknown-fields' in schema ? [] : [`${path}.${name}: unknown`];
  });
  return [...missing.map((name) => `${path}.${name}: missing`), ...wrong];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
}
