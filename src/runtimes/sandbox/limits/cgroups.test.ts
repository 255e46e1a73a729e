import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';
import { containerPaths, podPaths } from '../pod-paths.ts';
import { Cgroups, ranOutOfMemory } from './cgroups.ts';
import { releaseCgroups } from './release-cgroups.ts';

/** Folders in the place of the kernel's: what is written into them can be looked at. */
function folders(version: 1 | 2) {
  const root = temporaryDirectory();
  const [memory, cpu] = version === 1 ? [join(root, 'memory'), join(root, 'cpu')] : [root, root];
  for (const folder of [memory, cpu]) mkdirSync(folder, { recursive: true });
  const paths = containerPaths(podPaths(temporaryDirectory(), 'a-0'), 'step-x');
  mkdirSync(paths.dir, { recursive: true });
  return { cgroups: new Cgroups({ version, memory, cpu }, 'tappet-1'), memory, cpu, paths };
}

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

describe('groups of a container', () => {
  it('v1: memory and swap together, a quota of CPU time, and a file that names them', () => {
    const { cgroups, memory, cpu, paths } = folders(1);
    mkdirSync(join(memory, 'tappet-1-a-0-step-x'));
    writeFileSync(join(memory, 'tappet-1-a-0-step-x/memory.memsw.limit_in_bytes'), '');
    cgroups.create('a-0', 'step-x', { memoryBytes: 1024, cpuMillis: 1500 }, paths);
    const name = 'tappet-1-a-0-step-x';
    expect(read(paths.cgroups)).toBe(`${join(memory, name)}\n${join(cpu, name)}\n`);
    expect([read(memory, name, 'memory.limit_in_bytes'), read(memory, name, 'memory.memsw.limit_in_bytes')]).toEqual(['1024', '1024']);
    expect([read(cpu, name, 'cpu.cfs_period_us'), read(cpu, name, 'cpu.cfs_quota_us')]).toEqual(['100000', '150000']);
  });

  it('v2: one group, no swap', () => {
    const { cgroups, memory, paths } = folders(2);
    const name = 'tappet-1-a-0-step-x';
    mkdirSync(join(memory, name));
    writeFileSync(join(memory, name, 'memory.swap.max'), 'max');
    cgroups.create('a-0', 'step-x', { memoryBytes: 1024, cpuMillis: 5 }, paths);
    expect(read(paths.cgroups)).toBe(`${join(memory, name)}\n`);
    expect([read(memory, name, 'memory.max'), read(memory, name, 'memory.swap.max'), read(memory, name, 'cpu.max')]).toEqual([
      '1024',
      '0',
      '1000 100000',
    ]);
    expect(existsSync(join(memory, name, 'memory.oom.group'))).toBe(false);
  });

  it('only what is limited', () => {
    const { cgroups, memory, cpu, paths } = folders(1);
    cgroups.create('a-0', 'step-x', { cpuMillis: 100 }, paths);
    expect([readdirSync(memory), readdirSync(cpu)]).toEqual([[], ['tappet-1-a-0-step-x']]);
  });

  it('a limit the kernel refuses keeps the container from being started, and says so', () => {
    const { cgroups, cpu, paths } = folders(1);
    writeFileSync(join(cpu, 'tappet-1-a-0-step-x'), 'no folder');
    expect(() => cgroups.create('a-0', 'step-x', { cpuMillis: 100 }, paths)).toThrow(/^limits cannot be set: .*ENOTDIR/);
  });

  it('are removed with the container, what the kernel has said of them is not', async () => {
    const { cgroups, memory, paths } = folders(2);
    cgroups.create('a-0', 'step-x', { memoryBytes: 1024 }, paths);
    const group = join(memory, 'tappet-1-a-0-step-x');
    expect(ranOutOfMemory(group)).toBe(false);
    writeFileSync(join(group, 'memory.events'), 'low 0\noom 3\noom_kill 1\noom_group_kill 0\n');
    expect(await releaseCgroups(paths)).toBe(true);
    expect(existsSync(paths.cgroups)).toBe(false);
    expect(await releaseCgroups(paths)).toBe(true);
  });

  it('of pods that are gone are swept, those of others are not', () => {
    const { cgroups, memory, cpu } = folders(1);
    const names = ['tappet-1-a-0-step-x', 'tappet-1-b-0-step-x', 'tappet-2-a-0-step-x', 'tappet-1-probe'];
    for (const name of names) for (const parent of [memory, cpu]) mkdirSync(join(parent, name));
    cgroups.sweep(['b-0']);
    for (const parent of [memory, cpu]) expect(readdirSync(parent)).toEqual(['tappet-1-b-0-step-x', 'tappet-2-a-0-step-x']);
  });
});
