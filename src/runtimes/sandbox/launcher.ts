import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrapperCommand } from './isolation.ts';

/**
 * A shell that starts other shells. Node forks itself to start a process, which copies its page tables and holds up everything else: 1 ms at
 * 46 MB, 3 ms at 110 MB, 15 ms at 260 MB of memory. A small shell forks in a fraction of that, whatever our size.
 *
 * It reads the path of a launch file a line, and starts it in a session of its own. Whatever it has started writes its folder to descriptor 5 when it
 * has left its exit record, and lives on when this shell and the server do not.
 */
const SHELL = `exec 5>&1 > /dev/null 2>&1
command -v setsid || exit 127
printf 'ready\\n' >&5
while IFS= read -r launch; do
  setsid /bin/sh "$launch" < /dev/null &
  jobs
done`;

const LAUNCH_FILE = 'launch';

export class Launcher {
  readonly #waiting = new Map<string, () => void>();
  #shell: ChildProcess;
  #usable: Promise<boolean>;
  #closed = false;

  constructor() {
    [this.#shell, this.#usable] = this.#start();
  }

  /**
   * Starts the wrapper of the container whose folder is `dir`. `false`: this machine has no setsid, start it some other way. `recorded`
   * resolves when the wrapper says that its exit record is there; it may never do so (killed, or the launcher died), so look now and then.
   */
  async launch(dir: string, command: WrapperCommand): Promise<{ readonly recorded: Promise<void> } | false> {
    if (!(await this.#usable)) return false;
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) {
      [this.#shell, this.#usable] = this.#start();
      if (!(await this.#usable)) return false;
    }
    const file = join(dir, LAUNCH_FILE);
    await writeFile(file, launchFile(command), { mode: 0o600 });
    const recorded = new Promise<void>((resolve) => this.#waiting.set(dir, resolve));
    this.#shell.stdin?.write(`${file}\n`);
    return { recorded };
  }

  /** Nobody waits for this container any more. */
  forget(dir: string): void {
    this.#waiting.delete(dir);
  }

  close(): void {
    this.#closed = true;
    this.#shell.stdin?.end();
    this.#waiting.clear();
  }

  #start(): [ChildProcess, Promise<boolean>] {
    const shell = spawn('/bin/sh', ['-c', SHELL], {
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      detached: true,
    });
    shell.unref();
    let rest = '';
    const usable = new Promise<boolean>((resolve) => {
      shell.once('error', () => resolve(false));
      shell.once('close', () => resolve(false));
      shell.stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line === 'ready') resolve(true);
          else this.#noticed(line);
        }
      });
    });
    // A launcher that died is replaced at the next launch; writing to it in between must not end the server.
    shell.stdin.on('error', () => undefined);
    // Neither end keeps a server alive that has nothing else to do.
    for (const stream of [shell.stdin, shell.stdout]) if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
    return [shell, usable];
  }

  #noticed(dir: string): void {
    if (this.#closed) return;
    const resolve = this.#waiting.get(dir);
    this.#waiting.delete(dir);
    resolve?.();
  }
}

function launchFile({ arguments: args, env }: WrapperCommand): string {
  const exports = Object.entries(env)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => `export ${name}=${quote(value)}\n`);
  const [script = '', ...rest] = args;
  // The wrapper is read by the shell that is there: one program less to start.
  const begin = script.startsWith('-')
    ? `exec /bin/sh ${args.map(quote).join(' ')}`
    : `set -- ${rest.map(quote).join(' ')}\n. ${quote(script)}`;
  return `${exports.join('')}${begin}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
