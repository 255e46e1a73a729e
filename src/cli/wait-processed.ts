import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import type { EventEntry } from './event.ts';

const PAUSE_MS = 20;

/** The answer comes before the work: waits until the event's verdicts are in the journal. */
export async function waitProcessed({ client, clock, signal }: CliContext, id: string, patienceMs = 10_000): Promise<EventEntry> {
  const until = clock.now() + patienceMs;
  while (!signal.aborted && clock.now() < until) {
    const entry = await client.event<EventEntry>(id);
    if (entry?.state === 'processed') return entry;
    await clock.pause(PAUSE_MS);
  }
  throw new CliError(
    exitCodes.failed,
    `event ${id} was not processed within ${patienceMs / 1_000} seconds; "tappet event ${id}" tells later what came of it`,
  );
}
