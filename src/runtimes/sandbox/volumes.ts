import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PodMaterials } from '../../ports/runtime.ts';
import type { ConfigMapSource, FieldFile, PlannedVolume, PodPlan } from '../../tasks/pod-plan.ts';
import { ContainerConfigError, fieldOf, resourceOf } from './environment.ts';
import { type HostPathPolicy, resolveHostPath } from './host-path.ts';
import type { ImageMap } from './image-map.ts';
import { resolveImageVolume } from './image-volume.ts';
import type { PodPaths } from './pod-paths.ts';

/** Where a volume lies on this machine. */
export interface VolumeRoot {
  readonly source: string;
  readonly readOnly: boolean;
  readonly isFile: boolean;
  readonly isDevice?: boolean | undefined;
  /** Belongs to others too: nothing is created in it, no folder to mount on either. */
  readonly isFixed?: true | undefined;
}

interface RenderedFile {
  readonly path: string;
  readonly contents: Buffer;
  readonly mode: number;
}

const DEFAULT_MODE = 0o644;

/** What this machine has for volumes that are not the server's own. */
export interface VolumeSources {
  readonly hostPaths: HostPathPolicy;
  readonly imageMap: ImageMap;
}

/** Says early what no retry will mend without a change from outside: a missing ConfigMap, a volume only a cluster can serve. */
export function checkVolumes(plan: PodPlan, materials: PodMaterials, { hostPaths, imageMap }: VolumeSources): void {
  for (const volume of plan.volumes) {
    renderedFiles(volume, plan, materials);
    if (volume.type === 'hostPath') resolveHostPath(volume, hostPaths);
    if (volume.type === 'image') resolveImageVolume(volume, imageMap, hostPaths.dataDir);
    if (volume.type === 'persistentVolumeClaim' && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(volume.claimName)) {
      throw new ContainerConfigError(`volume ${JSON.stringify(volume.name)}: ${JSON.stringify(volume.claimName)} is not a claim's name`);
    }
  }
}

export interface VolumePlaces extends VolumeSources {
  readonly pod: PodPaths;
  readonly claimsDir: string;
}

/** By volume name. Throws `ContainerConfigError`. */
export function volumeRoots(plan: PodPlan, { pod, claimsDir, hostPaths, imageMap }: VolumePlaces): ReadonlyMap<string, VolumeRoot> {
  return new Map(
    plan.volumes.map((volume, index): [string, VolumeRoot] => {
      const own = { source: join(pod.volumes, String(index)), isFile: false };
      switch (volume.type) {
        case 'persistentVolumeClaim':
          return [volume.name, { ...own, source: join(claimsDir, plan.namespace, volume.claimName), readOnly: volume.readOnly }];
        case 'hostPath':
          return [volume.name, { ...resolveHostPath(volume, hostPaths), readOnly: false }];
        case 'image':
          return [volume.name, { ...own, source: resolveImageVolume(volume, imageMap, hostPaths.dataDir), readOnly: true, isFixed: true }];
        default:
          return [volume.name, { ...own, readOnly: volume.type !== 'emptyDir' && volume.type !== 'ephemeral' }];
      }
    }),
  );
}

/** Creates what the plan's volumes need. Doing it again changes nothing but rendered files, which get the same contents. */
export async function createVolumes(plan: PodPlan, materials: PodMaterials, places: VolumePlaces): Promise<void> {
  const roots = volumeRoots(plan, places);
  await Promise.all(
    plan.volumes.map(async (volume) => {
      const { source } = roots.get(volume.name) ?? {};
      if (source === undefined || volume.type === 'hostPath' || volume.type === 'image') return;
      await mkdir(source, { recursive: true });
      for (const file of renderedFiles(volume, plan, materials) ?? []) await writeRendered(source, file);
    }),
  );
}

