import { join } from 'node:path';

/** Everything of one pod on disk, 0700. Nothing here is seen by steps but the four folders before the last. */
export interface PodPaths {
  readonly root: string;
  /** The plan and its materials, 0600. There: the pod was accepted. */
  readonly plan: string;
  /** Holds the boot id, fsynced. There: steps may have run. */
  readonly begun: string;
  /** There: the pod is to end. */
  readonly stop: string;
  /** The last observation. There: the pod has ended. */
  readonly ended: string;
  readonly workspace: string;
  readonly tekton: string;
  readonly volumes: string;
  /** A folder a step that is its `/tekton/creds`, and one that is its home where nothing is mounted there. */
  readonly credentials: string;
  readonly containers: string;
  /** A folder a container that is its `/`, where commands are to be run beside it. */
  readonly roots: string;
}

/** What one container keeps of itself, outside of anything it can see. */
export interface ContainerPaths {
  readonly dir: string;
  /** stdout and stderr together, as written. */
  readonly log: string;
  /** Created exclusively by the wrapper before anything else: nothing runs twice. Its `/proc/PID/stat` line. */
  readonly started: string;
  /** `CODE\n`, written by the wrapper in one go; without the newline it does not count. Its mtime is when the container ended. */
  readonly exit: string;
  /** bwrap's options, NUL-separated, 0600: environment and host paths do not show in `ps`. */
  readonly options: string;
  /** bwrap's own account, JSON lines. */
  readonly status: string;
  /** Why we killed it: a `KillReason`, and in the next line what people are told. The first reason stays. */
  readonly killed: string;
  /** The groups of the kernel that hold it to its limits, a folder a line; there while they are. */
  readonly cgroups: string;
  /** There: the kernel has killed something of it for lack of memory. */
  readonly outOfMemory: string;
  /** There: the step is settled, and with what. */
  readonly settled: string;
}

export function podPaths(podsDir: string, uid: string): PodPaths {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(uid)) throw new Error(`pod uid ${JSON.stringify(uid)} is not safe as a file name`);
  const root = join(podsDir, uid);
  return {
    root,
    plan: join(root, 'plan.json'),
    begun: join(root, 'begun'),
    stop: join(root, 'stop'),
    ended: join(root, 'ended.json'),
    workspace: join(root, 'workspace'),
    tekton: join(root, 'tekton'),
    volumes: join(root, 'volumes'),
    credentials: join(root, 'credentials'),
    containers: join(root, 'containers'),
    roots: join(root, 'roots'),
  };
}

export function containerPaths(pod: PodPaths, container: string): ContainerPaths {
  const dir = join(pod.containers, container);
  return {
    dir,
    log: join(dir, 'log'),
    started: join(dir, 'started'),
    exit: join(dir, 'exit'),
    options: join(dir, 'options'),
    status: join(dir, 'status'),
    killed: join(dir, 'killed'),
    cgroups: join(dir, 'cgroups'),
    outOfMemory: join(dir, 'out-of-memory'),
    settled: join(dir, 'settled.json'),
  };
}
