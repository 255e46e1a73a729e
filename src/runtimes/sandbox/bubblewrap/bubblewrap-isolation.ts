import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../../ports/clock.ts';
import type { RuntimeCapabilities } from '../../../ports/runtime.ts';
import { copyToMountedHome, writeCredentials } from '../credentials.ts';
import { ContainerConfigError } from '../environment.ts';
import { writeAtomically } from '../files.ts';
import type { ImageMapEntry } from '../image-map.ts';
import type { ContainerSpec, Isolation, NameResolution, WrapperCommand } from '../isolation.ts';
import { type Mount, mountOf } from '../mounts.ts';
import type { ContainerPaths } from '../pod-paths.ts';
import { CONTAINER_MARKER, childrenOf, containerOf, isAlive, killLeftovers, type ProcessIdentity, signal } from '../process-table.ts';
import { isUnstreamed, streamsScript } from '../streams.ts';
import { enterLimits } from '../wrapper.ts';
import { nameFiles } from './name-files.ts';
import { hostView, imageView, type RootView, resolvePoint, rootOptions } from './root-view.ts';
import { type ContainerUser, containerUser } from './user.ts';

export interface BubblewrapOptions {
  readonly wrapper: string;
  readonly dataDir: string;
  readonly network: 'host' | 'none';
  /** From the probe: whether steps can be kept from making namespaces of their own. */
  readonly disablesUserNamespaces: boolean;
  readonly clock: Clock;
}

/** bwrap's options for what copies output to files. */
const STREAM_OPTIONS = 'stream-options';
/** And for commands beside the container. */
const EXEC_OPTIONS = 'exec-options';

const HOSTS = '/etc/hosts';
const RESOLVER = '/etc/resolv.conf';

const LOOK_AGAIN_MS = 60_000;

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * One sandbox a container: own user, pid, mount, ipc and uts namespaces, no capabilities, an empty root onto which only what is meant to be
 * seen is bound.
 */
export class BubblewrapIsolation implements Isolation {
  readonly name = 'bubblewrap';
  readonly capabilities: RuntimeCapabilities = { privatePaths: true, sidecars: true, runAsUser: true, resourceLimits: false };
  readonly sharesNetwork: boolean;
  readonly #options: BubblewrapOptions;
  #host: { readonly view: Promise<RootView>; readonly at: number };

  constructor(options: BubblewrapOptions) {
    this.#options = options;
    this.sharesNetwork = options.network === 'host';
    this.#host = this.#look();
  }

