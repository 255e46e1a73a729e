import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { admit } from '../../resources/admit.ts';
import { defaultEngineConfig } from '../../resources/engine-config.ts';
import { groupKindOf, type KubeObject } from '../../resources/object.ts';
import { typeOfGroupKind } from '../../resources/registry.ts';
import { isTestFile } from '../is-test-file.ts';
import { cannotRead, type Manifest, readManifests } from '../read-manifests.ts';
import { oneLine } from '../terminal.ts';
import { isFields } from './subset.ts';

export type Loaded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly string[] };

const LONGEST_DETAILS = 200;

/** Reads each configuration once, however many tests have it. */
export type LoadConfiguration = (
  testFile: string,
  paths: readonly string[] | undefined,
  namespace: string,
) => Promise<Loaded<readonly KubeObject[]>>;

export function configurationLoader(): LoadConfiguration {
  const known = new Map<string, Promise<Loaded<readonly KubeObject[]>>>();
  return (testFile, paths, namespace) => {
    const folder = dirname(testFile);
    const places = (paths ?? ['.']).map((path) => join(folder, path));
    const key = JSON.stringify([namespace, ...places.map((place) => resolve(place))]);
    const loading = known.get(key) ?? load(places, namespace);
    known.set(key, loading);
    return loading;
  };
}

/** Checked and completed as `tappet apply` would have it; every error with its file and line. */
async function load(places: readonly string[], namespace: string): Promise<Loaded<readonly KubeObject[]>> {
  const files = (await Promise.all(places.map(yamlFiles))).flat();
  if (files.length === 0) return { ok: false, errors: [`${places.join(', ')}: no .yaml or .yml file there: what is to be tested?`] };
  const { manifests, errors } = await readManifests(files);
  const problems = [...errors];
  const objects = new Map<string, { readonly object: KubeObject; readonly at: string }>();
  for (const manifest of manifests) {
    const admission = admit(inNamespace(manifest.object, namespace), defaultEngineConfig);
    if (!admission.ok)
      problems.push(...admission.errors.flatMap(({ message, paths, details }) => locate(manifest, message, paths, details)));
    else if (admission.object.metadata.name !== undefined) {
      const key = keyOf(admission.object);
      const before = objects.get(key);
      if (before === undefined) objects.set(key, { object: admission.object, at: manifest.at() });
      else problems.push(`${manifest.at()}: ${key} is there already, at ${before.at}`);
    }
  }
  return problems.length > 0 ? { ok: false, errors: problems } : { ok: true, value: [...objects.values()].map(({ object }) => object) };
}

/** A folder's own YAML, not that of folders below it and not tests. */
async function yamlFiles(place: string): Promise<readonly string[]> {
  if (!(await stat(place).catch(cannotRead(place))).isDirectory()) return [place];
  const names = await readdir(place).catch(cannotRead(place));
  return names
    .filter((name) => /\.ya?ml$/i.test(name) && !isTestFile(name))
    .sort()
    .map((name) => join(place, name));
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  const { apiVersion, kind, metadata }: { apiVersion: unknown; kind: unknown; metadata?: unknown } = object;
  const type = typeof apiVersion === 'string' && typeof kind === 'string' ? typeOfGroupKind(groupKindOf({ apiVersion, kind })) : undefined;
  if (type?.namespaced !== true || !isFields(metadata) || metadata['namespace'] !== undefined) return object;
  return { ...object, metadata: { ...metadata, namespace } };
}

function locate(manifest: Manifest, message: string, paths: readonly string[], details: string | undefined): readonly string[] {
  // Of a kind nobody knows the details are all that are known.
  const text = details === undefined || details.length > LONGEST_DETAILS ? message : `${message}: ${details}`;
  return (paths.length === 0 ? [''] : paths).map((path) =>
    [manifest.at(path), ...(path === '' ? [] : [path]), text].map(oneLine).join(': '),
  );
}

export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
