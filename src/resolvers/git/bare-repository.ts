import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Remote {
  readonly url: string;
  /** Of one request header, for this remote's origin only. */
  readonly authorization?: string | undefined;
  /** `host:port:address[,address]`: where the host is, as it was checked. Git 2.37 and newer connects to no other place. */
  readonly pin?: string | undefined;
  readonly isFile: boolean;
}

/** An empty bare repository that knows one remote, made without git. What it may do is all in its configuration; no other is read. */
export async function createBareRepository(parent: string, remote: Remote): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(parent, 'git-'));
  await Promise.all([
    mkdir(join(directory, 'objects')),
    mkdir(join(directory, 'refs')),
    writeFile(join(directory, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(join(directory, 'config'), configuration(remote), { mode: 0o600 }),
    // Whose repository it is matters not where the settings allow those of this machine; git takes that from here only.
    writeFile(join(directory, 'global'), remote.isFile ? '[safe]\n\tdirectory = *\n' : ''),
  ]);
  return directory;
}

export function removeRepository(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

function configuration({ url, authorization, pin, isFile }: Remote): string {
  const sections: [string, readonly [string, string][]][] = [
    [
      'core',
      [
        ['repositoryFormatVersion', '1'],
        ['bare', 'true'],
        ['hooksPath', '/dev/null'],
        ['fsmonitor', 'false'],
        ['askPass', ''],
        // Larger objects are streamed, and not held in memory.
        ['bigFileThreshold', '1m'],
        ['deltaBaseCacheLimit', '16m'],
      ],
    ],
    // Only the file that is asked for is fetched, where the server can do that; others send the commit whole.
    ['extensions', [['partialClone', 'origin']]],
    [
      'remote "origin"',
      [
        ['url', url],
        ['promisor', 'true'],
        ['partialCloneFilter', 'blob:none'],
        ['tagOpt', '--no-tags'],
      ],
    ],
    ['protocol', [['version', '2']]],
    ['protocol "file"', [['allow', isFile ? 'always' : 'never']]],
    ['credential', [['helper', '']]],
    [
      'http',
      [
        ['followRedirects', 'false'],
        ['proxy', ''],
        ['sslVerify', 'true'],
        ...(pin === undefined ? [] : [['curloptResolve', pin] as [string, string]]),
      ],
    ],
    ['transfer', [['credentialsInUrl', 'die']]],
    [
      'fetch',
      [
        ['recurseSubmodules', 'false'],
        ['unpackLimit', '1'],
        ['writeCommitGraph', 'false'],
      ],
    ],
    ['pack', [['threads', '1']]],
    ['submodule', [['recurse', 'false']]],
    ['gc', [['auto', '0']]],
    ['maintenance', [['auto', 'false']]],
    ...(authorization === undefined
      ? []
      : [
          [`http "${new URL(url).origin}/"`, [['extraHeader', `Authorization: ${authorization}`]]] as [string, readonly [string, string][]],
        ]),
  ];
  return sections
    .map(([name, entries]) => `[${name}]\n${entries.map(([key, value]) => `\t${key} = ${quoted(value)}\n`).join('')}`)
    .join('');
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
