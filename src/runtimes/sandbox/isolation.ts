import type { RuntimeCapabilities } from '../../ports/runtime.ts';
import type { PodTemplate } from '../../resources/core/pod-fields.ts';
import type { CredentialFiles } from './credentials.ts';
import type { ImageMapEntry } from './image-map.ts';
import type { MountTable } from './mounts.ts';
import type { ContainerPaths } from './pod-paths.ts';
import type { ProcessIdentity } from './process-table.ts';
import type { Streams } from './streams.ts';

/** What a pod has to say about the resolution of names. */
export type NameResolution = Pick<PodTemplate, 'hostAliases' | 'dnsPolicy' | 'dnsConfig'>;

/** One container, in its own terms: the paths are those it sees. */
export interface ContainerSpec {
  readonly argv: readonly string[];
  /** What the container declares; the isolation adds PATH, HOME and HOSTNAME where they are missing. */
  readonly env: ReadonlyMap<string, string>;
  readonly workingDir: string;
  readonly mounts: MountTable;
  readonly image: ImageMapEntry;
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
  /** Nothing can be written but to its mounts. */
  readonly readOnlyRoot: boolean;
  /** What its pod wants of the resolution of names, if it is not this machine's. */
  readonly names: NameResolution;
  readonly streams: Streams;
  /** To be found in its home, besides what else is there. */
  readonly credentials: CredentialFiles;
  /** A folder on this machine, not there yet, for a home that lies in no mount. Present with credentials. */
  readonly home?: string | undefined;
  /** A folder on this machine, not there yet, to be its `/`, so that commands run beside it see what it has written there. */
  readonly root?: string | undefined;
  readonly hostname: string;
  /** Unique per container: `<pod uid>/<container>`. */
  readonly id: string;
}

/** What to spawn: `/bin/sh` with these arguments and nothing of the server's environment. */
export interface WrapperCommand {
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** For the container's log. */
  readonly warning?: string | undefined;
}

export interface Isolation {
  /** As observations report it. */
  readonly name: 'bubblewrap' | 'process';
  readonly capabilities: RuntimeCapabilities;
  /** Whether this machine's loopback is the containers' too. */
  readonly sharesNetwork: boolean;
  /** May write into the container's directory. Throws `ContainerConfigError`. */
  prepare(spec: ContainerSpec, paths: ContainerPaths): Promise<WrapperCommand>;
  /**
   * A command beside a container whose `spec` this is, but for the words to execute: it has the container's files, variables and rights. To be run in
   * the container's directory. What a container without `root` has written to its own `/` it does not see.
   */
  exec(spec: ContainerSpec, paths: ContainerPaths): Promise<WrapperCommand>;
  /** A script's text as the container is to read it. */
  script(text: string, mounts: MountTable): string;
  /** Why no process came to be although the wrapper ended; `undefined`: one did. */
  whyNotRunnable(paths: ContainerPaths): Promise<string | undefined>;
  /** Whether the container's own command has been executed. */
  isRunning(wrapper: ProcessIdentity): Promise<boolean>;
  /** TERM for the container's process group, as upstream's entrypoint forwards it. False: there is no process yet that could get it. */
  terminate(wrapper: ProcessIdentity): Promise<boolean>;
  /** KILL for everything in it. */
  kill(wrapper: ProcessIdentity, id: string): Promise<void>;
  /** Ends what a container has left running behind its main process. `recorded`: its wrapper has lived to write down how it ended. */
  sweep(wrapper: ProcessIdentity, id: string, recorded: boolean): Promise<void>;
}
