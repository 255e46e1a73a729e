import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expandVariables } from '../../../src/runtimes/sandbox/expand-variables.ts';
import { ConfigError } from './environment.ts';
import type { Container } from './pod.ts';
import type { MountedVolume } from './volumes.ts';

export interface Mount {
  readonly path: string;
  readonly source: string;
  readonly readOnly: boolean;
}

/** The container runtime could not put a container together: it ends before it has begun, `StartError`. */
export class StartError extends Error {}

/** What a container's mounts come to, outer ones first, as containerd mounts them. */
export function mountsOf(
  container: Container,
  volumes: ReadonlyMap<string, MountedVolume>,
  environment: ReadonlyMap<string, string>,
  more: readonly Mount[],
): readonly Mount[] {
  const own = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly = false, subPath, subPathExpr }): Mount => {
    const volume = volumes.get(name);
    if (volume === undefined) throw new ConfigError(`volume ${name} is not mounted`);
    const below = subPathExpr === undefined ? (subPath ?? '') : expandVariables(subPathExpr, environment);
    const source = below === '' ? volume.source : subPathOf(volume, below);
    return { path: normalize(mountPath).replace(/(.)\/$/, '$1'), source, readOnly: readOnly || volume.readOnly };
  });
  const depth = ({ path }: Mount): number => path.split('/').length;
  return [...own, ...more].toSorted((a, b) => depth(a) - depth(b));
}

/**
 * What is to be mounted on has to be there: in the container's root, or in what is mounted around it. The container runtime makes it, as root.
 */
export function makeMountPoints(root: string, mounts: readonly Mount[]): void {
  mounts.forEach(({ path, source }, index) => {
    // In a tmpfs of the container's own.
    if (path.startsWith('/dev/')) return;
    const outer = mounts.slice(0, index).findLast((other) => path.startsWith(`${other.path}/`));
    const point = outer === undefined ? join(root, path) : join(outer.source, path.slice(outer.path.length));
    if (existsSync(point)) return;
    if (outer?.readOnly)
      throw new StartError(`error mounting ${JSON.stringify(source)} to rootfs at ${path}: create mountpoint: read-only file system`);
    makeBelow(point, statSync(source).isDirectory());
  });
}

/** A folder that may be made in a root: for the working directory. */
export function makeFolder(root: string, path: string, mounts: readonly Mount[]): void {
  const outer = mounts.findLast((mount) => path === mount.path || path.startsWith(`${mount.path}/`));
  const folder = outer === undefined ? join(root, path) : join(outer.source, path.slice(outer.path.length));
  if (existsSync(folder)) return;
  if (outer?.readOnly) throw new StartError(`mkdir ${path}: read-only file system`);
  makeBelow(folder, true);
}

function makeBelow(point: string, isFolder: boolean): void {
  mkdirSync(isFolder ? point : dirname(point), { recursive: true });
  if (!isFolder) writeFileSync(point, '');
}

/** Made where it is not there; not outside its volume, whatever links say. */
function subPathOf({ source, readOnly }: MountedVolume, below: string): string {
  const path = join(source, below);
  if (!existsSync(path)) {
    // A link that leads nowhere is no folder to be.
    if (readOnly || lstatSync(path, { throwIfNoEntry: false }) !== undefined)
      throw new ConfigError(`failed to prepare subPath for volumeMount: ${below} is not there and cannot be made`);
    mkdirSync(path, { recursive: true });
    chmodSync(path, statSync(source).mode & 0o7777);
  }
  const real = realpathSync(path);
  if (real !== realpathSync(source) && !real.startsWith(`${realpathSync(source)}/`))
    throw new ConfigError(`failed to prepare subPath for volumeMount: ${below} is outside of its volume`);
  return real;
}
