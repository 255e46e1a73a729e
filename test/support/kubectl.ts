import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Kubectl {
  /** Runs it to its end; `input` goes to its standard input. */
  run(args: readonly string[], input?: string, env?: Readonly<Record<string, string>>): Promise<CommandResult>;
  /** Starts one that goes on. */
  start(args: readonly string[]): ChildProcess;
  /** Removes what it cached. */
  close(): void;
}

/** Whether a `kubectl` of this decade is on the path; older ones ask for things in protobuf. */
export function hasKubectl(): boolean {
  try {
    const version: unknown = JSON.parse(execFileSync('kubectl', ['version', '--client', '-o', 'json']).toString());
    const { clientVersion } = version as { readonly clientVersion: { readonly minor: string } };
    return Number.parseInt(clientVersion.minor, 10) >= 28;
  } catch {
    return false;
  }
}

/** The real `kubectl`, on a server's own kubeconfig, with nothing of the user's: neither configuration nor cache. */
export function kubectl(kubeconfig: string): Kubectl {
  const home = mkdtempSync(join(tmpdir(), 'tappet-kubectl-'));
  const environment = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig, TMPDIR: home };
  return {
    run: (args, input = '', env = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn('kubectl', args, { env: { ...environment, ...env } });
        let [stdout, stderr] = ['', ''];
        child.stdout.on('data', (chunk: Buffer) => {
          stdout += chunk.toString();
        });
        child.stderr.on('data', (chunk: Buffer) => {
          stderr += chunk.toString();
        });
        child.once('error', reject);
        child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
        child.stdin.end(input);
      }),
    start: (args) => spawn('kubectl', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
