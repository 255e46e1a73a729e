import { spawn } from 'node:child_process';
import type { Sandbox } from './sandbox.ts';

/**
 * Runs a command beside a container: in its root, its mounts and with its variables, as its user. It sees not its processes, but namespaces of its own.
 * Resolves with the exit code; 124 when it took longer than it may.
 */
export function execBeside(
  { before, options }: Sandbox,
  command: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number> {
  const [program = '', ...args] = [...before, 'bwrap', ...options, '--', ...command];
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: '/', stdio: 'ignore' });
    let tooLong = false;
    const end = (): void => {
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      tooLong = true;
      end();
    }, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    child.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve(tooLong ? 124 : (code ?? 137));
    });
    child.once('error', () => resolve(126));
  });
}
