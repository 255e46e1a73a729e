import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { BubblewrapIsolation } from './bubblewrap/bubblewrap-isolation.ts';
import { probeBubblewrap } from './bubblewrap/probe-bubblewrap.ts';
import type { ImageMap } from './image-map.ts';
import type { Isolation } from './isolation.ts';
import { Launcher } from './launcher.ts';
import { Cgroups } from './limits/cgroups.ts';
import { probeCgroups } from './limits/probe-cgroups.ts';
import { ProcessIsolation } from './process/process-isolation.ts';
import { SandboxRuntime } from './sandbox-runtime.ts';
import { Slots } from './slots.ts';
import { Trash } from './trash.ts';
import { installWrappers } from './wrapper.ts';

export interface SandboxRuntimeOptions {
  /** Pods, claims and logs live in folders of ours below it; steps see none of it. Created when it does not exist. */
  readonly dataDir: string;
  readonly imageMap: ImageMap;
  /** `process` runs steps with the server's own rights and no sandbox; never chosen but by name. */
  readonly isolation: 'bubblewrap' | 'process';
  /** How many pods run at once; the others wait. Default: four a core, at least eight. */
  readonly maxPods?: number | undefined;
  /** `none`: steps have a loopback interface of their own and nothing else. Plain processes always have the host's. Default: `host`. */
  readonly network?: 'host' | 'none' | undefined;
  /** Folders and files of this machine that pods may mount as hostPath. Default: none. */
  readonly hostPaths?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Why the isolation that was asked for cannot be had. There is no second choice: say it and stop. */
export class IsolationUnavailable extends Error {
  readonly code = 'IsolationUnavailable';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(`${message}\n${remedy}`);
    this.remedy = remedy;
  }
}

/**
 * A runtime whose pods are processes of this machine, detached from the server: what an earlier server has left running is taken over before
 * this resolves. One server a data directory; that is for the caller to see to. Rejects with `IsolationUnavailable`.
 */
export async function createSandboxRuntime(options: SandboxRuntimeOptions): Promise<SandboxRuntime> {
  const { imageMap, clock, logger } = options;
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(options.dataDir);
  const dirs = { pods: join(dataDir, 'pods'), active: join(dataDir, 'active-pods'), trash: join(dataDir, 'removed-pods') };
  const claimsDir = join(dataDir, 'volumes');
  await Promise.all([...Object.values(dirs), claimsDir].map((dir) => mkdir(dir, { recursive: true, mode: 0o700 })));
  const launcher = new Launcher();
  const prefix = `tappet-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  const [isolation, parents] = await Promise.all([isolationFor(options, dataDir), probeCgroups(prefix)]);
  const runtime = new SandboxRuntime({
    dirs,
    podsDir: dirs.pods,
    claimsDir,
    imageMap,
    hostPaths: { allowed: options.hostPaths ?? [], dataDir },
    isolation,
    cgroups: parents && new Cgroups(parents, prefix),
    slots: new Slots(options.maxPods ?? Math.max(8, 4 * availableParallelism())),
    clock,
    logger,
    launcher,
    trash: new Trash(dirs.trash, launcher, logger),
    bootId: await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown'),
  });
  await runtime.recover();
  return runtime;
}

async function isolationFor(options: SandboxRuntimeOptions, dataDir: string): Promise<Isolation> {
  const wrappers = await installWrappers(dataDir);
  if (options.isolation === 'process') return new ProcessIsolation({ wrapper: wrappers.plain });
  const probe = await probeBubblewrap();
  if (!probe.ok) throw new IsolationUnavailable(probe.message, probe.remedy);
  const { disablesUserNamespaces } = probe;
  return new BubblewrapIsolation({
    wrapper: wrappers.sandboxed,
    dataDir,
    network: options.network ?? 'host',
    disablesUserNamespaces,
    clock: options.clock,
  });
}
