import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import type { EventEntry } from './event.ts';
import { outputFormat, render, span, table } from './output.ts';

export interface EventsOptions {
  readonly listener?: string | undefined;
  readonly limit?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
  readonly output?: string | undefined;
}

/** The newest events, one line each: what came in and what became of it. */
export async function events(context: CliContext, options: EventsOptions): Promise<void> {
  const format = outputFormat(options.output);
  const { limit = '20' } = options;
  if (!/^[1-9]\d{0,5}$/.test(limit)) throw new CliError(exitCodes.usage, `--limit: got "${limit}", expected a whole number from 1`);
  const namespace = options.allNamespaces === true ? undefined : context.namespace;
  const items = await context.client.events<EventEntry>(namespace, { listener: options.listener, limit });
  if (format === 'json' || format === 'yaml') {
    context.print(render({ items }, format));
    return;
  }
  if (items.length === 0) {
    context.note('No events.');
    return;
  }
  const now = context.clock.now();
  const ids = context.terminal.interactive ? shortIds(items) : items.map((entry) => entry.eventId);
  const spaced = options.allNamespaces === true;
  const rows = items.map((entry, index) => [
    ids[index] ?? '',
    `${span(now - entry.receivedAt)} ago`,
    spaced ? `${entry.namespace}/${entry.listener}` : entry.listener,
    outcomeOf(entry),
  ]);
  context.print(table(['EVENT', 'RECEIVED', 'LISTENER', 'OUTCOME'], rows, context.terminal));
}

/** As much of each id as tells it from the others shown; "tappet event" takes that. */
function shortIds(items: readonly EventEntry[]): readonly string[] {
  for (let length = 8; length < 36; length++) {
    const short = items.map((entry) => entry.eventId.slice(0, length));
    if (new Set(short).size === new Set(items.map((entry) => entry.eventId)).size) return short;
  }
  return items.map((entry) => entry.eventId);
}

function outcomeOf(entry: EventEntry): string {
  if (entry.rejection !== undefined) return `rejected: ${entry.rejection}`;
  if (entry.state !== 'processed') return entry.state;
  const created = entry.verdicts.flatMap((verdict) => (verdict.verdict === 'matched' ? verdict.created : []));
  const counts = new Map<string, number>();
  for (const verdict of entry.verdicts) {
    const count = verdict.verdict === 'filtered' ? (verdict.passedOver ?? 1) : 1;
    counts.set(verdict.verdict, (counts.get(verdict.verdict) ?? 0) + count);
  }
  const parts = ['matched', 'failed', 'filtered'].flatMap((verdict) => (counts.has(verdict) ? [`${counts.get(verdict)} ${verdict}`] : []));
  return [parts.join(', ') || 'no trigger concerned', ...created.map((object) => object.name)].join(' · ');
}
