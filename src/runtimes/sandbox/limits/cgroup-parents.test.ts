import { describe, expect, it } from 'vitest';
import { cgroupParents } from './cgroup-parents.ts';

const v1 = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`;
const v2 = '31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';

describe('where groups can be made', () => {
  it('v1: below our own', () => {
    expect(cgroupParents(v1, '4:memory:/jobs/7\n1:cpu,cpuacct:/\n0::/\n', true)).toEqual({
      version: 1,
      memory: '/sys/fs/cgroup/memory/jobs/7',
      cpu: '/sys/fs/cgroup/cpu,cpuacct',
    });
  });

  it('v1 in a container that sees only its own part', () => {
    const part = v1.replaceAll(' / /sys/fs/cgroup/', ' /docker/ab /sys/fs/cgroup/');
    expect(cgroupParents(part, '4:memory:/docker/ab/x\n1:cpu,cpuacct:/docker/ab\n', true)).toMatchObject({
      memory: '/sys/fs/cgroup/memory/x',
      cpu: '/sys/fs/cgroup/cpu,cpuacct',
    });
    expect(cgroupParents(part, '4:memory:/\n1:cpu,cpuacct:/\n', true)).toBeUndefined();
  });

  it.each([
    [
      'a delegated service that keeps its server in a group of its own',
      '/system.slice/tappet.service/server',
      true,
      '/system.slice/tappet.service',
    ],
    [
      'a user’s own services',
      '/user.slice/user-1.slice/user@1.service/app.slice/t.service',
      false,
      '/user.slice/user-1.slice/user@1.service/app.slice',
    ],
    ['root in a slice, which is systemd’s', '/system.slice/tappet.service', true, undefined],
    ['root right below the top', '/init.scope', true, undefined],
    ['the top itself', '/', true, undefined],
  ])('v2: %s', (_, own, isRoot, parent) => {
    const folder = parent && `/sys/fs/cgroup${parent}`;
    expect(cgroupParents(v2, `0::${own}\n`, isRoot)).toEqual(folder && { version: 2, memory: folder, cpu: folder });
  });

  it('nowhere without them', () => {
    expect(cgroupParents('25 1 0:5 / /proc rw - proc proc rw', '', true)).toBeUndefined();
  });
});
