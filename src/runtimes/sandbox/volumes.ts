import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PodMaterials } from '../../ports/runtime.ts';
import type { ConfigMapSource, PlannedVolume, PodPlan } from '../../tasks/pod-plan.ts';
import { ContainerConfigError } from './environment.ts';
import type { PodPaths } from './pod-paths.ts';

/** Where a volume lies on this machine. */
export interface VolumeRoot {
  readonly source: string;
  readonly readOnly: boolean;
}

interface RenderedFile {
  readonly path: string;
  readonly contents: Buffer;
  readonly mode: number;
}

const DEFAULT_MODE = 0o644;

/** Says early what no retry will mend without a change from outside: a missing ConfigMap, a volume only a cluster can serve. */
export function checkVolumes(plan: PodPlan, materials: PodMaterials): void {
  for (const volume of plan.volumes) {
    renderedFiles(volume, materials);
    if (volume.type === 'persistentVolumeClaim' && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(volume.claimName)) {
      throw new ContainerConfigError(`volume ${JSON.stringify(volume.name)}: ${JSON.stringify(volume.claimName)} is not a claim's name`);
    }
  }
}

/** By volume name. */
export function volumeRoots(plan: PodPlan, pod: PodPaths, claimsDir: string): ReadonlyMap<string, VolumeRoot> {
  return new Map(
    plan.volumes.map((volume, index): [string, VolumeRoot] => {
      if (volume.type === 'persistentVolumeClaim') {
        return [volume.name, { source: join(claimsDir, plan.namespace, volume.claimName), readOnly: volume.readOnly }];
      }
      return [volume.name, { source: join(pod.volumes, String(index)), readOnly: volume.type !== 'emptyDir' }];
    }),
  );
}

/** Creates what the plan's volumes need. Doing it again changes nothing but rendered files, which get the same contents. */
export async function createVolumes(plan: PodPlan, materials: PodMaterials, pod: PodPaths, claimsDir: string): Promise<void> {
  const roots = volumeRoots(plan, pod, claimsDir);
  await Promise.all(
    plan.volumes.map(async (volume) => {
      const { source } = roots.get(volume.name) ?? {};
      if (source === undefined) return;
      await mkdir(source, { recursive: true });
      for (const file of renderedFiles(volume, materials) ?? []) await writeRendered(source, file);
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
function renderedFiles(volume: PlannedVolume, materials: PodMaterials): readonly RenderedFile[] | undefined {
  switch (volume.type) {
    case 'emptyDir':
    case 'persistentVolumeClaim':
      return undefined;
    case 'configMap':
    case 'secret':
      return filesOf(volume.name, volume.type, volume.source, materials, DEFAULT_MODE);
    case 'projected':
      return volume.sources.flatMap((source) => {
        if (source.type === 'other') {
          throw new ContainerConfigError(
            `volume ${JSON.stringify(volume.name)}: this runtime projects ConfigMaps and Secrets only, got ${keysOf(source.raw)}`,
          );
        }
        return filesOf(volume.name, source.type, source.source, materials, volume.defaultMode ?? DEFAULT_MODE);
      });
    case 'other':
      throw new ContainerConfigError(
        `volume ${JSON.stringify(volume.name)}: only a cluster can serve ${keysOf(volume.raw)}; this runtime serves emptyDir, persistentVolumeClaim, configMap, secret and projected`,
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
      throw new ContainerConfigError(`volume ${JSON.stringify(volume)} references non-existent ${kind.toLowerCase()} key: ${item.key}`);
    }
    const parts = item.path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..') || item.path.includes('\0')) {
      throw new ContainerConfigError(
        `volume ${JSON.stringify(volume)}: path ${JSON.stringify(item.path)} must be relative and stay in the volume`,
      );
    }
    return [{ path: item.path, contents, mode: item.mode ?? mode }];
  });
}

function keysOf(raw: unknown): string {
  return typeof raw === 'object' && raw !== null
    ? Object.keys(raw)
        .filter((key) => key !== 'name')
        .join(', ') || 'an empty source'
    : String(raw);
}
