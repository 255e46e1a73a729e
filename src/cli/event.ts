import type { JournalEntry } from '../ports/journal.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { cut, hang, widthOf } from './fit.ts';
import { outputFormat, render } from './output.ts';
import { type Colour, oneLine, type Terminal } from './terminal.ts';

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
  const format = outputFormat(options.output);
  const entry = await findEvent(context, options.id);
  if (format === 'json' || format === 'yaml') {
    context.print(render(entry, format));
    return;
  }
  context.print(eventText(context, entry, options.explain === true));
}

/** Ids are long: "tappet events" shows their beginnings to people, and so a beginning is enough here. */
const SHORTEST_ID = 4;
const LOOKED_THROUGH = '500';

async function findEvent({ client }: CliContext, id: string): Promise<EventEntry> {
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
  const took = entry.processedAt === undefined ? '' : ` in ${entry.processedAt - entry.receivedAt} ms`;
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
  for (const verdict of entry.verdicts) lines.push('', ...verdictLines(terminal, verdict, explain));
  return `${lines.join('\n')}\n`;
}

const MARKS: Readonly<Record<Verdict['verdict'], readonly [mark: string, colour: Colour]>> = {
  matched: ['✓', 'green'],
  filtered: ['–', 'yellow'],
  failed: ['✗', 'red'],
};

const STAGES = {
  resolve: 'resolve its references',
  intercept: 'run its interceptors',
  bind: 'bind its params',
  render: 'render its template',
  create: 'create its resources',
} as const;

function verdictLines(terminal: Terminal, verdict: Verdict, explain: boolean): string[] {
  const [mark, colour] = MARKS[verdict.verdict];
  const hanging = (label: string, text: string): string[] => hang(label, oneLine(text), terminal.width);
  const lines = [
    `${terminal.paint(colour, `${mark} ${verdict.verdict}`)}  ${titleOf(verdict)}  ${terminal.paint('dim', `${verdict.tookMs.toFixed(1)} ms`)}`,
  ];
  if (verdict.verdict === 'filtered') lines.push(...hanging('    ', verdict.reason));
  if (verdict.verdict === 'failed') lines.push(...hanging('    ', `could not ${STAGES[verdict.stage]}: ${verdict.error}`));
  const told = verdict.verdict === 'filtered' ? verdict.reason : verdict.verdict === 'failed' ? verdict.error : undefined;
  for (const step of verdict.chain) lines.push(...stepLines(terminal, step, explain, told));
  if (verdict.verdict !== 'filtered' && (explain || verdict.verdict === 'matched')) {
    for (const { name, value } of verdict.params ?? []) lines.push(...hanging(`    param ${oneLine(name)} = `, value));
  }
  if (verdict.verdict === 'matched') {
    for (const { kind, namespace, name, error } of verdict.created) {
      if (error === undefined) lines.push(...hanging('    created ', `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`));
      else lines.push(...hanging('    could not create ', `${kind} ${name}: ${error}`));
    }
  }
  return lines;
}

function titleOf(verdict: Verdict): string {
  if (verdict.verdict === 'filtered' && verdict.passedOver !== undefined)
    return verdict.passedOver === 1 ? '1 other trigger' : `${verdict.passedOver} other triggers`;
  return verdict.trigger === '' ? '(unnamed trigger)' : oneLine(verdict.trigger);
}

/** `told`: what the verdict says already and a step need not repeat. */
function stepLines(terminal: Terminal, step: ChainStep, explain: boolean, told: string | undefined): string[] {
  const lines: string[] = [];
  const { because, filter } = step;
  if (explain) lines.push(...hang(`    ${oneLine(step.interceptor)}: `, oneLine(outcomeOf(step, told)), terminal.width));
  if (because !== undefined) {
    const error = filter === undefined ? undefined : errorOf(filter, because.source);
    lines.push(
      ...hang(
        '    because ',
        `${oneLine(because.source)} ${error === undefined ? 'is false' : `failed: ${oneLine(error)}`}`,
        terminal.width,
      ),
    );
    for (const [source, value] of Object.entries(because.values)) lines.push(...pairLine(source, value, 6, terminal));
  }
  if (explain && filter !== undefined) lines.push(...traceLines(filter, 6, terminal));
  return lines;
}

function outcomeOf({ outcome, message, verifiedBy }: ChainStep, told: string | undefined): string {
  if (verifiedBy !== undefined) return `${outcome}, verified by secret ${verifiedBy}`;
  return message === undefined || message === told ? outcome : `${outcome} (${message})`;
}

/** The error of the sub-expression, when it did not give a value. */
function errorOf(trace: Trace, source: string): string | undefined {
  if (trace.source === source && trace.error !== undefined) return trace.error;
  for (const child of trace.children) {
    const found = errorOf(child, source);
    if (found !== undefined) return found;
  }
  return undefined;
}

function traceLines(trace: Trace, depth: number, terminal: Terminal): string[] {
  const outcome = trace.error === undefined ? (trace.value ?? '(not evaluated)') : `error: ${trace.error}`;
  return [
    ...pairLine(trace.source, outcome, depth, terminal),
    ...trace.children.filter(tellsSomething).flatMap((child) => traceLines(child, depth + 2, terminal)),
  ];
}

/** Literals are their own value, and so are lists of them; a variable by itself is the whole payload. */
function tellsSomething({ source, children, error }: Trace): boolean {
  if (error !== undefined) return true;
  return children.length > 0 && !(/^[[{]/.test(source) && children.every((child) => child.children.length === 0));
}

/** `source = value` on one line: where there is not enough room both are cut, the value to no less than a third of it. */
function pairLine(source: string, value: string, depth: number, terminal: Pick<Terminal, 'width'>): string[] {
  const room = terminal.width - depth - 3;
  const left = oneLine(source);
  const right = oneLine(value);
  if (!Number.isFinite(room)) return [`${' '.repeat(depth)}${left} = ${right}`];
  const forValue = Math.max(Math.floor(room / 3), room - widthOf(left));
  const shownValue = cut(right, forValue);
  return [`${' '.repeat(depth)}${cut(left, Math.max(8, room - widthOf(shownValue)))} = ${shownValue}`];
}
