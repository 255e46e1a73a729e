import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expandVariables } from '../../../src/runtimes/sandbox/expand-variables.ts';
import { ConfigError } from './environment.ts';
import { makeFolder, makeMountPoints, mountsOf } from './mounts.ts';
import type { Container, Pod } from './pod.ts';
import { type Users, userOf } from './users.ts';
import type { MountedVolume } from './volumes.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What these images run when nobody says anything else. */
const COMMAND: readonly string[] = ['sh'];

/** A container that can be started: the whole command line of bubblewrap, and where its last words will be. */
export interface Sandbox {
  readonly before: readonly string[];
  readonly options: readonly string[];
  readonly command: readonly string[];
  readonly terminationFile: string;
}

export interface SandboxGround {
  readonly users: Users;
  /** Of this run of the container: its root, and its last words. */
  readonly folder: string;
  readonly imageRoot: string;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
}

/**
 * Puts a container together: a copy of its image as root, its mounts in it, its user, namespaces of its own but for the network, and its command as their
 * first process. Rejects with a `ConfigError` or a `StartError`.
 */
export async function makeSandbox(
  pod: Pod,
  container: Container,
  environment: ReadonlyMap<string, string>,
  { users, folder, imageRoot, volumes }: SandboxGround,
): Promise<Sandbox> {
  const user = userOf(pod, container);
  const runsAsNonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (runsAsNonRoot === true && user.uid === 0) throw new ConfigError('container has runAsNonRoot and image will run as root');
  const root = join(folder, 'root');
  mkdirSync(folder, { recursive: true });
  await promisify(execFile)('cp', ['-a', imageRoot, root]);
  for (const folder of ['proc', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  const terminationFile = writeOpen(join(folder, 'termination'), '');
  const hostname = pod.spec.hostname ?? pod.metadata.name.slice(0, 63);
  const mounts = mountsOf(container, volumes, environment, [
    { path: container.terminationMessagePath ?? '/dev/termination-log', source: terminationFile, readOnly: false },
    { path: '/etc/hosts', source: writeOpen(join(folder, 'hosts'), `127.0.0.1\tlocalhost\n127.0.0.1\t${hostname}\n`), readOnly: false },
    { path: '/etc/hostname', source: writeOpen(join(folder, 'hostname'), `${hostname}\n`), readOnly: false },
  ]);
  makeMountPoints(root, mounts);
  const workingDir = container.workingDir || '/';
  makeFolder(root, workingDir, mounts);
  const dropsAll = container.securityContext?.capabilities?.drop?.includes('ALL') ?? false;
  const { before, options } = users.enter(user, dropsAll);
  const variables = new Map([['PATH', PATH], ['HOSTNAME', hostname], ['HOME', user.uid === 0 ? '/root' : '/'], ...environment]);
  return {
    before,
    options: [
      ...options,
      ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--hostname', hostname, '--die-with-parent', '--new-session', '--as-pid-1'],
      ...['--bind', root, '/', '--proc', '/proc', '--dev', '/dev'],
      ...mounts.flatMap(({ path, source, readOnly }) => [readOnly ? '--ro-bind' : '--bind', source, path]),
      ...(container.securityContext?.readOnlyRootFilesystem ? ['--remount-ro', '/'] : []),
      ...['--chdir', workingDir, '--clearenv'],
      ...[...variables].flatMap(([name, value]) => ['--setenv', name, value]),
    ],
    command: commandOf(container, environment),
    terminationFile,
  };
}

function commandOf({ command, args }: Container, environment: ReadonlyMap<string, string>): readonly string[] {
  const expanded = (words: readonly string[] = []): readonly string[] => words.map((word) => expandVariables(word, environment));
  return [...(command?.length ? expanded(command) : args?.length ? [] : COMMAND), ...expanded(args)];
}

/** Whoever the container runs as may write to it. */
function writeOpen(file: string, text: string): string {
  writeFileSync(file, text);
  chmodSync(file, 0o666);
  return file;
}
