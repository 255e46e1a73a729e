import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

export type BubblewrapProbe =
  | { readonly ok: true; readonly version: string; readonly disablesUserNamespaces: boolean }
  | { readonly ok: false; readonly message: string; readonly remedy: string };

const essentials = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--cap-drop',
  'ALL',
  '--die-with-parent',
  '--new-session',
];
const PROBE_DEADLINE_MS = 10_000;

/** Installed is not usable: runs a sandbox and says what stood in the way. */
export async function probeBubblewrap(program = 'bwrap', facts?: { readonly appArmorRestricts: boolean }): Promise<BubblewrapProbe> {
  const version = await run(program, ['--version']);
  if (version.type === 'absent') {
    return {
      ok: false,
      message: `${program} is not installed: ${version.message}`,
      remedy: 'Install the package "bubblewrap" (apt, dnf, pacman, apk), or choose isolation "process" to run steps without a sandbox.',
    };
  }
  const tried = await run(program, [...essentials, '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true']);
  if (tried.type !== 'ended' || tried.code !== 0) {
    const stderr = tried.type === 'ended' ? tried.stderr.trim() || `exit code ${tried.code}` : tried.message;
    return {
      ok: false,
      message: `${program} is installed but cannot make a sandbox: ${stderr}`,
      remedy: remedyFor(stderr, facts?.appArmorRestricts ?? (await appArmorRestricts())),
    };
  }
  const nested = await run(program, [...essentials, '--disable-userns', '--ro-bind', '/', '/', 'true']);
  return {
    ok: true,
    version: version.type === 'ended' ? version.stdout.trim() : 'unknown',
    disablesUserNamespaces: nested.type === 'ended' && nested.code === 0,
  };
}

function remedyFor(stderr: string, isAppArmor: boolean): string {
  if (isAppArmor) {
    return (
      'AppArmor keeps programs from making user namespaces (Ubuntu 23.10 and later). Allow it for bwrap: write ' +
      '"abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, include if exists <local/bwrap> }" ' +
      'to /etc/apparmor.d/bwrap and run "sudo systemctl reload apparmor".'
    );
  }
  if (/max_\*_namespaces|No space left on device|ENOSPC/.test(stderr)) {
    return 'User namespaces are switched off or used up: raise them with "sudo sysctl user.max_user_namespaces=15000".';
  }
  if (/Operation not permitted|Permission denied|EPERM/.test(stderr)) {
    return (
      'This machine or container does not let us make namespaces. In a container, run it with --security-opt seccomp=unconfined ' +
      '--security-opt apparmor=unconfined; on Debian 10 and older set "sysctl kernel.unprivileged_userns_clone=1".'
    );
  }
  return 'Run the bwrap command by hand to see more, or choose isolation "process" to run steps without a sandbox.';
}

async function appArmorRestricts(): Promise<boolean> {
  return (await readFile('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 'utf8').catch(() => '')).trim() === '1';
}

type Outcome =
  | { readonly type: 'ended'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly type: 'absent'; readonly message: string };

async function run(program: string, options: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, options, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    });
    // Node's own `timeout` keeps the process alive for as long when the program is not there.
    setTimeout(() => child.kill(), PROBE_DEADLINE_MS).unref();
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('error', (error) => resolve({ type: 'absent', message: error.message }));
    child.on('close', (code, killedBy) =>
      resolve({ type: 'ended', code: code ?? 1, stdout, stderr: killedBy === null ? stderr : `${stderr} killed by ${killedBy}` }),
    );
  });
}
