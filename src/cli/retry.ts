import type { CliContext } from './context.ts';
import { findEvent } from './event.ts';
import { type ReplayOptions, tell } from './replay.ts';

/** The same event judged again under its own id: what is there stays, what is missing is created. */
export async function retry(context: CliContext, options: Pick<ReplayOptions, 'id' | 'wait' | 'output'>): Promise<void> {
  const { eventId } = await findEvent(context, options.id);
  await context.client.act(eventId, 'retry', {});
  await tell(context, eventId, options);
}
