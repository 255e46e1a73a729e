import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ExecSession, TakeOutput } from '../../ports/runtime.ts';
import type { WrapperCommand } from './isolation.ts';

/**
 * Starts a user's command beside a container, in the container's directory on this machine. For a terminal `script` (util-linux) makes one: Node cannot. Its size cannot be changed then.
 */
export function startExec(command: WrapperCommand, dir: string, tty: boolean, output: TakeOutput): ExecSession {
  const words = ['/bin/sh', ...command.arguments];
  const [program = '', ...rest] = tty ? inTerminal(words) : words;
  const child = spawn(program, rest, { env: command.env, cwd: dir, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdin } = child;
  for (const stream of child.stdio) stream?.on('error', () => undefined);
  return {
    exitCode: ended(child, output),
    write: (data) => void stdin?.write(data),
    endInput: () => void stdin?.end(),
    kill: () => killGroup(child.pid),
  };
}

async function ended(child: ChildProcess, output: TakeOutput): Promise<number> {
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  const read = Promise.all([taken(child.stdout, 'stdout', output), taken(child.stderr, 'stderr', output)]);
  const code = await exited;
  // What it has left running may hold its output open.
  killGroup(child.pid);
  await read;
  return code;
}

async function taken(stream: Readable | null, name: 'stdout' | 'stderr', output: TakeOutput): Promise<void> {
  if (stream === null) return;
  try {
    for await (const chunk of stream) await output(name, chunk);
  } catch {
    // The reader has gone.
    if (!stream.destroyed) await once(stream, 'close');
  }
}

function inTerminal(words: readonly string[]): string[] {
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return ['script', '-q', '-e', '-f', '-c', line, '/dev/null'];
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
