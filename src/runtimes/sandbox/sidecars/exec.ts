import { spawn } from 'node:child_process';
import type { WrapperCommand } from '../isolation.ts';
import { signal as send } from '../process-table.ts';
import type { CheckOutcome } from './run-check.ts';

/** How much of what it prints is kept for the container's log. */
const OUTPUT_LIMIT_BYTES = 4_096;

export type ExecResult = CheckOutcome & { readonly output: string };

/** Runs a command beside a container, as a child of ours: it ends with us or when the signal says so. */
export function exec(command: WrapperCommand, dir: string, signal: AbortSignal): Promise<ExecResult> {
  return new Promise((resolve) => {
    // The directory is the container's own, see `Isolation.exec`. From the main thread: --die-with-parent follows threads.
    const child = spawn('/bin/sh', command.arguments, { cwd: dir, env: command.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const read = (chunk: Buffer): void => {
      if (output.length < OUTPUT_LIMIT_BYTES) output += chunk.toString('utf8').slice(0, OUTPUT_LIMIT_BYTES - output.length);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    const settle = (outcome: CheckOutcome): void => {
      signal.removeEventListener('abort', kill);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ ...outcome, output });
    };
    const kill = (): void => {
      if (child.pid !== undefined) send(-child.pid, 'SIGKILL');
    };
    child.once('error', ({ message }) => settle({ ok: false, message }));
    // Not `close`: what it has left in the background may hold its output open.
    child.once('exit', (code) => {
      if (signal.aborted) settle({ ok: false, message: 'no answer in time' });
      else settle(code === 0 ? { ok: true } : { ok: false, message: `exit code ${code ?? 137}` });
    });
    if (signal.aborted) kill();
    else signal.addEventListener('abort', kill, { once: true });
  });
}
