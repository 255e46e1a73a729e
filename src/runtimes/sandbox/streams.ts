import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absentAsUndefined } from './confined-path.ts';
import type { ContainerPaths } from './pod-paths.ts';

/** Files that a container's output is copied to, besides its log: absolute paths as the container sees them. */
export interface Streams {
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
}

/** In the command line of what copies, so that it is not taken for the container. */
export const STREAM_MARKER = 'tappet-stream';

/** There: the files could not be opened, so nothing was started; the last line of the log says why. */
const UNSTREAMED = 'unstreamed';

export interface Copier {
  /** Shell text that runs a shell which sees the container's paths; a script and arguments follow. */
  readonly shell: string;
  /** Redirections that shell needs. */
  readonly redirections: string;
  /** False: something may hold the output open when the container has ended, so it is waited for only so long. */
  readonly endsWithContainer: boolean;
}

/**
 * The part of a wrapper that runs a container with its output copied to files. The files are opened where the container's paths are, so a symlink a step
 * has left in a volume leads nowhere else than it would lead the step. As upstream's entrypoint: parent folders are created, what is there is appended
 * to, and a file that cannot be opened keeps the step from being run.
 * Follows tektoncd/pipeline cmd/entrypoint/runner.go, `newStdLogWriter`.
 */
export function streamsScript({ stdout, stderr }: Streams, { shell, redirections, endsWithContainer }: Copier): string {
  const files = [stdout, stderr].filter((file) => file !== undefined);
  const run = (script: string, paths: readonly string[]): string =>
    `${shell} ${quote(script)} ${STREAM_MARKER} ${paths.map(quote).join(' ')}`;
  const copy = (name: string, file: string | undefined): string =>
    file === undefined
      ? ''
      : `mkfifo ${name}.pipe
${run(COPY, [file])} < ${name}.pipe >> log 2>&1 ${redirections} 5>&- &
tappet_copiers="$tappet_copiers $!"
`;
  return `${run(OPEN, files)} < /dev/null >> log 2>&1 ${redirections} 5>&- || { : > ${UNSTREAMED}; return 1; }
tappet_copiers=
${copy('stdout', stdout)}${copy('stderr', stderr)}container "$@" ${stdout === undefined ? '>> log' : '> stdout.pipe'} ${stderr === undefined ? '2>> log' : '2> stderr.pipe'}
tappet=$?
${endsWithContainer ? 'wait\n' : WAIT_A_WHILE}return "$tappet"
`;
}

const OPEN = 'for file; do mkdir -p -- "${file%/*}" && : >> "$file" || exit 1; done';

/** Signals for the container's process group are not for it: what was written before is copied still. */
const COPY = 'trap "" TERM INT HUP; tee -a -- "$1"; exit "$?"';

/** Two seconds. A command in the background would hold the output open as long as it likes. */
const WAIT_A_WHILE = `for tappet_copier in $tappet_copiers; do
  tappet_rounds=0
  while kill -0 "$tappet_copier" 2> /dev/null && [ "$tappet_rounds" -lt 100 ]; do
    sleep 0.02
    tappet_rounds=$((tappet_rounds + 1))
  done
  kill -9 "$tappet_copier" 2> /dev/null
done
`;

export async function isUnstreamed(paths: ContainerPaths): Promise<boolean> {
  return (await stat(join(paths.dir, UNSTREAMED)).catch(absentAsUndefined)) !== undefined;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
