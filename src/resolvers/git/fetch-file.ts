import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { goQuote } from '../../expressions/variables/go-quote.ts';
import { mostBytes, type Resolution } from '../../ports/resolver.ts';
import { createBareRepository, type Remote, removeRepository } from './bare-repository.ts';
import { type GitEnd, runGit } from './run-git.ts';

export interface FileQuestion {
  readonly remote: Remote;
  readonly revision: string;
  readonly path: string;
  /** Of the pack that is fetched. */
  readonly mostFetchedBytes: number;
}

export type FetchedFile =
  | { readonly ok: true; readonly data: Uint8Array; readonly commit: string; readonly isTag: boolean }
  | Extract<Resolution, { readonly ok: false }>;

type Failure = Extract<FetchedFile, { readonly ok: false }>;

/** As much as git writes at once. */
const WRITE_BYTES = 16 * 1024;
const stopped: Failure = { ok: false, outlook: 'slow', message: 'context deadline exceeded' };

/**
 * One file as one commit has it. Nothing is checked out: git reads the file from its own objects and follows links only within the commit, so
 * that no name in a repository is ever a name on this disk.
 */
export async function fetchFile(question: FileQuestion, parent: string, signal: AbortSignal): Promise<FetchedFile> {
  const { remote, revision, path, mostFetchedBytes } = question;
  const directory = await createBareRepository(parent, remote);
  const protocols = remote.isFile ? 'file' : 'https:http';
  const git = (args: readonly string[], input?: string): Promise<GitEnd> =>
    runGit({ directory, args, input, protocols, mostOutputBytes: mostBytes + 4_096, mostFileBytes: mostFetchedBytes, signal });
  try {
    const fetched = await git([
      'fetch',
      '--quiet',
      '--depth=1',
      '--no-tags',
      '--no-recurse-submodules',
      '--filter=blob:none',
      '--',
      'origin',
      revision,
    ]);
    if (fetched.type !== 'ended') return unended(fetched);
    if (fetched.code !== 0) {
      const isFull = (await largestPack(directory)) + WRITE_BYTES >= mostFetchedBytes;
      return isFull
        ? failed(`git fetch error: ${revision} is larger than ${mostFetchedBytes} bytes`)
        : fetchFailed(fetched.stderr, fetched.code);
    }

    const looked = await git(['cat-file', '--batch-check', '--follow-symlinks'], `FETCH_HEAD^{commit}\nFETCH_HEAD:${path}\n`);
    if (looked.type !== 'ended') return unended(looked);
    if (looked.code !== 0) return fetchFailed(looked.stderr, looked.code);
    const [first = '', second = ''] = looked.stdout.toString().split('\n');
    const [commit = '', type] = first.split(' ');
    if (type !== 'commit') return failed(`git fetch error: ${revision} is no commit`);
    const [object = '', kind, size] = second.split(' ');
    const wrong = entryError(object, kind, Number(size));
    if (wrong !== undefined) return failed(`error opening file ${goQuote(path)}: ${wrong}`);

    const read = await git(['cat-file', 'blob', object]);
    if (read.type !== 'ended') return unended(read);
    if (read.code !== 0) return fetchFailed(read.stderr, read.code);
    const head = await readFile(join(directory, 'FETCH_HEAD'), 'utf8').catch(() => '');
    return { ok: true, data: read.stdout, commit, isTag: /^\S+\t[^\t]*\ttag '/.test(head) };
  } finally {
    await removeRepository(directory);
  }
}

/** Git does not say that a file has met its limit, but the file is as large as that. */
async function largestPack(directory: string): Promise<number> {
  const packs = join(directory, 'objects/pack');
  const names = await readdir(packs).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(packs, name))).size));
  return Math.max(0, ...sizes);
}

/** What `cat-file --follow-symlinks` says of what is no file of the commit. */
function entryError(object: string, kind: string | undefined, size: number): string | undefined {
  if (/^[0-9a-f]{40,64}$/.test(object) && kind === 'blob') return size > mostBytes ? `it is larger than ${mostBytes} bytes` : undefined;
  if (kind === 'tree') return 'it is a directory';
  switch (object) {
    case 'symlink':
      return 'the path attempts to escape the repository directory (possible path traversal attack)';
    case 'loop':
      return 'too many levels of symbolic links';
    default:
      return 'file does not exist';
  }
}

function unended(end: Exclude<GitEnd, { readonly type: 'ended' }>): Failure {
  return end.type === 'stopped' ? stopped : { ok: false, outlook: 'final', message: end.message };
}

function fetchFailed(stderr: string, code: number): Failure {
  const said = telling(stderr);
  if (/could not read (?:Username|Password)|terminal prompts disabled|Authentication failed/.test(said))
    return failed('error resolving repository: clone error: authentication required');
  const message = `git fetch error: ${said}: exit status ${code}`;
  if (/couldn't find remote ref|not our ref|no such remote ref/i.test(said)) return failed(message);
  if (/returned error: 30\d|unable to update url base from redirection/.test(said))
    return failed(`error resolving repository: ${message}; redirects are not followed, name the place where the repository is now`);
  const unsure = /resolve host|connect|timed? ?out|early EOF|hung up|RPC failed|returned error: (?:408|429|5\d\d)|reset by peer/i.test(
    said,
  );
  return { ok: false, outlook: unsure ? 'unsure' : 'final', message: `error resolving repository: ${message}` };
}

/** The lines that say why, without what a terminal would act on. */
function telling(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/[\x00-\x1f\x7f]+/g, ' ').trim())
    .filter((line) => line !== '');
  const fatal = lines.filter((line) => /^(?:fatal|error|remote):/.test(line));
  return (fatal.length > 0 ? fatal : lines).join('\n').slice(0, 600);
}

function failed(message: string): Failure {
  return { ok: false, outlook: 'final', message };
}
