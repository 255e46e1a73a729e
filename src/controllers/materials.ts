import type { PodMaterials } from '../ports/runtime.ts';
import type { ObjectKey } from '../ports/store.ts';
import type { Stored } from '../resources/object.ts';
import type { PlannedEnv, PlannedEnvFrom, PlannedVolume, PodPlan } from '../tasks/pod-plan.ts';

type Get = (key: ObjectKey) => Promise<Stored | undefined>;

interface Names {
  readonly configMaps: Set<string>;
  readonly secrets: Set<string>;
}

/**
 * Fetches the ConfigMaps and Secrets a plan refers to. One that does not exist is left out: whether that matters is for the runtime
 * to say, which knows what is optional.
 */
export async function gatherMaterials(get: Get, plan: PodPlan): Promise<PodMaterials> {
  const names = referencedNames(plan);
  const [configMaps, secrets] = await Promise.all([
    readAll(get, 'ConfigMap', plan.namespace, names.configMaps, configMapData),
    readAll(get, 'Secret', plan.namespace, names.secrets, secretData),
  ]);
  return { configMaps, secrets };
}

function referencedNames(plan: PodPlan): Names {
  const names: Names = { configMaps: new Set(), secrets: new Set() };
  for (const volume of plan.volumes) addVolume(names, volume);
  for (const container of [...plan.steps, ...plan.sidecars]) {
    for (const env of container.env) addEnv(names, env);
    for (const from of container.envFrom) addEnvFrom(names, from);
  }
  return names;
}

function addVolume(names: Names, volume: PlannedVolume): void {
  if (volume.type === 'configMap') names.configMaps.add(volume.source.name);
  else if (volume.type === 'secret') names.secrets.add(volume.source.name);
  else if (volume.type === 'projected') {
    for (const source of volume.sources) {
      if (source.type === 'configMap') names.configMaps.add(source.source.name);
      else if (source.type === 'secret') names.secrets.add(source.source.name);
    }
  }
}

function addEnv(names: Names, env: PlannedEnv): void {
  if ('secret' in env) names.secrets.add(env.secret.name);
  else if ('configMap' in env) names.configMaps.add(env.configMap.name);
}

function addEnvFrom(names: Names, from: PlannedEnvFrom): void {
  if (from.secret !== undefined) names.secrets.add(from.secret.name);
  if (from.configMap !== undefined) names.configMaps.add(from.configMap.name);
}

type Data = ReadonlyMap<string, Buffer>;

async function readAll(
  get: Get,
  kind: 'ConfigMap' | 'Secret',
  namespace: string,
  names: ReadonlySet<string>,
  read: (object: Readonly<Record<string, unknown>>) => Data,
): Promise<ReadonlyMap<string, Data>> {
  const found = new Map<string, Data>();
  for (const name of names) {
    const object = await get({ kind, namespace, name });
    if (object !== undefined) found.set(name, read(object));
  }
  return found;
}

function configMapData(object: Readonly<Record<string, unknown>>): Data {
  return new Map([...decode(object['data'], 'utf8'), ...decode(object['binaryData'], 'base64')]);
}

export function secretData(object: Readonly<Record<string, unknown>>): Data {
  // `stringData` wins over `data`, as the API server writes it into `data` on the way in.
  return new Map([...decode(object['data'], 'base64'), ...decode(object['stringData'], 'utf8')]);
}

function decode(data: unknown, encoding: 'utf8' | 'base64'): [string, Buffer][] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]): [string, Buffer][] =>
    typeof value === 'string' ? [[key, Buffer.from(value, encoding)]] : [],
  );
}
