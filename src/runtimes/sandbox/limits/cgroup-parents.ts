import { posix } from 'node:path';

/** The folders in which groups for our containers are made. With cgroup v2 they are one and the same. */
export interface CgroupParents {
  readonly version: 1 | 2;
  readonly memory: string;
  readonly cpu: string;
}

interface Hierarchy {
  readonly mountPoint: string;
  /** The group that is seen at the mount point. */
  readonly root: string;
  /** v1: its controllers. */
  readonly controllers: readonly string[];
  readonly version: 1 | 2;
}

/**
 * Where this process may make groups, by what the kernel says of it (`/proc/self/mountinfo`, `/proc/self/cgroup`). Whether it is really so is for
 * `probeCgroups` to try.
 *
 * v1: below our own groups, so that whatever limits us limits our containers too. v2: a group that holds processes cannot have groups with limits below
 * it, so they go beside our own, if what is above us was delegated to us. Root could write anywhere: for root a slice is systemd's own and not
 * delegated; a service with `Delegate=yes` and `DelegateSubgroup=` is.
 */
export function cgroupParents(mountInfo: string, membership: string, isRoot: boolean): CgroupParents | undefined {
  const hierarchies = mountInfo.split('\n').flatMap(parseMount);
  const groups = new Map(membership.split('\n').flatMap(parseMembership));
  const ownFolder = (hierarchy: Hierarchy | undefined, controller: string): string | undefined => {
    const group = groups.get(controller);
    return hierarchy && group !== undefined ? folderOf(hierarchy, group) : undefined;
  };
  const v1 = (controller: string): string | undefined =>
    ownFolder(
      hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller)),
      controller,
    );
  const [memory, cpu] = [v1('memory'), v1('cpu')];
  if (memory !== undefined && cpu !== undefined) return { version: 1, memory, cpu };

  const unified = hierarchies.find(({ version }) => version === 2);
  const own = ownFolder(unified, '');
  if (unified === undefined || own === undefined || own === unified.mountPoint) return undefined;
  const parent = posix.dirname(own);
  if (isRoot && (parent === unified.mountPoint || parent.endsWith('.slice'))) return undefined;
  return { version: 2, memory: parent, cpu: parent };
}

/** `36 35 0:31 /root /mount/point rw,relatime shared:1 - cgroup cgroup rw,memory` */
function parseMount(line: string): Hierarchy[] {
  const [fields = '', filesystem = ''] = line.split(' - ');
  const [, , , root = '', mountPoint = ''] = fields.split(' ');
  const [type, , options = ''] = filesystem.split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return [];
  return [{ mountPoint, root, controllers: options.split(','), version: type === 'cgroup' ? 1 : 2 }];
}

/** `4:cpu,cpuacct:/group`; for v2 `0::/group`. */
function parseMembership(line: string): [controller: string, group: string][] {
  const [, id, controllers, group] = /^([0-9]+):([^:]*):(.*)$/.exec(line) ?? [];
  if (controllers === undefined || group === undefined) return [];
  if (controllers === '') return id === '0' ? [['', group]] : [];
  return controllers.split(',').map((controller) => [controller, group]);
}

/** `undefined`: the group lies outside of what is mounted. */
function folderOf({ root, mountPoint }: Hierarchy, group: string): string | undefined {
  const rest = posix.relative(root, group);
  return rest === '..' || rest.startsWith('../') ? undefined : posix.join(mountPoint, rest);
}
