import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { cp, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { CliError, exitCodes } from './cli-error.ts';

const run = promisify(execFile);

export interface DemoRepository {
  /** `http://127.0.0.1:PORT/greet.git` */
  readonly url: string;
  /** Head of the pull request. */
  readonly sha: string;
  close(): Promise<void>;
}

/** Makes a git repository on the spot, with a pull request's commit on a branch, and serves it over HTTP on loopback. */
export async function demoRepository(sources: string, directory: string): Promise<DemoRepository> {
  const work = join(directory, 'greet');
  const bare = join(directory, 'served', 'greet.git');
  await mkdir(join(directory, 'served'), { recursive: true });
  await cp(sources, work, { recursive: true });
  const git = (cwd: string, ...args: string[]): Promise<string> => gitCommand(cwd, directory, args);
  await git(work, 'init', '-q', '--initial-branch=main');
  await git(work, 'add', '.');
  await git(work, 'commit', '-q', '-m', 'Greet');
  await git(work, 'checkout', '-q', '-b', 'polite');
  await writeFile(join(work, 'NOTES.md'), 'Greets politely.\n');
  await git(work, 'add', '.');
  await git(work, 'commit', '-q', '-m', 'Be polite');
  const sha = (await git(work, 'rev-parse', 'HEAD')).trim();
  await git(directory, 'clone', '-q', '--bare', work, bare);
  // The "dumb" protocol: plain files over HTTP, no server program of git's needed.
  await git(bare, 'update-server-info');
  const { port, close } = await serveFiles(join(directory, 'served'));
  return { url: `http://127.0.0.1:${port}/greet.git`, sha, close };
}

async function gitCommand(cwd: string, home: string, args: readonly string[]): Promise<string> {
  const identity = {
    GIT_AUTHOR_NAME: 'Tappet',
    GIT_AUTHOR_EMAIL: 'demo@localhost',
    GIT_COMMITTER_NAME: 'Tappet',
    GIT_COMMITTER_EMAIL: 'demo@localhost',
  };
  try {
    // A clean environment: the user's own git configuration (hooks, signing) has no say in a demonstration.
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1', ...identity };
    return (await run('git', [...args], { cwd, env })).stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new CliError(
        exitCodes.unavailable,
        'the demo clones a repository and needs git: install it (Debian, Ubuntu: apt-get install git) and try again',
        { cause: error },
      );
    }
    throw error;
  }
}

async function serveFiles(folder: string): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const root = await realpath(folder);
  const server = createServer(async (request, response) => {
    const path = join(root, decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const inside = path.startsWith(root + sep);
    const info = inside ? await stat(path).catch(() => undefined) : undefined;
    if (info === undefined || !info.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': info.size });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
