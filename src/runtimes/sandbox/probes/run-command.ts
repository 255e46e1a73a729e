import { spawn } from 'node:child_process';

/** A process to start beside a container. */
export interface BesideCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from descriptor 3, if it does. */
  readonly options?: string | undefined;
}

const MOST_OUTPUT = 10 * 1024;

/** Runs it to its end, or kills it when its time is over. Output beyond 10 KiB is dropped, as the kubelet does. */
export function runBeside(command: BesideCommand, timeoutMs: number): Promise<{ readonly exitCode: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.program, command.arguments, {
      env: command.env,
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    const keep = (chunk: Buffer): void => {
      if (size < MOST_OUTPUT) chunks.push(chunk);
      size += chunk.length;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs / 1_000} s`));
      killGroup(child.pid);
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // What it has left behind may hold its output open: the command itself is what counts.
    child.once('exit', (code) => {
      clearTimeout(timer);
      setImmediate(() => {
        resolve({ exitCode: code ?? 137, output: Buffer.concat(chunks).toString('utf8').slice(0, MOST_OUTPUT) });
        killGroup(child.pid);
        for (const stream of child.stdio) stream?.destroy();
      });
    });
    const options = child.stdio[3];
    options?.on('error', () => undefined);
    if (options !== undefined && options !== null && 'end' in options) options.end(command.options ?? '');
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
