import { lstat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { PlannedMount, PlannedSidecar, PlannedStep } from '../../tasks/pod-plan.ts';
import { absentAsUndefined, findConfined, ignoreExisting, isBelow, mkdirConfined } from './confined-path.ts';
import { ContainerConfigError } from './environment.ts';
import { makeFolder } from './files.ts';
import type { PodPaths } from './pod-paths.ts';
import type { VolumeRoot } from './volumes.ts';

/** One place of a container and where it lies on this machine. */
export interface Mount {
  readonly path: string;
  readonly source: string;
  readonly readOnly: boolean;
  readonly isFile: boolean;
  /** A device of this machine, to be opened as one. */
  readonly isDevice?: boolean | undefined;
  /** As of its volume. */
  readonly isFixed?: true | undefined;
}

/** Shallow paths first, so that none covers another. */
export type MountTable = readonly Mount[];

/**
 * What upstream mounts into every step, and the task's own mounts, which win where the path is the same. `/tekton` is read-only but for the
 * folders named here, so a step cannot swap a folder we write to later for a symlink. `index`: the step's; sidecars have none.
 */
export async function mountTable(
  container: PlannedStep | PlannedSidecar,
  index: number | undefined,
  volumes: ReadonlyMap<string, VolumeRoot>,
  pod: PodPaths,
  hasCredentials: boolean,
): Promise<MountTable> {
  const status = index === undefined ? undefined : `run/${index}/status`;
  const folders: [path: string, source: string, readOnly: boolean][] = [
    ['/workspace', pod.workspace, false],
    ['/tekton', pod.tekton, true],
    ['/tekton/home', join(pod.tekton, 'home'), false],
    ['/tekton/results', join(pod.tekton, 'results'), false],
    ['/tekton/artifacts', join(pod.tekton, 'artifacts'), false],
    ...(status === undefined
      ? []
      : (['results', 'artifacts'] as const).map((name): [string, string, boolean] => [
          `/tekton/${status}/${name}`,
          join(pod.tekton, status, name),
          false,
        ])),
    ...(index === undefined || !hasCredentials ? [] : [credentialsMount(index, pod)]),
  ];
  const byPath = new Map<string, Mount>(folders.map(([path, source, readOnly]) => [path, { path, source, readOnly, isFile: false }]));
  const placed = await Promise.all(container.mounts.map((mount) => placeMount(mount, volumes)));
  for (const mount of placed) byPath.set(mount.path, mount);
  const table = [...byPath.values()].sort((a, b) => depth(a.path) - depth(b.path));
  for (const mount of placed) if (byPath.get(mount.path) === mount) await createMountPoint(table, mount);
  return table;
}

function credentialsMount(index: number, pod: PodPaths): [path: string, source: string, readOnly: boolean] {
  return ['/tekton/creds', join(pod.credentials, String(index)), false];
}

/** The mount a container path lies in and the rest of the path; `undefined`: it is the image's own. */
export function mountOf(table: MountTable, path: string): { readonly mount: Mount; readonly rest: string } | undefined {
  const mount = table.findLast((candidate) => isBelow(candidate.path, path));
  return mount && { mount, rest: posix.relative(mount.path, path) };
}

async function placeMount(mount: PlannedMount, volumes: ReadonlyMap<string, VolumeRoot>): Promise<Mount> {
  const volume = volumes.get(mount.volume);
  if (volume === undefined) throw new ContainerConfigError(`mount ${mount.mountPath}: there is no volume ${JSON.stringify(mount.volume)}`);
  const path = posix.resolve('/', mount.mountPath);
  if (path === '/') throw new ContainerConfigError(`volume ${JSON.stringify(mount.volume)} cannot be mounted at "/"`);
  const readOnly = mount.readOnly || volume.readOnly;
  if (mount.subPath === undefined || mount.subPath === '') {
    const { source, isFile, isDevice, isFixed } = volume;
    return { path, source, readOnly, isFile, isDevice, isFixed };
  }
  try {
    const found = await findConfined(volume.source, mount.subPath);
    if (found === undefined && volume.isFixed) throw new Error(`there is no ${JSON.stringify(mount.subPath)} in it`);
    const source = found ?? (await mkdirConfined(volume.source, mount.subPath));
    return { path, source, readOnly, isFile: !(await lstat(source)).isDirectory(), isFixed: volume.isFixed };
  } catch (error) {
    throw new ContainerConfigError(`mount ${path}: subPath: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A mount inside another needs a place there; container runtimes create it in the outer volume too. */
async function createMountPoint(table: MountTable, mount: Mount): Promise<void> {
  const outer = mountOf(
    table.filter((other) => other !== mount),
    mount.path,
  );
  if (outer === undefined) return;
  if (outer.mount.isFixed)
    throw new ContainerConfigError(`mount ${mount.path}: nothing can be mounted inside of the image volume at ${outer.mount.path}`);
  if (!mount.isFile) {
    if ((await lstat(join(outer.mount.source, outer.rest)).catch(absentAsUndefined)) === undefined)
      await mkdirConfined(outer.mount.source, outer.rest);
    return;
  }
  const folder = await mkdirConfined(outer.mount.source, dirname(outer.rest));
  await writeFile(join(folder, posix.basename(mount.path)), '', { flag: 'wx' }).catch(ignoreExisting);
}

/**
 * Upstream creates the working directories below `/workspace` before the first step, in whatever volume lies there. Elsewhere the
 * container's own file system gets them.
 */
export async function createWorkingDir(table: MountTable, path: string): Promise<void> {
  if (!isBelow('/workspace', path)) return;
  const place = mountOf(table, path);
  if (place === undefined || place.rest === '' || place.mount.isFixed) return;
  try {
    await mkdirConfined(place.mount.source, place.rest);
  } catch (error) {
    throw new ContainerConfigError(`workingDir ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The pod's own folders. */
export function createPodFolders(pod: PodPaths): void {
  for (const path of [pod.workspace, pod.containers, pod.tekton]) makeFolder(path);
  for (const name of ['home', 'results', 'artifacts', 'creds', 'scripts', 'steps', 'run']) makeFolder(join(pod.tekton, name));
}

function depth(path: string): number {
  return path.split('/').length;
}
