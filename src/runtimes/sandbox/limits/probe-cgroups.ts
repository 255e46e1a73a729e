import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../files.ts';
import { type CgroupParents, cgroupParents } from './cgroup-parents.ts';

const needed = { 1: { memory: 'memory.limit_in_bytes', cpu: 'cpu.cfs_quota_us' }, 2: { memory: 'memory.max', cpu: 'cpu.max' } } as const;

/** Where containers can be held to limits on this machine: found out by making a group and putting a process into it. `undefined`: nowhere. */
export async function probeCgroups(prefix: string): Promise<CgroupParents | undefined> {
  try {
    const [mountInfo, membership] = ['/proc/self/mountinfo', '/proc/self/cgroup'].map((file) => readFileSync(file, 'utf8'));
    const parents = cgroupParents(mountInfo ?? '', membership ?? '', process.getuid?.() === 0);
    return parents && (await isUsable(parents, `${prefix}-probe`)) ? parents : undefined;
  } catch {
    // No /proc, or what is there cannot be written to.
    return undefined;
  }
}

async function isUsable({ version, memory, cpu }: CgroupParents, name: string): Promise<boolean> {
  const files = needed[version];
  const groups = [join(memory, name), join(cpu, name)] as const;
  try {
    for (const group of groups) makeFolder(group);
    if (!existsSync(join(groups[0], files.memory)) || !existsSync(join(groups[1], files.cpu))) return false;
    return await canEnter(groups);
  } finally {
    for (const group of new Set(groups)) removeIfEmpty(group);
  }
}

function canEnter(groups: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const script = 'for group; do echo 0 > "$group/cgroup.procs" || exit 1; done';
    const child = spawn('/bin/sh', ['-c', script, 'sh', ...groups], { stdio: 'ignore', env: {} });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** What cannot be removed now goes with the sweep. */
function removeIfEmpty(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // Never made, or its process is not gone altogether.
  }
}
