import { spawn } from 'node:child_process';

export interface GitRun {
  /** A bare repository of its own; nothing of it outlives the question. */
  readonly directory: string;
  readonly args: readonly string[];
  readonly input?: string | undefined;
  /** Colon-separated, as git takes it. */
  readonly protocols: string;
  readonly mostOutputBytes: number;
  /** Of one file that git writes. */
  readonly mostFileBytes: number;
  readonly signal: AbortSignal;
}

export type GitEnd =
  | { readonly type: 'ended'; readonly code: number; readonly stdout: Buffer; readonly stderr: string }
  /** Told to stop, and stopped. */
  | { readonly type: 'stopped' }
  /** There is no git, or no process to be had. */
  | { readonly type: 'failed'; readonly message: string };

/** What POSIX counts files in. */
const BLOCK_BYTES = 512;
/** Of a git process's address space: a small pack may unfold to anything. */
const MOST_MEMORY_KIB = 4 * 1024 * 1024;
const MOST_STDERR = 8 * 1024;

/**
 * Runs git and nothing else of the user's: no configuration but the repository's own, no hooks, helpers, prompts or attributes of the machine,
 * no variables of the server's environment, only the protocols named. All it starts ends with it.
 */
export function runGit({ directory, args, input = '', protocols, mostOutputBytes, mostFileBytes, signal }: GitRun): Promise<GitEnd> {
  if (signal.aborted) return Promise.resolve({ type: 'stopped' });
  const limits = [`-c 0`, `-f ${Math.ceil(mostFileBytes / BLOCK_BYTES)}`, `-v ${MOST_MEMORY_KIB}`];
  const script = `${limits.map((limit) => `ulimit ${limit} 2>/dev/null; `).join('')}exec git "$@"`;
  // A group of its own, so that helpers which git has started end as well.
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...args], {
    cwd: directory,
    env: environment(directory, protocols),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  };
  return new Promise((settle) => {
    const stdout: Buffer[] = [];
    let size = 0;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= mostOutputBytes) stdout.push(chunk);
      else kill();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < MOST_STDERR) stderr += chunk.toString();
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    signal.addEventListener('abort', kill, { once: true });
    const end = (answer: GitEnd): void => {
      signal.removeEventListener('abort', kill);
      settle(answer);
    };
    child.on('error', (error) => end({ type: 'failed', message: `git cannot be started: ${error.message}` }));
    child.on('close', (code) => {
      if (signal.aborted) end({ type: 'stopped' });
      else if (code === 127) end({ type: 'failed', message: 'git is not installed on this server' });
      else if (size > mostOutputBytes) end({ type: 'failed', message: `git says more than ${mostOutputBytes} bytes` });
      else end({ type: 'ended', code: code ?? -1, stdout: Buffer.concat(stdout), stderr });
    });
  });
}

function environment(directory: string, protocols: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: directory,
    LC_ALL: 'C',
    GIT_DIR: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: `${directory}/global`,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_CEILING_DIRECTORIES: directory,
  };
}
