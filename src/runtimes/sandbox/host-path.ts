import { closeSync, mkdirSync, openSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { PlannedVolume } from '../../tasks/pod-plan.ts';
import { ignoreExisting, isBelow } from './confined-path.ts';
import { ContainerConfigError } from './environment.ts';

export interface HostPathPolicy {
  /** Folders and files of this machine that pods may mount, with all below them. */
  readonly allowed: readonly string[];
  /** Never mounted, nor anything around it: it holds every secret there is. */
  readonly dataDir: string;
}

export interface HostPlace {
  readonly source: string;
  readonly isFile: boolean;
  readonly isDevice: boolean;
}

type HostPathVolume = Extract<PlannedVolume, { readonly type: 'hostPath' }>;

const MISSING = 'hostPath type check failed';

/**
 * Where a hostPath volume really lies, symlinks followed: what is mounted is what was checked. Throws `ContainerConfigError` for what the configuration does
 * not allow and for what is not of the type that was asked for; `DirectoryOrCreate` and `FileOrCreate` create it, as the kubelet does. Safe as long as
 * nobody who may write there puts a link in place of a folder in that very moment.
 */
export function resolveHostPath(volume: HostPathVolume, policy: HostPathPolicy): HostPlace {
  const { name, path, kind } = volume;
  const refuse = (why: string): ContainerConfigError =>
    new ContainerConfigError(`volume ${JSON.stringify(name)}: hostPath ${path}: ${why}`);
  if (!isAbsolute(path) || path.split('/').includes('..')) throw refuse('expected an absolute path without ".."');
  const place = futurePathOf(path);
  // Before anything is created: pods may have left links in what they share.
  checkAllowed(place, policy, refuse);
  try {
    create(place, kind);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  const source = realPathOf(place);
  if (source === undefined) throw refuse(`${MISSING}: there is no such file or folder on this machine`);
  checkAllowed(source, policy, refuse);
  const found = statSync(source);
  const wanted = expectations.get(kind);
  if (wanted !== undefined && !wanted.fits(found)) throw refuse(`${MISSING}: it is no ${wanted.what}`);
  return { source, isFile: !found.isDirectory(), isDevice: found.isCharacterDevice() || found.isBlockDevice() };
}

/** Follows no link in the last place, and makes nothing of what is there. */
function create(path: string, kind: string): void {
  if (kind === 'DirectoryOrCreate') mkdirSync(path, { recursive: true, mode: 0o755 });
  if (kind !== 'FileOrCreate') return;
  try {
    closeSync(openSync(path, 'wx', 0o644));
  } catch (error) {
    ignoreExisting(error);
  }
}

const expectations: ReadonlyMap<string, { readonly what: string; readonly fits: (found: Stats) => boolean }> = new Map([
  ...['Directory', 'DirectoryOrCreate'].map((kind) => [kind, { what: 'directory', fits: (found: Stats) => found.isDirectory() }] as const),
  ...['File', 'FileOrCreate'].map((kind) => [kind, { what: 'file', fits: (found: Stats) => found.isFile() }] as const),
  ['Socket', { what: 'socket', fits: (found: Stats) => found.isSocket() }],
  ['CharDevice', { what: 'character device', fits: (found: Stats) => found.isCharacterDevice() }],
  ['BlockDevice', { what: 'block device', fits: (found: Stats) => found.isBlockDevice() }],
]);

function checkAllowed(path: string, { allowed, dataDir }: HostPathPolicy, refuse: (why: string) => ContainerConfigError): void {
  if (isBelow(path, dataDir) || isBelow(dataDir, path)) throw refuse("the server's own data is never mounted");
  // A prefix may be a link itself.
  if (allowed.some((prefix) => isBelow(futurePathOf(prefix), path))) return;
  const listed = allowed.length === 0 ? 'none is allowed' : `allowed are ${allowed.join(', ')} and what is below`;
  throw refuse(`not mounted here: ${listed}; the setting "hostPaths" of the server lists them`);
}

/** Where something of that path lies, or would come to lie: links in what there is of it are followed. */
function futurePathOf(path: string): string {
  return realPathOf(path) ?? join(futurePathOf(dirname(path)), basename(path));
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
