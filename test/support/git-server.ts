import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

/** Why git cannot be tested with here; `undefined` when it can. */
export const withoutGit: string | undefined = (() => {
  try {
    const path = execFileSync('git', ['--exec-path']).toString().trim();
    return existsSync(join(path, 'git-http-backend')) ? undefined : `${path}/git-http-backend is not installed`;
  } catch {
    return 'git is not installed';
  }
})();

export interface GitServer {
  /** `http://127.0.0.1:1234`. */
  readonly url: string;
  readonly port: number;
  /** `Authorization` of each request so far. */
  readonly authorizations: readonly (string | undefined)[];
  /** Paths asked for so far. */
  readonly paths: readonly string[];
  /** Of all answers so far. */
  readonly bytes: number;
}

export interface GitServerOptions {
  /** The folder whose bare repositories are served. */
  readonly root: string;
  /** `user:password` that is wanted. */
  readonly credentials?: string | undefined;
  /** Comes before git. `true`: it has answered. */
  readonly before?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

/** A server of git's smart protocol on loopback for one test: git's own program behind Node's own server. */
export async function gitServer({ root, credentials, before }: GitServerOptions): Promise<GitServer> {
  const authorizations: (string | undefined)[] = [];
  const paths: string[] = [];
  let bytes = 0;
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    paths.push(request.url ?? '');
    if (before?.(request, response)) return;
    const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (wanted !== undefined && request.headers.authorization !== wanted) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
      return;
    }
    serve(root, request, response, (count) => {
      bytes += count;
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    authorizations,
    paths,
    get bytes() {
      return bytes;
    },
  };
}

function serve(root: string, request: IncomingMessage, response: ServerResponse, count: (bytes: number) => void): void {
  const url = new URL(request.url ?? '/', 'http://x');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => {});
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    const output = Buffer.concat(chunks);
    const split = output.indexOf('\r\n\r\n');
    const headers = output.subarray(0, Math.max(0, split)).toString();
    for (const line of headers.split('\r\n')) {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else if (name !== '') response.setHeader(name, value);
    }
    count(output.byteLength);
    response.end(output.subarray(split + 4));
  });
}

export interface TestRepository {
  /** The folder to serve. */
  readonly root: string;
  /** Of the bare repository, below the root: `/repo.git`. */
  readonly path: string;
  /** Runs git in the work tree; gives what it says. */
  git(...args: readonly string[]): string;
  /** Writes files (a link where the text begins with `-> `), commits and gives the commit's name. */
  commit(files: Readonly<Record<string, string>>): string;
}

/** A repository with a bare twin beside it, which every commit and tag goes to. */
export function testRepository(options: { readonly allowFilter?: boolean } = {}): TestRepository {
  const root = temporaryDirectory();
  const work = join(root, 'work');
  const bare = join(root, 'repo.git');
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@test',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@test',
  };
  const run = (directory: string, args: readonly string[]): string =>
    execFileSync('git', ['-C', directory, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim();
  mkdirSync(work);
  run(root, ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  run(root, ['init', '--quiet', '--initial-branch=main', work]);
  run(work, ['remote', 'add', 'origin', bare]);
  if (options.allowFilter !== false) run(bare, ['config', 'uploadpack.allowFilter', 'true']);
  return {
    root,
    path: '/repo.git',
    git: (...args) => run(work, args),
    commit(files) {
      for (const [name, text] of Object.entries(files)) {
        const path = join(work, name);
        mkdirSync(dirname(path), { recursive: true });
        if (text.startsWith('-> ')) symlinkSync(text.slice(3), path);
        else writeFileSync(path, text);
      }
      run(work, ['add', '--all']);
      run(work, ['commit', '--quiet', '--allow-empty', '-m', 'x']);
      run(work, ['push', '--quiet', '--force', 'origin', 'main']);
      return run(work, ['rev-parse', 'HEAD']);
    },
  };
}
