import type { V1KeyToPath, V1VolumeProjection } from '@kubernetes/client-node';
import type { VolumeFile } from './atomic-files.ts';
import type { Sources } from './environment.ts';
import { fieldValue } from './field-value.ts';
import type { Pod } from './pod.ts';

/** A volume cannot be set up yet; a kubelet tries again. */
export class MountError extends Error {}

type ProjectedSource = V1VolumeProjection['configMap'] & object;
type FieldFiles = NonNullable<NonNullable<V1VolumeProjection['downwardAPI']>['items']>;

const MODE = 0o644;

/** The files of a projected volume, or of one of its sources as a volume of its own. */
export async function projectedFiles(
  pod: Pod,
  sources: readonly V1VolumeProjection[],
  mode: number | undefined,
  from: Sources,
): Promise<readonly VolumeFile[]> {
  const all = await Promise.all(sources.map((source) => filesOf(pod, source, mode, from)));
  // Of one path the last source has it.
  return [...new Map(all.flat().map((file) => [file.path, file])).values()];
}

async function filesOf(pod: Pod, source: V1VolumeProjection, mode: number | undefined, from: Sources): Promise<readonly VolumeFile[]> {
  if (source.configMap !== undefined) return keyFiles('ConfigMap', source.configMap, mode, from, pod);
  if (source.secret !== undefined) return keyFiles('Secret', source.secret, mode, from, pod);
  if (source.downwardAPI !== undefined) return fieldFiles(pod, source.downwardAPI.items ?? [], mode);
  throw new MountError(`the stand-in kubelet knows no projected ${Object.keys(source).join()}`);
}

async function keyFiles(
  kind: 'ConfigMap' | 'Secret',
  { name = '', items, optional }: ProjectedSource,
  mode: number | undefined,
  from: Sources,
  pod: Pod,
): Promise<readonly VolumeFile[]> {
  const data = await from.data(kind, name);
  if (data === undefined && optional !== true) throw new MountError(`${kind.toLowerCase()} ${JSON.stringify(name)} not found`);
  const known = data ?? new Map<string, Buffer>();
  const wanted: readonly V1KeyToPath[] = items ?? [...known.keys()].map((key) => ({ key, path: key }));
  return wanted.flatMap(({ key, path, mode: own }) => {
    const contents = known.get(key);
    if (contents !== undefined) return [{ path, contents, mode: own ?? mode ?? MODE }];
    if (optional === true) return [];
    throw new MountError(`references non-existent ${kind.toLowerCase()} key: ${key} (${pod.metadata.namespace}/${name})`);
  });
}

function fieldFiles(pod: Pod, items: FieldFiles, mode: number | undefined): readonly VolumeFile[] {
  return items.map(({ path, fieldRef, mode: own }) => {
    const value = fieldRef && fieldValue(pod, fieldRef.fieldPath);
    if (value === undefined) throw new MountError(`the stand-in kubelet cannot say what ${fieldRef?.fieldPath ?? 'resourceFieldRef'} is`);
    return { path, contents: Buffer.from(value), mode: own ?? mode ?? MODE };
  });
}
