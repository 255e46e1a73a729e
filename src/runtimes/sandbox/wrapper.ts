import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What stands between the server and a container: a POSIX shell that outlives the server. It forks nothing but the container.
 *
 * - `set -C` makes `> started` fail when the file exists: whoever creates it runs the container, every other leaves. The file holds our
 *   process's stat line, so that a later server can tell it from a process that got the same id.
 * - Output goes straight to the log; no pipe leads to the server.
 * - TERM sent to our process group is for the container; a handler (unlike ignoring) is not inherited by it.
 * - The exit record is one write of one line.
 * - Descriptor 5, where there is one, leads to the server that launched us: it is told the folder whose exit record is there. The container does
 *   not get it.
 * - A file `cgroups` in the folder names groups that the container enters before it is executed; the wrapper stays outside, to tell how it ended.
 * - A file `streams` in the folder is the part that runs a container whose output goes to files as well.
 * - A sandbox's first process shows the environment it was started with, so our paths are taken out of it.
 */
const head = `umask 022
cd -- "$1" || exit 125
read -r tappet < /proc/$$/stat || tappet="$$"
set -C
printf '%s\\n' "$tappet" > started || exit 125
set +C
trap : TERM INT HUP
`;
const tail = `
if [ -f streams ]; then . ./streams; else container "$@" >> log 2>&1; fi
printf '%s\\n' "$?" > exit
pwd >&5
`;

/** In a container's directory: puts the process that is to become the container, or to run beside it, under its limits. */
export const enterLimits = `if [ -f cgroups ]; then while IFS= read -r tappet; do echo 0 > "$tappet/cgroup.procs" || exit 125; done < cgroups; fi
`;

/** Arguments: the container's directory, then the whole command of bwrap. */
const sandboxed = `${head}shift
unset PWD OLDPWD
container() (
  ${enterLimits}  exec "$@" < /dev/null 3< options 4> status 5>&-
)${tail}`;

/**
 * Arguments: the container's directory, its working directory, its command. The environment is the container's own, so no variable
 * that it could know is set here.
 */
const plain = `${head}container() (
  ${enterLimits}  cd -- "$2" && command -v -- "$3" > /dev/null || { printf '%s: not found, or no such working directory: %s\\n' "$3" "$2"; : > "$1/unstarted"; exit 127; }
  shift 2
  unset OLDPWD
  exec "$@"
) < /dev/null 5>&-${tail}`;

export interface WrapperFiles {
  readonly sandboxed: string;
  readonly plain: string;
}

/** Written anew by every server; a wrapper that still runs keeps reading the file it was started from. */
export async function installWrappers(dir: string): Promise<WrapperFiles> {
  return { sandboxed: await install(dir, 'run-sandboxed.sh', sandboxed), plain: await install(dir, 'run-plain.sh', plain) };
}

async function install(dir: string, name: string, text: string): Promise<string> {
  const file = join(dir, name);
  await writeFile(`${file}.${process.pid}`, text, { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
  return file;
}
