import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveInRoot } from '../confined-path.ts';
import { ContainerConfigError } from '../environment.ts';
import type { ContainerSpec } from '../isolation.ts';

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** The step's user, else the image's, else root. Names are looked up in the root's own `/etc/passwd`. */
export async function containerUser(spec: ContainerSpec, root: string): Promise<ContainerUser> {
  const wanted = spec.runAsUser === undefined ? (spec.image.user ?? '0') : String(spec.runAsUser);
  if (wanted === '0' && spec.runAsGroup === undefined) return { uid: 0, gid: 0, home: '/root' };
  const [name = '', group] = wanted.split(':');
  const numeric = /^[0-9]+$/.test(name);
  const entry = (await passwd(root)).find((fields) => fields[numeric ? 2 : 0] === name);
  if (!numeric && entry === undefined) {
    throw new ContainerConfigError(
      `unable to find user ${name}: no matching entries in passwd file of ${spec.image.serves}`,
      'CreateContainerError',
    );
  }
  const uid = numeric ? Number(name) : Number(entry?.[2]);
  const gid = spec.runAsGroup ?? (group !== undefined && /^[0-9]+$/.test(group) ? Number(group) : Number(entry?.[3] ?? 0));
  return { uid, gid, home: entry?.[5] || '/' };
}

async function passwd(root: string): Promise<string[][]> {
  const text = await readFile(join(root, await resolveInRoot(root, '/etc/passwd')), 'utf8').catch(() => '');
  return text.split('\n').map((line) => line.split(':'));
}
