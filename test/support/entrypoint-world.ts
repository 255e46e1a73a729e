import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { entrypointText, resultsLogText, substituteText } from '../../src/runtimes/kubernetes/entrypoint/entrypoint-text.ts';
import { readTermination, type Termination } from '../../src/runtimes/kubernetes/observation/read-termination.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Where this machine has a program, if it does. */
export function whereIs(program: string): string | undefined {
  const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

export const busybox = process.env['TAPPET_TEST_BUSYBOX'] ?? whereIs('busybox');

export type Shell = readonly [string, ...string[]];

export interface StepEnded {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
  readonly termination: Termination | undefined;
  /** The message as written. */
  readonly message: string;
}

export interface RunningStep {
  readonly process: ChildProcess;
  readonly ended: Promise<StepEnded>;
  /** Resolves when its output so far contains the text. */
  says(text: string): Promise<void>;
}

/** One pod's `/tekton` as a folder of this machine, and its steps as processes of it. */
export class EntrypointWorld {
  readonly root = temporaryDirectory();
  readonly #shell: Shell;

  constructor(shell: Shell) {
    this.#shell = shell;
    for (const name of ['bin', 'bin/bin', 'scripts', 'run', 'steps', 'results', 'artifacts', 'creds']) mkdirSync(this.path(name));
    symlinkSync(busybox ?? '', this.path('bin/bin/busybox'));
    // As pods get them.
    this.write('scripts/substitute', substituteText);
    this.write('scripts/entrypoint', entrypointText);
    this.write('scripts/results-log', resultsLogText);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  read(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : undefined;
  }

  write(name: string, contents: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), contents);
  }

  /** Each step has a termination message of its own. */
  start(
    index: number,
    command: readonly string[],
    { flags = [], env = {}, words = [] }: { flags?: readonly string[]; env?: Record<string, string>; words?: readonly string[] } = {},
  ): RunningStep {
    const container = `step-s${index}`;
    const own = this.path(`own-${index}`);
    // In a pod `/tekton/termination` is each container's own file.
    if (!existsSync(own)) {
      for (const name of [`run/${index}`, `steps/${container}`, `steps/${index}`, `own-${index}`])
        mkdirSync(this.path(name), { recursive: true });
      for (const name of ['bin', 'scripts', 'run', 'steps', 'results', 'artifacts', 'creds', 'creds-secrets'])
        symlinkSync(this.path(name), join(own, name));
    }
    const [shell, ...shellArgs] = this.#shell;
    const entrypoint = [this.path('scripts/entrypoint'), '-root', own, '-index', String(index), '-container', container];
    const process_ = spawn(shell, [...shellArgs, ...entrypoint, ...flags, '--', ...words, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: this.path('home'), ...env },
    });
    onTestFinished(() => {
      process_.kill('SIGKILL');
    });
    const said = { output: '', errors: '' };
    const waiting = new Set<() => void>();
    process_.stdout.on('data', (chunk) => {
      said.output += String(chunk);
      for (const look of waiting) look();
    });
    process_.stderr.on('data', (chunk) => {
      said.errors += String(chunk);
    });
    const ended = new Promise<StepEnded>((resolve, reject) => {
      process_.on('error', reject);
      process_.on('close', (exitCode) => {
        const file = join(own, 'termination');
        const message = existsSync(file) ? readFileSync(file, 'utf8') : '';
        resolve({ exitCode, ...said, message, termination: readTermination(message) });
      });
    });
    const says = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!said.output.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    return { process: process_, ended, says };
  }

  run(index: number, command: readonly string[], options?: Parameters<EntrypointWorld['start']>[2]): Promise<StepEnded> {
    return this.start(index, command, options).ended;
  }

  /** The container that prints results behind so many steps. */
  startResultsLog(
    steps: number,
    flags: readonly string[],
  ): { readonly process: ChildProcess; said(): string; readonly ended: Promise<Pick<StepEnded, 'exitCode' | 'output'>> } {
    const [shell, ...shellArgs] = this.#shell;
    const words = [this.path('scripts/results-log'), '-root', this.root, '-index', String(steps), ...flags];
    const process_ = spawn(shell, [...shellArgs, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      process_.kill('SIGKILL');
    });
    let output = '';
    process_.stdout.on('data', (chunk) => {
      output += String(chunk);
    });
    const ended = new Promise<Pick<StepEnded, 'exitCode' | 'output'>>((resolve, reject) => {
      process_.on('error', reject);
      process_.on('close', (exitCode) => resolve({ exitCode, output }));
    });
    return { process: process_, said: () => output, ended };
  }

  /** Resolves when so many processes of this command have the file open. */
  async isOpen(name: string, command: string, times = 1): Promise<void> {
    const opened = (): number => processes().filter((pid) => has(pid, command, this.path(name))).length;
    while (opened() < times) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** A program of the image. */
  program(name: string, text: string): string {
    this.write(name, text);
    chmodSync(this.path(name), 0o755);
    return this.path(name);
  }
}

const processes = (): readonly string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

function has(pid: string, command: string, file: string): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(command)) return false;
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === file);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
