import { lstat, mkdir, readlink, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * Creates `path` (relative) as folders below `root` and returns where it really lies. Refuses to leave `root`, be it by `..` or through a
 * symlink a step has left in a volume. Safe as long as nobody changes the folder meanwhile: a pod that shares the claim could.
 */
export async function mkdirConfined(root: string, path: string): Promise<string> {
  return walkConfined(root, path, async (missing) => {
    await mkdir(missing).catch(ignoreExisting);
  });
}

/** Where `path` below `root` really lies, or `undefined` when it does not exist. Refuses to leave `root`. */
export async function findConfined(root: string, path: string): Promise<string | undefined> {
  const absent = Symbol();
  try {
    return await walkConfined(root, path, () => Promise.reject(absent));
  } catch (error) {
    if (error === absent) return undefined;
    throw error;
  }
}

async function walkConfined(root: string, path: string, onMissing: (path: string) => Promise<void>): Promise<string> {
  const top = await realpath(root);
  let current = top;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') throw new Error(`path ${JSON.stringify(path)} has ".." in it; it must stay below its volume`);
    current = join(current, part);
    const found = await lstat(current).catch(absentAsUndefined);
    if (found === undefined) await onMissing(current);
    else if (found.isSymbolicLink()) {
      current = await realpath(current);
      if (!isBelow(top, current))
        throw new Error(`path ${JSON.stringify(path)} leaves its volume through the symlink ${JSON.stringify(part)}`);
    }
  }
  return current;
}

/**
 * Where `path` lies inside an image root when its symlinks are followed as a process inside would (an absolute target starts at the root).
 * Parts that do not exist are kept as written. The answer is a path inside the root.
 */
export async function resolveInRoot(root: string, path: string): Promise<string> {
  const pending = path.split('/').filter(Boolean);
  let resolved: string[] = [];
  for (let links = 0; pending.length > 0; ) {
    const part = pending.shift() ?? '';
    if (part === '.') continue;
    if (part === '..') {
      resolved.pop();
      continue;
    }
    const target = links < 40 ? await readlink(join(root, ...resolved, part)).catch(() => undefined) : undefined;
    if (target === undefined) resolved.push(part);
    else {
      links++;
      if (target.startsWith('/')) resolved = [];
      pending.unshift(...target.split('/').filter(Boolean));
    }
  }
  return `/${resolved.join('/')}`;
}

export function isBelow(root: string, path: string): boolean {
  const rest = relative(root, path);
  return rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !rest.startsWith('/'));
}

export function absentAsUndefined(error: unknown): undefined {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}

export function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
