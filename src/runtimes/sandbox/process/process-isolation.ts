import { rmdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeCapabilities } from '../../../ports/runtime.ts';
import { absentAsUndefined, ignoreExisting } from '../confined-path.ts';
import { copyToMountedHome } from '../credentials.ts';
import { ContainerConfigError } from '../environment.ts';
import { writeAtomically } from '../files.ts';
import type { ContainerSpec, Isolation, WrapperCommand } from '../isolation.ts';
import { type MountTable, mountOf } from '../mounts.ts';
import type { ContainerPaths } from '../pod-paths.ts';
import { CONTAINER_MARKER, commandLineOf, containerOf, isAlive, killLeftovers, type ProcessIdentity, signal } from '../process-table.ts';
import { isUnstreamed, streamsScript } from '../streams.ts';
import { enterLimits } from '../wrapper.ts';
import { pathRewriter } from './rewrite-paths.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Plain processes of this machine: no isolation but an own environment, folder and process group. A step can read and signal whatever the
 * server's user can. Its paths are rewritten in scripts, words and variables; text that builds `/workspace` at run time misses them.
 */
export class ProcessIsolation implements Isolation {
  readonly name = 'process';
  readonly capabilities: RuntimeCapabilities = { privatePaths: false, sidecars: true, runAsUser: false, resourceLimits: false };
  readonly sharesNetwork = true;
  readonly #wrapper: string;

  constructor(options: { readonly wrapper: string }) {
    this.#wrapper = options.wrapper;
  }

  async prepare(spec: ContainerSpec, paths: ContainerPaths): Promise<WrapperCommand> {
    if (spec.image.serves !== 'host') {
      throw new ContainerConfigError(
        `the image map serves this image from ${spec.image.serves}, which plain processes cannot enter; map it to "host" or use the sandbox`,
        'CreateContainerError',
      );
    }
    const rewrite = pathRewriter(spec.mounts);
    await linkNestedMounts(spec.mounts);
    const { argv, env } = wordsOf(spec);
    const { stdout, stderr } = spec.streams;
    if (stdout !== undefined || stderr !== undefined) {
      const streams = { stdout: stdout && rewrite(stdout), stderr: stderr && rewrite(stderr) };
      const script = streamsScript(streams, { shell: '/bin/sh -c', redirections: '', endsWithContainer: false });
      writeAtomically(join(paths.dir, 'streams'), script);
    }
    const warning = [withoutEffect(spec), await this.#giveCredentials(spec, home(spec))].filter((text) => text !== undefined).join('; ');
    return {
      ...(warning && { warning }),
      arguments: [this.#wrapper, paths.dir, ...argv],
      env,
    };
  }

  async exec(spec: ContainerSpec): Promise<WrapperCommand> {
    const { argv, env } = wordsOf(spec);
    return { arguments: ['-c', `${enterLimits}cd -- "$1" && shift && exec "$@"`, 'sh', ...argv], env };
  }

  /** Only into a home of the pod's own: the server's user has its own credentials elsewhere. */
  async #giveCredentials({ credentials, mounts }: ContainerSpec, home: string): Promise<string | undefined> {
    if (credentials.size === 0) return undefined;
    if (mountOf(mounts, home) !== undefined) return copyToMountedHome(mounts, home, credentials);
    return `credentials are in /tekton/creds only: HOME is ${home}, which is not the pod's`;
  }

  script(text: string, mounts: MountTable): string {
    return pathRewriter(mounts)(text);
  }

  async whyNotRunnable(paths: ContainerPaths): Promise<string | undefined> {
    if (await isUnstreamed(paths)) return 'stdoutConfig or stderrConfig: a file could not be opened; the log says why';
    const found = await stat(join(paths.dir, 'unstarted')).catch(absentAsUndefined);
    return found && 'command not found or not executable, or no such working directory';
  }

  async isRunning(wrapper: ProcessIdentity): Promise<boolean> {
    return (await isAlive(wrapper)) && (process.platform !== 'linux' || hasExecuted(wrapper.pid));
  }

  async terminate(wrapper: ProcessIdentity): Promise<boolean> {
    return (await this.isRunning(wrapper)) && signal(-wrapper.pid, 'SIGTERM');
  }

  async kill(wrapper: ProcessIdentity, id: string): Promise<void> {
    if (await isAlive(wrapper)) signal(-wrapper.pid, 'SIGKILL');
    await this.sweep(wrapper, id);
  }

  async sweep(wrapper: ProcessIdentity, id: string): Promise<void> {
    await killLeftovers(id, wrapper.pid);
  }
}

/** What was asked for and only a sandbox can do. */
function withoutEffect({ runAsUser, runAsGroup, readOnlyRoot, names }: ContainerSpec): string | undefined {
  const asked = [
    ...(runAsUser === undefined || runAsUser === process.getuid?.() ? [] : ['runAsUser']),
    ...(runAsGroup === undefined || runAsGroup === process.getgid?.() ? [] : ['runAsGroup']),
    ...(readOnlyRoot ? ['readOnlyRootFilesystem'] : []),
    ...(names.hostAliases?.length ? ['hostAliases'] : []),
    ...(names.dnsConfig === undefined ? [] : ['dnsConfig']),
  ];
  return asked.length === 0 ? undefined : `no effect on plain processes: ${asked.join(', ')}`;
}

/** The working directory and the command, in this machine's paths, and every variable. */
function wordsOf(spec: ContainerSpec): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const rewrite = pathRewriter(spec.mounts);
  const argv = [spec.workingDir, ...spec.argv].map(rewrite);
  const entries = [...variables(spec)].map(([name, value]): [string, string] => [name, rewrite(value)]);
  if ([...argv, ...entries.flat()].some((text) => text.includes('\0')))
    throw new ContainerConfigError('an argument or variable has a NUL character in it');
  return { argv, env: { ...Object.fromEntries(entries), [CONTAINER_MARKER]: spec.id } };
}

function variables(spec: ContainerSpec): ReadonlyMap<string, string> {
  return new Map([
    ['PATH', DEFAULT_PATH],
    ['HOME', '/tekton/home'],
    ['HOSTNAME', spec.hostname],
    ...Object.entries(spec.image.env ?? {}),
    ...spec.env,
  ]);
}

function home(spec: ContainerSpec): string {
  return variables(spec).get('HOME') ?? '';
}

/** `cd /workspace && ls source` works although nothing is mounted: a link leads from the outer folder to the inner. */
async function linkNestedMounts(mounts: MountTable): Promise<void> {
  for (const mount of mounts) {
    const outer = mountOf(
      mounts.filter((other) => other !== mount),
      mount.path,
    );
    if (outer === undefined) continue;
    const place = join(outer.mount.source, outer.rest);
    if (place === mount.source) continue;
    // The mount point made for it gives way; what a step has put there does not.
    if (!mount.isFile) await rmdir(place).catch(() => undefined);
    await symlink(mount.source, place).catch(ignoreExisting);
  }
}

/** Before that, the wrapper's own handler for TERM is still in force in its child. */
async function hasExecuted(wrapper: number): Promise<boolean> {
  const child = await containerOf(wrapper);
  return child !== undefined && (await commandLineOf(child)) !== (await commandLineOf(wrapper));
}
