import type { Dirent } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absentAsUndefined, isBelow, resolveInRoot } from '../confined-path.ts';

/** Top-level folders of this machine that a step served by `host` sees. Never home directories, /run (sockets), /var or /mnt. */
const hostTops = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'etc', 'opt', 'nix']);
/** Ours, whatever the image has there. */
const ownTops = new Set(['dev', 'proc', 'sys', 'tmp', 'workspace', 'tekton']);

/** What a container sees as `/`: a tmpfs onto which the entries of `root` are bound, read-only. */
export interface RootView {
  /** `/` for this machine's own programs. */
  readonly root: string;
  /** Paths that are covered because steps must not read them. */
  readonly masks: readonly { readonly path: string; readonly isFile: boolean }[];
  /** Extra read-only binds `[source, path]`. */
  readonly extra: readonly (readonly [source: string, path: string])[];
}

/**
 * This machine's own programs. A server that runs as root could read what other users may not; a step of it must not, so
 * whatever in /etc is closed to others is covered.
 */
export async function hostView(dataDir: string): Promise<RootView> {
  const isRoot = process.getuid?.() === 0;
  const closed = isRoot ? await closedToOthers('/etc', 4) : [];
  const resolver = await realpath('/etc/resolv.conf').catch(() => undefined);
  return {
    root: '/',
    masks: [...closed, ...(await dataDirMask('/', dataDir))],
    extra: resolver === undefined || isBelow('/etc', resolver) ? [] : [[resolver, resolver]],
  };
}

/** An unpacked image. Name resolution is this machine's, as with every container runtime. */
export async function imageView(root: string, dataDir: string): Promise<RootView> {
  const resolver = await realpath('/etc/resolv.conf').catch(() => undefined);
  return {
    root: await realpath(root),
    masks: await dataDirMask(await realpath(root), dataDir),
    extra: resolver === undefined ? [] : [[resolver, '/etc/resolv.conf']],
  };
}

/**
 * bwrap options for the view. `points`: container paths that mounts are to lie on; a folder that lacks one of them is not bound as a whole
 * but rebuilt on the tmpfs, entry by entry, because nothing can be created in a read-only bind. `writable` folders are rebuilt too, `folders` of this
 * machine stand for some of them.
 */
export async function rootOptions(
  view: RootView,
  points: readonly string[],
  writable: readonly string[],
  folders: readonly (readonly [source: string, path: string])[] = [],
): Promise<string[]> {
  const options = ['--tmpfs', '/', ...folders.flatMap(([source, path]) => ['--bind', source, path])];
  const entries = await readdir(view.root, { withFileTypes: true });
  for (const entry of entries) {
    if (ownTops.has(entry.name) || (view.root === '/' && !hostTops.has(entry.name))) continue;
    await expose(options, view.root, `/${entry.name}`, entry, points, writable);
  }
  for (const path of writable) options.push('--dir', path);
  for (const [source, path] of view.extra) options.push('--ro-bind', source, path);
  // One that is gone by now must not be mounted on: in a read-only folder that fails.
  const present = await Promise.all(view.masks.map(({ path }) => lstat(join(view.root, path)).catch(absentAsUndefined)));
  for (const [index, { path, isFile }] of view.masks.entries()) {
    if (present[index] !== undefined) options.push(...(isFile ? ['--ro-bind', '/dev/null', path] : ['--tmpfs', path]));
  }
  return options;
}

async function expose(
  options: string[],
  root: string,
  path: string,
  entry: Dirent,
  points: readonly string[],
  writable: readonly string[],
): Promise<void> {
  const source = join(root, path);
  if (entry.isSymbolicLink()) {
    options.push('--symlink', await readlink(source), path);
    return;
  }
  if (!entry.isDirectory() && !entry.isFile()) return;
  const holdsWritable = writable.some((folder) => isBelow(path, folder));
  if (!entry.isDirectory() || !(holdsWritable || (await lacksPoint(root, path, points)))) {
    options.push('--ro-bind', source, path);
    return;
  }
  options.push('--dir', path);
  for (const child of await readdir(source, { withFileTypes: true })) {
    const below = `${path}/${child.name}`;
    if (writable.includes(below) || !points.includes(below)) await expose(options, root, below, child, points, writable);
  }
}

async function lacksPoint(root: string, path: string, points: readonly string[]): Promise<boolean> {
  for (const point of points) {
    if (point !== path && isBelow(path, point) && (await lstat(join(root, point)).catch(absentAsUndefined)) === undefined) return true;
  }
  return false;
}

/** Mount paths as bwrap has to be told them: through the root's own symlinks. */
export async function resolvePoint(view: RootView, path: string): Promise<string> {
  const top = path.split('/')[1] ?? '';
  if (ownTops.has(top) || (view.root === '/' && !hostTops.has(top))) return path;
  return resolveInRoot(view.root, path);
}

async function dataDirMask(root: string, dataDir: string): Promise<RootView['masks']> {
  const real = await realpath(dataDir);
  if (!isBelow(root, real)) return [];
  const path = root === '/' ? real : real.slice(root.length);
  return root !== '/' || hostTops.has(path.split('/')[1] ?? '') ? [{ path, isFile: false }] : [];
}

async function closedToOthers(dir: string, levels: number): Promise<{ path: string; isFile: boolean }[]> {
  if (levels === 0) return [];
  const found = await Promise.all(
    (await readdir(dir, { withFileTypes: true })).map(async (entry) => {
      const path = join(dir, entry.name);
      if (entry.isSymbolicLink()) return [];
      const found = await stat(path).catch(absentAsUndefined);
      if (found === undefined) return [];
      const { mode } = found;
      if (entry.isDirectory()) return (mode & 0o005) === 0o005 ? closedToOthers(path, levels - 1) : [{ path, isFile: false }];
      return (mode & 0o004) === 0 && entry.isFile() ? [{ path, isFile: true }] : [];
    }),
  );
  return found.flat();
}