async function writeRendered(root: string, { path, contents, mode }: RenderedFile): Promise<void> {
  const file = join(root, path);
  if (path.includes('/')) await mkdir(dirname(file), { recursive: true });
  // A restart in the middle leaves a file that may be read-only by now.
  await chmod(file, 0o600).catch(() => undefined);
  await writeFile(file, contents, { mode: 0o600 });
  await chmod(file, mode);
}

/** `undefined` for volumes that are plain folders. */
function renderedFiles(volume: PlannedVolume, plan: PodPlan, materials: PodMaterials): readonly RenderedFile[] | undefined {
  switch (volume.type) {
    case 'emptyDir':
    case 'ephemeral':
    case 'hostPath':
    case 'image':
    case 'persistentVolumeClaim':
      return undefined;
    case 'configMap':
    case 'secret':
      return filesOf(volume.name, volume.type, volume.source, materials, DEFAULT_MODE);
    case 'downwardAPI':
      return fieldFiles(volume.name, volume.items, plan, volume.defaultMode ?? DEFAULT_MODE);
    case 'projected':
      return volume.sources.flatMap((source) => {
        if (source.type === 'downwardAPI') return fieldFiles(volume.name, source.items, plan, volume.defaultMode ?? DEFAULT_MODE);
        if (source.type === 'other') {
          throw new ContainerConfigError(
            `volume ${JSON.stringify(volume.name)}: this runtime projects ConfigMaps, Secrets and fields of the pod only, got ${keysOf(source.raw)}`,
          );
        }
        return filesOf(volume.name, source.type, source.source, materials, volume.defaultMode ?? DEFAULT_MODE);
      });
    case 'other':
      throw new ContainerConfigError(
        `volume ${JSON.stringify(volume.name)}: only a cluster can serve ${keysOf(volume.raw)}; this runtime serves emptyDir, ephemeral, persistentVolumeClaim, configMap, secret, projected, downwardAPI, hostPath and image`,
      );
  }
}

function filesOf(
  volume: string,
  kind: 'configMap' | 'secret',
  source: ConfigMapSource,
  materials: PodMaterials,
  fallbackMode: number,
): RenderedFile[] {
  const data = (kind === 'configMap' ? materials.configMaps : materials.secrets).get(source.name);
  if (data === undefined) {
    if (source.optional) return [];
    throw new ContainerConfigError(`${kind.toLowerCase()} ${JSON.stringify(source.name)} not found`);
  }
  const mode = source.defaultMode ?? fallbackMode;
  const items = source.items ?? [...data.keys()].map((key) => ({ key, path: key, mode: undefined }));
  return items.flatMap((item) => {
    const contents = data.get(item.key);
    if (contents === undefined) {
      if (source.optional) return [];
      throw new ContainerConfigError(
        `volume ${JSON.stringify(volume)} references non-existent ${kind === 'configMap' ? 'config' : 'secret'} key: ${item.key}`,
      );
    }
    checkPath(volume, item.path);
    return [{ path: item.path, contents, mode: item.mode ?? mode }];
  });
}

function fieldFiles(volume: string, items: readonly FieldFile[], plan: PodPlan, fallbackMode: number): RenderedFile[] {
  return items.map(({ path, fieldPath, resource, mode }) => {
    checkPath(volume, path);
    const text = resource === undefined ? fieldOf(plan, fieldPath ?? '') : resourceOf(resource, plan);
    return { path, contents: Buffer.from(text), mode: mode ?? fallbackMode };
  });
}

function checkPath(volume: string, path: string): void {
  const isInside = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !path.includes('\0');
  if (!isInside)
    throw new ContainerConfigError(
      `volume ${JSON.stringify(volume)}: path ${JSON.stringify(path)} must be relative and stay in the volume`,
    );
}

function keysOf(raw: unknown): string {
  return typeof raw === 'object' && raw !== null
    ? Object.keys(raw)
        .filter((key) => key !== 'name')
        .join(', ') || 'an empty source'
    : String(raw);
}
