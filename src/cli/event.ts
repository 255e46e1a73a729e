import type { JournalEntry } from '../ports/journal.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { hang } from './fit.ts';
import { outputFormat, render, span } from './output.ts';
import { oneLine } from './terminal.ts';
import { type Verdict, verdictLines } from './verdict-lines.ts';

/** An entry of the journal as the API gives it: without its body. */
export type EventEntry = Omit<JournalEntry, 'body'>;

export interface EventOptions {
  readonly id: string;
  readonly output?: string | undefined;
  /** Every step, param, sub-expression and rendered object, not only what decided. */
  readonly explain?: boolean | undefined;
  /** Judges this trigger afresh, by the listener as it is now, and explains it. */
  readonly trigger?: string | undefined;
  /** Prints a test file instead. */
  readonly asTest?: boolean | undefined;
}

/** One event and, for each trigger, what came of it and why. */
export async function event(context: CliContext, options: EventOptions): Promise<void> {
  const format = outputFormat(options.output);
  const entry = await findEvent(context, options.id);
  if (options.asTest === true) {
    const test = await context.client.triggerTest<unknown>(entry.eventId);
    context.print(format === 'json' ? render(test, format) : `${AS_TEST}${render(test, 'yaml')}`);
    return;
  }
  if (options.trigger !== undefined) {
    const explanation = await context.client.explain<{ readonly verdicts: readonly Verdict[] }>(entry.eventId, options.trigger);
    if (format === 'json' || format === 'yaml') context.print(render(explanation, format));
    else context.print(triedText(context, 'Judged now, by the listener as it is. Nothing was created.', explanation.verdicts, true));
    return;
  }
  if (format === 'json' || format === 'yaml') {
    context.print(render(entry, format));
    return;
  }
  context.print(eventText(context, entry, options.explain === true));
}

const AS_TEST = `# An event as it came, without its secrets, and what became of it. Beside the YAML of its triggers,
# in a file called *.trigger-test.yaml, "tappet trigger test" runs it.
`;

/** Ids are long: "tappet events" shows their beginnings to people, and so a beginning is enough here. */
const SHORTEST_ID = 4;
const LOOKED_THROUGH = '500';

export async function findEvent({ client }: CliContext, id: string): Promise<EventEntry> {
  const exact = await client.event<EventEntry>(id);
  if (exact !== undefined) return exact;
  const newest = id.length < SHORTEST_ID ? [] : await client.events<EventEntry>(undefined, { limit: LOOKED_THROUGH });
  const [found, another] = newest.filter((entry) => entry.eventId.startsWith(id));
  if (found === undefined) throw new CliError(exitCodes.failed, `no event ${oneLine(id)}; "tappet events" lists the newest`);
  if (another !== undefined)
    throw new CliError(exitCodes.failed, `several events begin with ${id}, e.g. ${found.eventId} and ${another.eventId}; give more of it`);
  return found;
}

/** The page of one event as text. */
export function eventText({ terminal }: Pick<CliContext, 'terminal'>, entry: EventEntry, explain: boolean): string {
  const took = entry.processedAt === undefined ? '' : processedIn(entry.processedAt - entry.receivedAt);
  const line = (label: string, text: string | undefined): string[] =>
    text === undefined ? [] : hang(label.padEnd(10), oneLine(text), terminal.width);
  const lines = [
    ...line('Event', entry.eventId),
    ...line('Listener', `${entry.namespace}/${entry.listener}`),
    ...line('Received', `${new Date(entry.receivedAt).toISOString()}, ${entry.state}${took}`),
    ...line('Delivery', entry.deliveryId),
    ...line('Replay of', entry.replayOf),
    ...line('Rejected', entry.rejection),
    ...(entry.verdicts.length === 0 && entry.state === 'processed' ? ['', 'No trigger of the listener is concerned.'] : []),
  ];
  for (const verdict of entry.verdicts) lines.push('', ...verdictLines(terminal, verdict, { explain }));
  if (explain && entry.verdicts.some(isAggregate)) lines.push(...hang('    ', JUDGE_ONE, terminal.width));
  return `${lines.join('\n')}\n`;
}

/** One that was retried is processed long after it came. */
function processedIn(ms: number): string {
  return ms < 60_000 ? ` in ${ms} ms` : ` ${span(ms)} later`;
}

const JUDGE_ONE = '"tappet event ID --trigger NAME" judges one of them.';

function isAggregate(verdict: Verdict): boolean {
  return verdict.verdict === 'filtered' && verdict.passedOver !== undefined;
}

/** Verdicts of which nothing came, below a word on why there are any. */
export function triedText(
  { terminal }: Pick<CliContext, 'terminal'>,
  word: string,
  verdicts: readonly Verdict[],
  explain: boolean,
): string {
  const lines = hang('', word, terminal.width);
  for (const verdict of verdicts) lines.push('', ...verdictLines(terminal, verdict, { explain, tried: true }));
  return `${lines.join('\n')}\n`;
}
