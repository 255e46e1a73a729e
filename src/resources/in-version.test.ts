import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admit } from './admit.ts';
import { defaultEngineConfig } from './engine-config.ts';
import { inStoredVersion, inVersion, problemsInVersion } from './in-version.ts';
import { groupKindOf } from './object.ts';
import { apiVersionOf, typeOfGroupKind } from './registry.ts';

const alpha = { ...defaultEngineConfig, 'enable-api-fields': 'alpha' as const, 'enable-param-enum': true, 'enable-artifacts': true };
const folders = ['triggers', 'examples', '../shared/conformance', '../../shared/conformance'].map((folder) =>
  join(import.meta.dirname, '../..', folder),
);

describe('older versions of stored objects', () => {
  it('admission makes the same of them again: what a client reads it can write', () => {
    let seen = 0;
    for (const file of folders.filter(existsSync).flatMap(yamlFiles)) {
      for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
        const stored = admit('toJS' in document ? document.toJS() : undefined, alpha);
        if (!stored.ok) continue;
        const type = typeOfGroupKind(groupKindOf(stored.object));
        for (const version of type?.olderVersions ?? []) {
          const apiVersion = apiVersionOf({ ...type!, version });
          const older = inVersion(stored.object, apiVersion);
          expect(older.apiVersion).toBe(apiVersion);
          const again = admit(older, alpha);
          expect({ file, object: again.ok ? again.object : again.errors }).toEqual({ file, object: stored.object });
          seen++;
        }
      }
    }
    expect(seen).toBeGreaterThan(20);
  });

  it('an object in its own version is itself; a part of one is converted as well', () => {
    const stored = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'x' }, status: { results: [] } };
    expect(inVersion(stored, 'tekton.dev/v1')).toBe(stored);
    expect(inStoredVersion(stored, 'TaskRun')).toBe(stored);
    expect(inVersion(stored, 'tekton.dev/v1beta1')).toMatchObject({ apiVersion: 'tekton.dev/v1beta1', status: { taskResults: [] } });
    expect(inStoredVersion({ apiVersion: 'tekton.dev/v1beta1', status: { taskResults: [] } }, 'TaskRun')).toEqual({
      apiVersion: 'tekton.dev/v1',
      status: { results: [] },
    });
  });
});

describe('what an older version has no place for', () => {
  it('is told of parts of objects too', () => {
    const old = { apiVersion: 'tekton.dev/v1beta1', spec: { resources: { inputs: [{ name: 'r' }] }, steps: [{ computeResources: {} }] } };
    expect(problemsInVersion(old, 'Task').flatMap(({ paths }) => paths)).toEqual(['spec.steps[0].computeResources', 'spec.resources']);
    expect(problemsInVersion({ ...old, apiVersion: 'tekton.dev/v1' }, 'Task')).toEqual([]);
  });
});

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name));
}
