import { ContainerProcess } from './container-process.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * Runs a command beside a container: in its root, its mounts and with its variables, as its user. It sees not its processes, but namespaces of its own.
 * Resolves with whether it ended well, and in time.
 */
export async function execBeside(sandbox: Sandbox, command: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const process = new ContainerProcess({ ...sandbox, command });
  const end = (): void => void process.signal('SIGKILL');
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const exit = await process.ended;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
  return exit.type === 'exited' && exit.exitCode === 0;
}
