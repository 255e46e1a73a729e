import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readForeign } from '../files.ts';
import type { PodPaths } from '../pod-paths.ts';
import { watchFolder } from '../watch-folder.ts';

export type Breakpoint = 'beforeStep' | 'onFailure';

/** Should the kernel's notice be missed; upstream looks as often. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Waits at a step's breakpoint for somebody to say how to go on: the exit code that the step is to have, or for a breakpoint before it, 0 to run it.
 * `undefined`: interrupted. An answer stays where it was written, so that a later server finds it.
 */
export async function untilAnswered(pod: PodPaths, index: number, at: Breakpoint, interrupted: AbortSignal): Promise<number | undefined> {
  const folder = join(pod.tekton, 'run', String(index));
  let notice: () => void = () => undefined;
  const watcher = watchFolder(folder, () => notice());
  try {
    for (;;) {
      const noticed = new Promise<void>((resolve) => {
        notice = resolve;
      });
      const answer = at === 'onFailure' ? afterFailure(folder) : beforeStep(folder);
      if (answer !== undefined) return answer;
      if (interrupted.aborted) return undefined;
      let timer: NodeJS.Timeout | undefined;
      const again = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LOOK_AGAIN_MS).unref();
        interrupted.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([noticed, again]);
      clearTimeout(timer);
    }
  } finally {
    watcher?.close();
  }
}

/** One that is still being written has no newline yet. */
function afterFailure(folder: string): number | undefined {
  const text = readForeign(join(folder, 'out.breakpointexit'), 16);
  if (text === undefined || !text.includes('\n')) return undefined;
  const code = Number.parseInt(text, 10);
  // As upstream: what is no number lets the run go on.
  return code > 0 && code < 256 ? code : 0;
}

function beforeStep(folder: string): number | undefined {
  if (existsSync(join(folder, 'out.beforestepexit'))) return 0;
  return existsSync(join(folder, 'out.beforestepexit.err')) ? 1 : undefined;
}
