import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Volume } from '@kubernetes/client-node';
import { writeFiles } from './atomic-files.ts';
import type { Sources } from './environment.ts';
import { type Images, pullImage } from './images.ts';
import type { Pod } from './pod.ts';
import { MountError, projectedFiles } from './volume-files.ts';

/** A volume as a file or folder of this machine. */
export interface MountedVolume {
  readonly source: string;
  /** Whatever a mount says. */
  readonly readOnly: boolean;
}

export interface VolumeGround {
  /** The pod's own. */
  readonly folder: string;
  /** Where claims keep what they hold, by namespace and name. */
  readonly claims: string;
  readonly images: Images;
  readonly sources: Sources;
  /** Files can be given to other users and groups. */
  readonly asRoot: boolean;
}

/** Every volume of a pod, by its name. Rejects with a `MountError` when one cannot be set up yet. */
export async function mountVolumes(pod: Pod, ground: VolumeGround): Promise<ReadonlyMap<string, MountedVolume>> {
  const mounted = new Map<string, MountedVolume>();
  for (const volume of pod.spec.volumes ?? []) mounted.set(volume.name, await mountVolume(pod, volume, ground));
  return mounted;
}

async function mountVolume(pod: Pod, volume: V1Volume, ground: VolumeGround): Promise<MountedVolume> {
  const source = join(ground.folder, volume.name);
  const group = ground.asRoot ? pod.spec.securityContext?.fsGroup : undefined;
  if (volume.emptyDir !== undefined) {
    // A tmpfs keeps what is in it from others than its owner.
    const sticky = volume.emptyDir.medium === 'Memory' ? 0o1000 : 0;
    return { source: openFolder(source, group, sticky), readOnly: false };
  }
  if (volume.hostPath !== undefined) {
    if (!existsSync(volume.hostPath.path)) throw new MountError(`hostPath ${volume.hostPath.path}: no such file or directory`);
    return { source: volume.hostPath.path, readOnly: false };
  }
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName, readOnly = false } = volume.persistentVolumeClaim;
    return { source: openFolder(join(ground.claims, pod.metadata.namespace ?? '', claimName), group), readOnly };
  }
  if (volume.image !== undefined) {
    const image = pullImage(ground.images, volume.image.reference ?? '', volume.image.pullPolicy);
    if (!image.ok) throw new MountError(image.message);
    return { source: image.root, readOnly: true };
  }
  const { sources, mode } = filesSource(volume);
  const files = await projectedFiles(pod, sources, mode, ground.sources);
  if (!existsSync(source)) writeFiles(source, files, group);
  return { source, readOnly: true };
}

function filesSource(volume: V1Volume): { readonly sources: Parameters<typeof projectedFiles>[1]; readonly mode: number | undefined } {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap !== undefined) return { sources: [{ configMap }], mode: configMap.defaultMode };
  if (secret !== undefined) return { sources: [{ secret: { ...secret, name: secret.secretName } }], mode: secret.defaultMode };
  if (downwardAPI !== undefined) return { sources: [{ downwardAPI }], mode: downwardAPI.defaultMode };
  if (projected !== undefined) return { sources: projected.sources ?? [], mode: projected.defaultMode };
  throw new MountError(`the stand-in kubelet knows no volume ${Object.keys(volume).join()}`);
}

/** Everybody may write to it, as a kubelet makes an emptyDir; where the pod has a group, what is made there is the group's. */
function openFolder(folder: string, group: number | undefined, more = 0): string {
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  if (group !== undefined) chownSync(folder, 0, group);
  chmodSync(folder, (group === undefined ? 0o777 : 0o2777) | more);
  return folder;
}
