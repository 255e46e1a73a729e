import type { JournalEntry } from '../ports/journal.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { outputFormat, render } from './output.ts';
import { type Colour, printable } from './terminal.ts';

/** An entry of the journal as the API gives it: without its body. */
export type EventEntry = Omit<JournalEntry, 'body'>;
type Verdict = EventEntry['verdicts'][number];
type ChainStep = Verdict['chain'][number];
type Trace = NonNullable<ChainStep['filter']>;

export interface EventOptions {
  readonly id: string;
  readonly output?: string | undefined;
  /** Every step, param and sub-expression, not only the deciding ones. */
  readonly explain?: boolean | undefined;
}

/** One event and, for each trigger, what came of it and why. */
export async function event(context: CliContext, options: EventOptions): Promise<void> {
  const entry = await context.client.event<EventEntry>(options.id);
  if (entry === undefined) throw new CliError(exitCodes.failed, `no event ${options.id}; "tappet events" lists the newest`);
  const format = outputFormat(options.output);
  if (format === 'json' || format === 'yaml') {
    context.print(render(entry, format));
    return;
  }
  context.print(eventText(context, entry, options.explain === true));
}

/** The page of one event as text. */
export function eventText(context: Pick<CliContext, 'terminal'>, entry: EventEntry, explain: boolean): string {
  const took = entry.processedAt === undefined ? '' : ` in ${entry.processedAt - entry.receivedAt} ms`;
  const lines = [
    `Event     ${entry.eventId}`,
    `Listener  ${entry.namespace}/${entry.listener}`,
    `Received  ${new Date(entry.receivedAt).toISOString()}, ${entry.state}${took}`,
    ...(entry.deliveryId === undefined ? [] : [`Delivery  ${printable(entry.deliveryId)}`]),
    ...(entry.replayOf === undefined ? [] : [`Replay of ${entry.replayOf}`]),
    ...(entry.rejection === undefined ? [] : [`Rejected  ${printable(entry.rejection)}`]),
    ...(entry.verdicts.length === 0 && entry.state === 'processed' ? ['', 'No trigger of the listener is concerned.'] : []),
  ];
  for (const verdict of entry.verdicts) lines.push('', ...verdictLines(context, verdict, explain));
  return `${lines.join('\n')}\n`;
}

const MARKS: Readonly<Record<Verdict['verdict'], readonly [mark: string, colour: Colour]>> = {
  matched: ['✓', 'green'],
  filtered: ['–', 'yellow'],
  failed: ['✗', 'red'],
};

function verdictLines({ terminal }: Pick<CliContext, 'terminal'>, verdict: Verdict, explain: boolean): string[] {
  const [mark, colour] = MARKS[verdict.verdict];
  const name = verdict.trigger === '' ? '(unnamed trigger)' : verdict.trigger;
  const lines = [`${terminal.paint(colour, `${mark} ${verdict.verdict}`)}  ${name}  ${terminal.paint('dim', `${verdict.tookMs.toFixed(1)} ms`)}`];
  if (verdict.verdict === 'filtered') lines.push(`    ${printable(verdict.reason)}`);
  if (verdict.verdict === 'failed') lines.push(`    could not ${STAGES[verdict.stage]}: ${printable(verdict.error)}`);
  for (const step of verdict.chain) lines.push(...stepLines(step, explain));
  if (verdict.verdict !== 'filtered' && (explain || verdict.verdict === 'matched')) {
    for (const { name: param, value } of verdict.params ?? []) lines.push(`    param ${param} = ${printable(value)}`);
  }
  if (verdict.verdict === 'matched') {
    for (const { kind, namespace, name: object, error } of verdict.created) {
      lines.push(error === undefined ? `    created ${kind} ${namespace ?? ''}/${object}` : `    could not create ${kind} ${object}: ${printable(error)}`);
    }
  }
  return lines;
}

const STAGES = {
  resolve: 'resolve its references',
  intercept: 'run its interceptors',
  bind: 'bind its params',
  render: 'render its template',
  create: 'create its resources',
} as const;

function stepLines(step: ChainStep, explain: boolean): string[] {
  const lines: string[] = [];
  if (explain) lines.push(`    ${step.interceptor}: ${step.outcome}${step.message === undefined ? '' : ` (${printable(step.message)})`}`);
  if (step.because !== undefined) {
    lines.push(`    because ${printable(step.because.source)} is false`);
    for (const [source, value] of Object.entries(step.because.values)) lines.push(`      ${printable(source)} = ${printable(value)}`);
  }
  if (explain && step.filter !== undefined) lines.push(...traceLines(step.filter, 6));
  return lines;
}

function traceLines(trace: Trace, depth: number): string[] {
  const outcome = trace.error !== undefined ? `error: ${trace.error}` : (trace.value ?? '(not evaluated)');
  return [
    `${' '.repeat(depth)}${printable(trace.source)}  →  ${printable(outcome)}`,
    ...trace.children.flatMap((child) => (child.children.length === 0 && child.value === child.source ? [] : traceLines(child, depth + 2))),
  ];
}
