import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Container, Pod } from './pod.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** Whom a container runs as. Images here say nothing of it: root, whose group stays root's unless told otherwise. */
export function userOf({ spec }: Pod, { securityContext: own }: Container): User {
  const { securityContext: whole } = spec;
  const groups = [...(whole?.supplementalGroups ?? []), ...(whole?.fsGroup === undefined ? [] : [whole.fsGroup])];
  return { uid: own?.runAsUser ?? whole?.runAsUser ?? 0, gid: own?.runAsGroup ?? whole?.runAsGroup ?? 0, groups };
}

/** What a container runtime leaves to root in a container, by their numbers in linux/capability.h. */
const CAPABILITIES: readonly (readonly [string, number])[] = [
  ['CAP_CHOWN', 0],
  ['CAP_DAC_OVERRIDE', 1],
  ['CAP_FOWNER', 3],
  ['CAP_FSETID', 4],
  ['CAP_KILL', 5],
  ['CAP_SETGID', 6],
  ['CAP_SETUID', 7],
  ['CAP_SETPCAP', 8],
  ['CAP_NET_BIND_SERVICE', 10],
  ['CAP_SYS_CHROOT', 18],
  ['CAP_AUDIT_WRITE', 29],
  ['CAP_SETFCAP', 31],
];

/** How this machine lets containers have users. */
export interface Users {
  /** Containers' users are this machine's: files of one are closed to another. Otherwise all of them are us, whatever they are called inside. */
  readonly real: boolean;
  /** The command and the options that start bubblewrap as this user. */
  enter(user: User, dropsAll: boolean): { readonly before: readonly string[]; readonly options: readonly string[] };
}

/** `undefined`: no container can be had here. */
export function findUsers(): Users | undefined {
  const mapped: Users = {
    real: false,
    enter: ({ uid, gid }) => ({ before: [], options: ['--unshare-user', '--uid', String(uid), '--gid', String(gid)] }),
  };
  return [...(process.getuid?.() === 0 ? [realUsers()] : []), mapped].find(works);
}

function realUsers(): Users {
  const ours = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const kept = CAPABILITIES.flatMap(([name, bit]) => (((ours >> BigInt(bit)) & 1n) === 1n ? ['--cap-add', name] : []));
  return {
    real: true,
    enter({ uid, gid, groups }, dropsAll) {
      const all = groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join()];
      const before = ['setpriv', '--reuid', String(uid), '--regid', String(gid), ...all, '--'];
      return { before, options: uid !== 0 ? ['--unshare-user'] : ['--cap-drop', 'ALL', ...(dropsAll ? [] : kept)] };
    },
  };
}

function works(users: Users): boolean {
  return [0, 65_532].every((uid) => {
    const { before, options } = users.enter({ uid, gid: 0, groups: [] }, false);
    const [command = '', ...args] = [
      ...before,
      'bwrap',
      ...options,
      '--unshare-pid',
      '--ro-bind',
      '/',
      '/',
      '--proc',
      '/proc',
      '--',
      'true',
    ];
    return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  });
}
