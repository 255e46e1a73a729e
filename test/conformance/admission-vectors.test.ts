import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admit } from '../../src/resources/admit.ts';
import { defaultEngineConfig, type EngineConfig } from '../../src/resources/engine-config.ts';
import { renderFieldErrors } from '../../src/resources/field-error.ts';
import { typeOfWord } from '../../src/resources/registry.ts';

/** Upstream's own inputs, and what upstream's code answered. They are not part of this repository. */
const home = process.env['TAPPET_CONFORMANCE'] ?? new URL('../../../shared/conformance', import.meta.url).pathname;
const vectorsFile = join(home, 'triggers-vectors.json');

interface Vector {
  readonly kind: string;
  readonly object: { readonly metadata: { readonly name: string } };
  readonly error?: string;
  readonly defaulted?: unknown;
}

const vectors: readonly Vector[] = existsSync(vectorsFile)
  ? (JSON.parse(readFileSync(vectorsFile, 'utf8')) as { validation: { cases: Vector[] } }).validation.cases
  : [];

describe.skipIf(vectors.length === 0)(`admission of triggers, vectors of ${home}`, () => {
  it.each(vectors.map((vector, index) => [`${index}: ${vector.kind}: ${vector.error ?? 'admitted'}`, vector] as const))(
    '%s',
    (_name, vector) => {
      const result = admit({ apiVersion: 'triggers.tekton.dev/v1beta1', kind: vector.kind, ...vector.object }, defaultEngineConfig);
      if (vector.error === undefined) {
        const { apiVersion, kind, ...defaulted } = result.ok
          ? result.object
          : { apiVersion: '', kind: '', refused: renderFieldErrors(result.errors) };
        expect(defaulted).toEqual(withoutZeroValues(vector.defaulted));
        return;
      }
      // The vectors were decoded leniently; upstream's webhook, and we, refuse unknown fields besides.
      const errors = result.ok ? [] : result.errors.filter((error) => !error.message.startsWith('json: unknown field'));
      expect(renderFieldErrors(errors)).toBe(vector.error);
    },
  );
});

/** Go writes empty structs out. */
function withoutZeroValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeroValues);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, withoutZeroValues(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== '' && JSON.stringify(member) !== '{}'));
}

const alpha: EngineConfig = {
  ...defaultEngineConfig,
  'enable-api-fields': 'alpha',
  'enable-param-enum': true,
  'enable-cel-in-whenexpression': true,
  'enable-artifacts': true,
};

/** Upstream refuses it too (`upstreamRun: fail` in the index): a shell variable stands inside `$(results.digest-\${i}.path)`. */
const refusedByUpstream = 'pipelineruns/no-ci/compressed-results-pipeline.yaml';

function yamlFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}

for (const part of ['pipelines', 'triggers']) {
  const files = yamlFiles(join(home, part));
  describe.skipIf(files.length === 0)(`admission of upstream's examples, ${part}`, () => {
    it.each(files)('%s', (file) => {
      const text = readFileSync(join(home, part, file), 'utf8');
      const documents = [...parseAllDocuments(text, { logLevel: 'silent' })].map(
        (document) => document.toJS() as { readonly kind: string } | null,
      );
      const known = documents.filter((document) => document !== null && typeOfWord(document.kind) !== undefined);
      const config = file.includes('alpha/') ? alpha : defaultEngineConfig;
      const refused = known
        .map((document) => admit(document, config))
        .flatMap((result) => (result.ok ? [] : [renderFieldErrors(result.errors)]));
      if (file === refusedByUpstream)
        expect(refused).toEqual([expect.stringMatching(/^non-existent variable in .*: spec.steps\[0\].script$/)]);
      else expect(refused).toEqual([]);
    });
  });
}

/** Objects as upstream left them have been through its admission: ours must have nothing to change about them. */
const statusFiles = existsSync(join(home, 'pipelines'))
  ? readdirSync(join(home, 'pipelines'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.status.json'))
  : [];

describe.skipIf(statusFiles.length === 0)('runs as upstream left them', () => {
  it.each(statusFiles.sort())('%s', (file) => {
    const content = JSON.parse(readFileSync(join(home, 'pipelines', file), 'utf8')) as unknown;
    for (const object of itemsOf(content)) {
      const result = admit(object, alpha);
      if (!result.ok) expect.fail(renderFieldErrors(result.errors));
      const { status, ...kept } = result.object;
      const { status: statusLeft, ...left } = object;
      expect(kept).toEqual(left);
      expect(status).toEqual(withoutNulls(statusLeft));
    }
  });
});

interface Run {
  readonly metadata: { readonly ownerReferences?: readonly object[] };
  readonly status?: unknown;
}

/** Uids were taken out of the files. */
function itemsOf(content: unknown): readonly Run[] {
  const list = Array.isArray(content) ? content : ((content as { readonly items?: unknown }).items ?? [content]);
  return (list as readonly Run[]).map(({ metadata, ...rest }) => {
    const { ownerReferences } = metadata;
    return {
      ...rest,
      metadata: { ...metadata, ...(ownerReferences && { ownerReferences: ownerReferences.map((owner) => ({ uid: 'x', ...owner })) }) },
    };
  });
}

/** Go writes some absent things as null. What reads statuses has no use for them. */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) => (member === null ? undefined : member)) as unknown;
}
