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
  const namespace = options.allNamespaces === true ? undefined : context.namespace;
  const items = await context.client.events<EventEntry>(namespace, { listener: options.listener, limit: options.limit ?? '20' });
  if (format === 'json' || format === 'yaml') {
    context.print(render({ items }, format));
    return;
  }
  if (items.length === 0) {
    context.note('No events.');
    return;
  }
  const now = context.clock.now();
  const rows = items.map((entry) => [entry.eventId, `${span(now - entry.receivedAt)} ago`, entry.listener, entry.state, summary(entry)]);
  context.print(table(['EVENT', 'RECEIVED', 'LISTENER', 'STATE', 'OUTCOME'], rows, context.terminal));
}

function summary(entry: EventEntry): string {
  if (entry.rejection !== undefined) return entry.rejection;
  const created = entry.verdicts.flatMap((verdict) => (verdict.verdict === 'matched' ? verdict.created : []));
  const count = (kind: string): number => entry.verdicts.filter((verdict) => verdict.verdict === kind).length;
  const parts = [`${count('matched')} matched`, `${count('filtered')} filtered`, `${count('failed')} failed`].filter((part) => !part.startsWith('0 '));
  return [parts.join(', ') || 'no trigger concerned', ...created.map((object) => object.name)].join(' · ');
}
