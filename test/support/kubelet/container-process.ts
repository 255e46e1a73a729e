import { type ChildProcess, spawn } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { ContainerLog } from './container-log.ts';
import type { Sandbox } from './sandbox.ts';

export type Exit =
  | { readonly type: 'exited'; readonly exitCode: number; readonly at: number }
  /** Its command could not be executed. */
  | { readonly type: 'not-started'; readonly message: string; readonly at: number };

/** One run of a container: bubblewrap, and the first process of its namespaces. */
export class ContainerProcess {
  readonly log = new ContainerLog();
  readonly startedAt = Date.now();
  readonly ended: Promise<Exit>;
  /** Resolves when its command is being executed, or never will be. */
  readonly begun: Promise<void>;
  readonly #child: ChildProcess;
  /** On this machine. Known when the namespaces stand. */
  readonly #first: Promise<number | undefined>;
  readonly #over = new AbortController();
  #isKilled = false;

  constructor({ before, options, command }: Sandbox) {
    const [program = '', ...args] = [...before, 'bwrap', ...options, '--json-status-fd', '3', '--', ...command];
    const child = spawn(program, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let status = '';
    let complaint = '';
    this.#first = new Promise((resolve) => {
      (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
        status += chunk.toString();
        const pid = /"child-pid": (\d+)/.exec(status)?.[1];
        if (pid !== undefined) resolve(Number(pid));
      });
      child.once('close', () => resolve(undefined));
    });
    child.stdout?.on('data', (chunk: Buffer) => this.log.write(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (complaint.length < 1_000) complaint += chunk.toString();
      this.log.write(chunk);
    });
    this.ended = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        this.#over.abort();
        this.log.end();
        resolve(exit);
      };
      child.once('error', ({ message }) => end({ type: 'not-started', message, at: Date.now() }));
      child.once('close', (code, signal) => {
        const at = Date.now();
        const wasStarted = status.includes('"exit-code"') || this.#isKilled || signal !== null;
        if (wasStarted) end({ type: 'exited', exitCode: code ?? KILLED, at });
        else {
          this.log.clear();
          end({ type: 'not-started', message: complaint.trim(), at });
        }
      });
    });
    this.begun = this.#untilExecuted();
  }

  /** Aborted when it has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when the signal has been sent. The first process of a namespace ignores what it has no handler for, but for KILL. */
  async signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const first = await this.#first;
    if (this.over.aborted) return;
    if (name === 'SIGKILL') this.#isKilled = true;
    try {
      if (first !== undefined) process.kill(first, name);
      else this.#child.kill(name);
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** What sets up the namespaces makes way for the command, and nothing tells. */
  async #untilExecuted(): Promise<void> {
    const first = await this.#first;
    while (!this.over.aborted && first !== undefined) {
      const program = await readlink(`/proc/${first}/exe`).catch(() => '');
      if (program !== '' && !program.endsWith('/bwrap')) return;
      await pause(LOOK_AGAIN_MS);
    }
  }
}

const KILLED = 137;
const LOOK_AGAIN_MS = 2;
