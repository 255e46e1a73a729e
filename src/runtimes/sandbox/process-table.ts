import { readdir, readFile } from 'node:fs/promises';
import { STREAM_MARKER } from './streams.ts';

/** A process that cannot be mistaken for a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of `/proc/PID/stat`. Absent where there is no `/proc`. */
  readonly startTime?: string | undefined;
}

/** From a line of `/proc/PID/stat`, or from a bare pid. The name in parentheses may hold spaces and parentheses. */
export function parseIdentity(line: string): ProcessIdentity | undefined {
  const pid = Number.parseInt(line, 10);
  if (!(pid > 1)) return undefined;
  const fields = line
    .slice(line.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  return { pid, startTime: line.includes(')') ? fields[19] : undefined };
}

export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  if (startTime === undefined) return signal(pid, 0);
  const line = await readStat(pid);
  if (line === undefined) return false;
  const state = line.slice(line.lastIndexOf(')') + 2, line.lastIndexOf(')') + 3);
  return parseIdentity(line)?.startTime === startTime && state !== 'Z' && state !== 'X';
}

export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** The container a wrapper runs, be it not executed yet; beside it there may be what copies its output. */
export async function containerOf(wrapper: number): Promise<number | undefined> {
  for (const child of await childrenOf(wrapper)) {
    if (!(await commandLineOf(child)).split('\0').includes(STREAM_MARKER)) return child;
  }
  return undefined;
}

export async function commandLineOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

/** False when there was nobody to receive it. A negative pid means the process group. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Processes whose environment holds `marker` (`NAME=value`) or whose session is `session`. */
async function findProcesses(marker: string, session: number): Promise<readonly ProcessIdentity[]> {
  const pids = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^[0-9]+$/.test(name));
  const found = await Promise.all(
    pids.map(async (name) => {
      const pid = Number(name);
      if (pid === process.pid || pid === session) return undefined;
      const line = await readStat(pid);
      if (line === undefined) return undefined;
      const [state, , , inSession] = line.slice(line.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') return undefined;
      if (Number(inSession) === session) return parseIdentity(line);
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return `\0${environment}`.includes(`\0${marker}\0`) ? parseIdentity(line) : undefined;
    }),
  );
  return found.filter((identity) => identity !== undefined);
}

async function readStat(pid: number): Promise<string | undefined> {
  return readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
}

/** In the environment of a container's processes, by which those are found that have left its process group or lost their parent. */
export const CONTAINER_MARKER = 'TAPPET_CONTAINER';

const ROUNDS = 10;

/** Kills what is left of a container, again and again until nothing is: a process may fork while we look. */
export async function killLeftovers(id: string, session: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const left = await findProcesses(`${CONTAINER_MARKER}=${id}`, session);
    if (left.length === 0) return;
    for (const { pid } of left) signal(pid, 'SIGKILL');
  }
}
