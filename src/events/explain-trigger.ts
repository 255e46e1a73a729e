import type { JournalEntry } from '../ports/journal.ts';
import { evaluateTrigger } from '../triggers/evaluate-trigger.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { admitManifests } from './admit-manifests.ts';
import type { EventActionsOptions } from './create-event-actions.ts';
import { type Judged, type Refused, refused } from './event-actions.ts';
import { journaledEvent } from './journaled-event.ts';
import { markReplay } from './mark-replay.ts';
import { scheduleOfTick } from './schedules/tick.ts';

/** Names told when the one asked for is not among them. */
const MOST_NAMES = 20;

/** The verdicts of the trigger of this name, or `namespace/name`: nearly always one. */
export async function explainTrigger(
  { listenerOf, outside, admit }: Pick<EventActionsOptions, 'listenerOf' | 'outside' | 'admit'>,
  entry: JournalEntry,
  name: string,
): Promise<Judged | Refused> {
  const what = describe(entry);
  const listener = listenerOf(entry);
  if (listener === undefined) return refused('NotFound', `${what} is not there any more`);
  const { triggers } = listener;
  const asked = triggers.filter((trigger) => trigger.name === name || `${trigger.namespace}/${trigger.name}` === name);
  if (asked.length === 0) {
    const names = [...new Set(triggers.map((trigger) => trigger.name || '(unnamed)'))];
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
    const there = names.length === 0 ? 'it has none' : `it has ${names.slice(0, MOST_NAMES).join(', ')}${more}`;
    return refused('NotFound', `${what} has no trigger ${JSON.stringify(name)}: ${there}`);
  }
  const journaled = journaledEvent(entry, outside);
  const verdicts: TriggerVerdict[] = [];
  for (const trigger of asked) {
    const verdict = await evaluateTrigger(trigger, journaled.event, journaled.outside);
    verdicts.push(admitManifests(markReplay(verdict, entry.replayOf), admit).verdict);
  }
  return { outcome: 'judged', verdicts, changes: [] };
}

function describe({ namespace, listener }: JournalEntry): string {
  const schedule = scheduleOfTick({ listener });
  return schedule === undefined ? `EventListener ${namespace}/${listener}` : `Schedule ${namespace}/${schedule}`;
}
