import type { CliContext } from './context.ts';

const KIND = 'tappet.dev/Schedule';

export interface ScheduleActionOptions {
  readonly action: 'run' | 'suspend' | 'resume';
  readonly name: string;
}

/** Fires a schedule now, or lets it rest. */
export async function scheduleAction(
  { client, namespace, print, note }: CliContext,
  { action, name }: ScheduleActionOptions,
): Promise<void> {
  if (action === 'run') {
    print(`${await client.runSchedule(namespace, name)}\n`);
    note('accepted; "tappet event ID" tells what came of it');
    return;
  }
  await client.patch(KIND, namespace, name, { spec: { suspend: action === 'suspend' } });
  print(`schedule.tappet.dev/${name} ${action === 'suspend' ? 'suspended' : 'resumed'}\n`);
}
