import { execFile } from 'node:child_process';
import { copyFile, mkdir, readlink, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';

const run = promisify(execFile);

/** Debian's static busybox; its applets are what alpine's userland is. */
const BUSYBOX = '/bin/busybox';

export interface StandIns {
  /** A file. */
  readonly imageMap: string;
  /** What this machine lacks for some of them. */
  readonly missing: readonly string[];
}

/** For people: which of this machine's trees serves which images. */
export const SERVED = [
  `alpine, busybox, chainguard/busybox, tekton's nop: a root of the applets of ${BUSYBOX} (sh is ash, as in alpine)`,
  "bash: the same and this machine's /bin/bash",
  "ubuntu, debian, node, perl, python: this machine's own programs, read-only (sh is dash, as in ubuntu)",
];

/**
 * Builds unpacked image roots from this machine's own programs, for conformance runs where no registry can be reached, and
 * gives the image map that says which tree serves which image:
 *
 * | images | served by | ENTRYPOINT | CMD |
 * | --- | --- | --- | --- |
 * | `alpine`, `chainguard/busybox`, `busybox` | a root of busybox applets (its `sh` is ash, as in alpine) | none | `/bin/sh` / `sh` |
 * | `bash` | the same and this machine's bash | `docker-entrypoint.sh` | `bash` |
 * | `tekton-nop` | the same and a program that ends at once | `/ko-app/nop` | none |
 * | `ubuntu`, `debian`, `node`, `perl`, `python` | this machine's own programs (`sh` is dash, as in ubuntu) | none | `/bin/bash`, `node`, … |
 */
export async function standInImages(directory: string): Promise<StandIns> {
  const missing: string[] = [];
  if (!(await exists(BUSYBOX))) missing.push('busybox-static (alpine, bash and busybox images)');
  const alpine = join(directory, 'alpine');
  const bash = join(directory, 'bash');
  if (missing.length === 0) {
    await busyboxRoot(alpine);
    await busyboxRoot(bash);
    await addProgram(bash, '/bin/bash', '/usr/local/bin/bash');
    await writeScript(join(bash, 'usr/local/bin/docker-entrypoint.sh'), BASH_ENTRYPOINT);
    await mkdir(join(alpine, 'ko-app'), { recursive: true });
    await writeScript(join(alpine, 'ko-app/nop'), '#!/bin/sh\nexit 0\n');
  }
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const images = [
    { pattern: '*/nop-*', serves: alpine, entrypoint: ['/ko-app/nop'] },
    { pattern: '*chainguard/busybox*', serves: alpine, entrypoint: [], cmd: ['/bin/sh'], env: { PATH: path } },
    ...['busybox', '*/busybox', '*/busybox:*', '*/busybox@*'].map((pattern) => ({
      pattern,
      serves: alpine,
      cmd: ['sh'],
      env: { PATH: path },
    })),
    ...named('alpine').map((pattern) => ({ pattern, serves: alpine, cmd: ['/bin/sh'], env: { PATH: path } })),
    ...named('bash').map((pattern) => ({
      pattern,
      serves: bash,
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['bash'],
      env: { PATH: path },
    })),
    ...named('node').map((pattern) => ({ pattern, serves: 'host', cmd: ['node'] })),
    ...named('perl').map((pattern) => ({ pattern, serves: 'host', cmd: ['perl'] })),
    ...named('python').map((pattern) => ({ pattern, serves: 'host', cmd: ['python3'] })),
    ...[...named('ubuntu'), ...named('debian')].map((pattern) => ({ pattern, serves: 'host', cmd: ['/bin/bash'] })),
  ];
  const imageMap = join(directory, 'image-map.yaml');
  await writeFile(imageMap, stringify({ images }));
  return { imageMap, missing };
}

/** As the official bash image's: a first argument that is an option, or none, means bash. */
const BASH_ENTRYPOINT = `#!/usr/local/bin/bash
set -e
if [ "\${1#-}" != "$1" ] || [ $# -eq 0 ]; then
  set -- bash "$@"
fi
exec "$@"
`;

function named(image: string): string[] {
  return [image, `*/${image}`, `${image}:*`, `*/${image}:*`, `${image}@*`, `*/${image}@*`];
}

export async function busyboxRoot(root: string): Promise<void> {
  for (const folder of ['bin', 'etc', 'root', 'tmp', 'usr/bin', 'usr/sbin', 'usr/local/bin', 'sbin', 'var/tmp', 'home']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await copyFile(BUSYBOX, join(root, 'bin/busybox'));
  const { stdout } = await run(BUSYBOX, ['--list']);
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox')) {
    await symlink('/bin/busybox', join(root, 'bin', applet)).catch(ignoreExisting);
  }
  await symlink('/bin/env', join(root, 'usr/bin/env')).catch(ignoreExisting);
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n');
}

/** Copies a program of this machine into a root, with the libraries it is linked to. */
async function addProgram(root: string, program: string, as: string): Promise<void> {
  await copyInto(root, await realpath(program), as);
  const { stdout } = await run('ldd', [program]);
  for (const [, library] of stdout.matchAll(/(\/\S+)/g)) if (library !== undefined) await copyInto(root, await realpath(library), library);
}

async function copyInto(root: string, from: string, to: string): Promise<void> {
  await mkdir(join(root, dirname(to)), { recursive: true });
  await copyFile(from, join(root, to));
}

async function writeScript(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode: 0o755 });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () =>
      readlink(path)
        .then(() => true)
        .catch(() => false),
  );
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
