import type { Clock } from '../../../ports/clock.ts';
import type { ContainerRun } from '../container-run.ts';

/** Enough for a shell's first commands on a busy machine. */
const HEAD_START_MS = 250;

/**
 * What a sidecar has of the first step once its command is executed, unless it has ended by then. Upstream's first step starts a second and more behind
 * its sidecars, and tasks count on what those do at once.
 */
export async function giveHeadStart(sidecar: ContainerRun, clock: Clock): Promise<void> {
  await sidecar.executed();
  let takeBack: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    takeBack = clock.at(clock.now() + HEAD_START_MS, resolve);
  });
  await Promise.race([over, sidecar.ended]);
  takeBack();
}