  async prepare(spec: ContainerSpec, paths: ContainerPaths): Promise<WrapperCommand> {
    const { view, user, env } = await this.#resolve(spec, paths);
    // A wrapper of an earlier server may be reading it in this moment.
    writeAtomically(paths.options, await this.#optionsFor(spec, view, user, env));
    if (spec.root !== undefined) {
      await mkdir(spec.root, { recursive: true });
      writeAtomically(join(paths.dir, EXEC_OPTIONS), await this.#optionsFor(spec, view, user, env, true));
    }
    if (spec.streams.stdout !== undefined || spec.streams.stderr !== undefined) await this.#prepareStreams(spec, user, paths);
    const warning = await copyToMountedHome(spec.mounts, env.get('HOME') ?? '/', spec.credentials);
    return {
      ...(warning && { warning }),
      arguments: [this.#options.wrapper, paths.dir, 'bwrap', '--args', '3', '--json-status-fd', '4', '--', ...spec.argv],
      env: { PATH: DEFAULT_PATH, [CONTAINER_MARKER]: spec.id },
    };
  }

  /**
   * A second sandbox, made as the first, on the same `/`. It cannot join the first: bwrap makes the container's namespaces so that nothing from outside can
   * enter them without gaining capabilities there. So the command sees the container's files and network, but not its processes.
   */
  async exec(spec: ContainerSpec, paths: ContainerPaths): Promise<WrapperCommand> {
    if (spec.root === undefined) {
      const { view, user, env } = await this.#resolve(spec, paths);
      writeAtomically(join(paths.dir, EXEC_OPTIONS), await this.#optionsFor({ ...spec, credentials: new Map() }, view, user, env));
    }
    const script = `${enterLimits}exec bwrap --args 3 -- "$@" 3< ${EXEC_OPTIONS}`;
    return { arguments: ['-c', script, 'sh', ...spec.argv], env: { PATH: DEFAULT_PATH, [CONTAINER_MARKER]: spec.id } };
  }

  async #resolve(spec: ContainerSpec, paths: ContainerPaths): Promise<{ view: RootView; user: ContainerUser; env: Map<string, string> }> {
    const view = await withNames(await this.#viewOf(spec.image), spec.names, paths);
    const user = await containerUser(spec, view.root);
    const env = new Map([
      ['PATH', DEFAULT_PATH],
      ['HOME', user.home],
      ['HOSTNAME', spec.hostname],
      ...Object.entries(spec.image.env ?? {}),
      ...spec.env,
    ]);
    return { view, user, env };
  }

  script(text: string): string {
    return text;
  }

  /** What copies the output is this machine's, in a sandbox of its own that has the container's mounts: an image may have no shell. */
  async #prepareStreams(spec: ContainerSpec, { uid, gid }: ContainerUser, paths: ContainerPaths): Promise<void> {
    const copier = { ...spec, credentials: new Map(), image: { pattern: '', serves: 'host' }, workingDir: '/' };
    const options = await this.#optionsFor(copier, await this.#hostView(), { uid, gid, home: '/' }, new Map([['PATH', DEFAULT_PATH]]));
    writeAtomically(join(paths.dir, STREAM_OPTIONS), options);
    const shell = 'bwrap --args 6 -- /bin/sh -c';
    const script = streamsScript(spec.streams, { shell, redirections: `6< ${STREAM_OPTIONS}`, endsWithContainer: true });
    writeAtomically(join(paths.dir, 'streams'), script);
  }

  /** NUL-separated, as bwrap reads them. `again`: for another sandbox on the same `/`. */
  async #optionsFor(
    spec: ContainerSpec,
    view: RootView,
    user: ContainerUser,
    env: ReadonlyMap<string, string>,
    again = false,
  ): Promise<string> {
    const options = [
      ...['--unshare-user', '--uid', String(user.uid), '--gid', String(user.gid), '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
      ...['--unshare-cgroup-try', '--hostname', spec.hostname, '--cap-drop', 'ALL', '--die-with-parent', '--new-session'],
      ...(this.#options.network === 'none' ? ['--unshare-net'] : []),
      ...(this.#options.disablesUserNamespaces ? ['--disable-userns'] : []),
      ...(await this.#mounts(spec, view, env.get('HOME') ?? '/', again)),
      ...['--chdir', spec.workingDir, '--clearenv'],
      ...[...env].flatMap(([name, value]) => ['--setenv', name, value]),
    ];
    if (options.some((option) => option.includes('\0')))
      throw new ContainerConfigError('an environment variable or a path has a NUL character in it');
    return `${options.join('\0')}\0`;
  }

  /** bwrap reports the exit code only of a command that was really executed. */
  async whyNotRunnable(paths: ContainerPaths): Promise<string | undefined> {
    const status = await readFile(paths.status, 'utf8').catch(() => '');
    if (status.includes('"exit-code"')) return undefined;
    const complaint = (await readFile(paths.log, 'utf8').catch(() => '')).trimEnd().split('\n').at(-1) ?? '';
    if (await isUnstreamed(paths)) return `stdoutConfig or stderrConfig: ${complaint}`;
    return complaint.startsWith('bwrap: ') ? complaint : undefined;
  }

  async isRunning(wrapper: ProcessIdentity): Promise<boolean> {
    const init = await initOf(wrapper);
    return init !== undefined && (await childrenOf(init)).length > 0;
  }

  /** Wrapper, bwrap, the namespace's init: that one leads the container's process group, and ignores the signal itself. */
  async terminate(wrapper: ProcessIdentity): Promise<boolean> {
    const init = await initOf(wrapper);
    return init !== undefined && (await this.isRunning(wrapper)) && signal(-init, 'SIGTERM');
  }

  /** The end of its init ends a pid namespace; init is only reaped when all others are gone. */
  async kill(wrapper: ProcessIdentity): Promise<void> {
    if (!(await isAlive(wrapper))) return;
    const sandbox = await containerOf(wrapper.pid);
    const init = await initOf(wrapper);
    if (init !== undefined) signal(init, 'SIGKILL');
    else if (sandbox !== undefined) signal(sandbox, 'SIGKILL');
  }

  /** Nothing outlives its pid namespace; but --die-with-parent does not hold yet while bwrap sets it up, should the wrapper be killed then. */
  async sweep(wrapper: ProcessIdentity, id: string, recorded: boolean): Promise<void> {
    if (!recorded) await killLeftovers(id, wrapper.pid);
  }

  async #mounts(spec: ContainerSpec, view: RootView, home: string, again: boolean): Promise<string[]> {
    const outer = spec.mounts.filter(
      (mount) =>
        mountOf(
          spec.mounts.filter((other) => other !== mount),
          mount.path,
        ) === undefined,
    );
    const resolved = new Map(await Promise.all(outer.map(async ({ path }) => [path, await resolvePoint(view, path)] as const)));
    const inOwnRoot = mountOf(spec.mounts, spec.workingDir) === undefined;
    const folders = [...new Set(['/root', '/run', '/var/tmp', home, ...(inOwnRoot ? [spec.workingDir] : [])])].filter(
      (path) => path !== '/',
    );
    const writable = await Promise.all(
      folders.filter((path) => mountOf(spec.mounts, path) === undefined).map((path) => resolvePoint(view, path)),
    );
    const ownHome =
      spec.credentials.size > 0 && home !== '/' && mountOf(spec.mounts, home) === undefined ? await resolvePoint(view, home) : undefined;
    const given = ownHome === undefined ? [] : [...spec.credentials.keys()].map((path) => `${ownHome}/${path.split('/')[0]}`);
    const points = [...resolved.values(), ...writable, ...view.extra.map(([, path]) => path), ...given];
    const root = await rootOptions(view, points, writable, ownHome === undefined ? [] : await this.#homeWithCredentials(spec, ownHome));
    return [
      ...(spec.root === undefined ? root : onFolder(root, spec.root, again)),
      ...['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--dir', '/tmp'],
      // Root's files there stay writable for a process that is root outside, capabilities or not.
      ...['--ro-bind', '/proc/sys', '/proc/sys', '--ro-bind-try', '/proc/sysrq-trigger', '/proc/sysrq-trigger'],
      ...spec.mounts.flatMap((mount) => [bindOption(mount), mount.source, resolved.get(mount.path) ?? mount.path]),
      // Without what is mounted below them.
      ...(spec.readOnlyRoot ? ['/', ...(ownHome === undefined ? [] : [ownHome])].flatMap((path) => ['--remount-ro', path]) : []),
    ];
  }

  /** A folder of this machine as home, so that its files can be changed and replaced as any others; what the image has there is added to it. */
  async #homeWithCredentials({ credentials, home }: ContainerSpec, path: string): Promise<readonly (readonly [string, string])[]> {
    if (home === undefined) return [];
    writeCredentials(home, credentials);
    return [[home, path]];
  }

  /** What is secret in /etc may have changed; it takes too long to look each time. */
  #hostView(): Promise<RootView> {
    const { at, view } = this.#host;
    if (this.#options.clock.now() - at < LOOK_AGAIN_MS) return view;
    const fresh = this.#look();
    this.#host = { ...fresh, view: fresh.view.catch(() => view) };
    return view;
  }

  #look(): { readonly view: Promise<RootView>; readonly at: number } {
    const view = hostView(this.#options.dataDir);
    view.catch(() => undefined);
    return { view, at: this.#options.clock.now() };
  }

  async #viewOf(image: ImageMapEntry): Promise<RootView> {
    if (image.serves === 'host') return this.#hostView();
    try {
      return await imageView(image.serves, this.#options.dataDir);
    } catch (error) {
      throw new ContainerConfigError(
        `Back-off pulling image: --image-map ${image.pattern}=${image.serves}: ${error instanceof Error ? error.message : String(error)}`,
        'ImagePullBackOff',
      );
    }
  }
}

/** The same view on a folder of this machine instead of a tmpfs. bwrap does not make a symlink that is there already. */
function onFolder(rootOptions: readonly string[], folder: string, again: boolean): string[] {
  const [, , ...rest] = rootOptions;
  const kept = again ? rest.filter((_, place) => ![0, 1, 2].some((back) => rest[place - back] === '--symlink')) : rest;
  return ['--bind', folder, '/', ...kept];
}

/** The view with the pod's own files for the resolution of names, if it has any. */
async function withNames(view: RootView, names: NameResolution, { dir }: ContainerPaths): Promise<RootView> {
  if (!names.hostAliases?.length && names.dnsConfig === undefined && names.dnsPolicy !== 'None') return view;
  const [hosts = '', resolver = ''] = await Promise.all([HOSTS, RESOLVER].map((path) => readFile(path, 'utf8').catch(() => '')));
  const files = nameFiles(names, { hosts, resolver });
  const own = new Map<string, string>();
  for (const [path, contents] of files) {
    const file = join(dir, basename(path));
    writeAtomically(file, contents);
    own.set(await resolvePoint(view, path), file);
  }
  const others = view.extra.filter(([, path]) => !own.has(path) && !files.has(path));
  return { ...view, extra: [...others, ...[...own].map(([path, file]) => [file, path] as const)] };
}

/** Only a device that was asked for can be opened as one; a read-only mount of it would not keep anybody from writing. */
function bindOption({ readOnly, isDevice }: Mount): string {
  if (isDevice) return '--dev-bind';
  return readOnly ? '--ro-bind' : '--bind';
}

async function initOf(wrapper: ProcessIdentity): Promise<number | undefined> {
  if (!(await isAlive(wrapper))) return undefined;
  const sandbox = await containerOf(wrapper.pid);
  return sandbox === undefined ? undefined : (await childrenOf(sandbox))[0];
}
