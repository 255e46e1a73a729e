import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerConfigError } from '../environment.ts';
import { makeFolder, writeAtomically } from '../files.ts';
import type { ContainerPaths } from '../pod-paths.ts';
import type { CgroupParents } from './cgroup-parents.ts';
import type { ContainerLimits } from './container-limits.ts';

/** As the kubelet sets it. */
const CPU_PERIOD_US = 100_000;
/** The kernel takes no less. */
const LEAST_QUOTA_US = 1_000;

/** Groups of the kernel that hold containers to their limits, one a container with limits, of one data directory. */
export class Cgroups {
  readonly #parents: CgroupParents;
  readonly #prefix: string;

  /** `prefix`: tells our groups from those of other servers. */
  constructor(parents: CgroupParents, prefix: string) {
    this.#parents = parents;
    this.#prefix = prefix;
  }

  /**
   * Makes the container's groups. The file that names them, which its wrapper reads to enter them, is there before them: whatever happens in between, somebody
   * knows of them. May be done again.
   */
  create(podUid: string, container: string, limits: ContainerLimits, paths: ContainerPaths): void {
    const name = `${this.#prefix}-${podUid}-${container}`;
    const settings = this.#settings(limits);
    const folders = [...new Set(settings.map(({ parent }) => join(parent, name)))];
    writeAtomically(paths.cgroups, folders.map((folder) => `${folder}\n`).join(''));
    try {
      for (const folder of folders) makeFolder(folder);
      for (const { parent, file, value, optional } of settings) {
        const path = join(parent, name, file);
        if (!optional || existsSync(path)) writeFileSync(path, value);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ContainerConfigError(`limits cannot be set: ${message}`, 'CreateContainerError');
    }
  }

  /** Removes groups of pods that are gone, with their data: what a killed server has left where nobody knows of it any more. */
  sweep(pods: Iterable<string>): void {
    const held = [...pods].map((uid) => `${this.#prefix}-${uid}-`);
    for (const parent of new Set([this.#parents.memory, this.#parents.cpu])) {
      for (const name of readdirSync(parent)) {
        if (!name.startsWith(`${this.#prefix}-`) || held.some((start) => name.startsWith(start))) continue;
        try {
          rmdirSync(join(parent, name));
        } catch {
          // Something runs in it still; the next start tries again.
        }
      }
    }
  }

  /** Swap is none of a container's memory. */
  #settings({ memoryBytes, cpuMillis }: ContainerLimits): readonly Setting[] {
    const { version, memory, cpu } = this.#parents;
    const quota = String(Math.max(LEAST_QUOTA_US, Math.round(((cpuMillis ?? 0) * CPU_PERIOD_US) / 1000)));
    const bytes = String(memoryBytes);
    const settings: readonly Setting[] =
      version === 1
        ? [
            { parent: memory, file: 'memory.limit_in_bytes', value: bytes },
            { parent: memory, file: 'memory.memsw.limit_in_bytes', value: bytes, optional: true },
            { parent: cpu, file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) },
            { parent: cpu, file: 'cpu.cfs_quota_us', value: quota },
          ]
        : [
            { parent: memory, file: 'memory.max', value: bytes },
            { parent: memory, file: 'memory.swap.max', value: '0', optional: true },
            // As the kubelet: where one process of a container is killed, all are.
            { parent: memory, file: 'memory.oom.group', value: '1', optional: true },
            { parent: cpu, file: 'cpu.max', value: `${quota} ${CPU_PERIOD_US}` },
          ];
    return settings.filter(({ file }) => (file.startsWith('memory.') ? memoryBytes : cpuMillis) !== undefined);
  }
}

interface Setting {
  readonly parent: string;
  readonly file: string;
  readonly value: string;
  /** Not every kernel has it. */
  readonly optional?: boolean | undefined;
}

/** Whether the kernel has killed something in a group for lack of memory. */
export function ranOutOfMemory(group: string): boolean {
  return ['memory.events', 'memory.oom_control'].some((file) => {
    try {
      return /^oom_kill [1-9]/m.test(readFileSync(join(group, file), 'utf8'));
    } catch {
      return false;
    }
  });
}
