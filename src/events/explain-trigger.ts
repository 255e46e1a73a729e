import type { JournalEntry } from '../ports/journal.ts';
import { evaluateTrigger } from '../triggers/evaluate-trigger.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { admitManifests } from './admit-manifests.ts';
import type { EventActionsOptions } from './create-event-actions.ts';
import { type Judged, type Refused, refused } from './event-actions.ts';
import { journaledEvent } from './journaled-event.ts';
import { markReplay } from './mark-replay.ts';

/** Names told when the one asked for is not among them. */
const MOST_NAMES = 20;

/** The verdicts of the trigger of this name, or `namespace/name`: nearly always one. */
export async function explainTrigger(
  { configuration, outside, admit }: Pick<EventActionsOptions, 'configuration' | 'outside' | 'admit'>,
  entry: JournalEntry,
  name: string,
): Promise<Judged | Refused> {
  const key = `${entry.namespace}/${entry.listener}`;
  const listener = configuration.listener(key);
  if (listener === undefined) return refused('NotFound', `EventListener ${key} is not there any more`);
  const { triggers } = configuration.compiled(listener);
  const asked = triggers.filter((trigger) => trigger.name === name || `${trigger.namespace}/${trigger.name}` === name);
  if (asked.length === 0) {
    const names = [...new Set(triggers.map((trigger) => trigger.name || '(unnamed)'))];
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
    const there = names.length === 0 ? 'it has none' : `it has ${names.slice(0, MOST_NAMES).join(', ')}${more}`;
    return refused('NotFound', `EventListener ${key} has no trigger ${JSON.stringify(name)}: ${there}`);
  }
  const journaled = journaledEvent(entry, outside);
  const verdicts: TriggerVerdict[] = [];
  for (const trigger of asked) {
    const verdict = await evaluateTrigger(trigger, journaled.event, journaled.outside);
    verdicts.push(admitManifests(markReplay(verdict, entry.replayOf), admit).verdict);
  }
  return { outcome: 'judged', verdicts, changes: [] };
}
