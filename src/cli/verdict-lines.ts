import { stringify } from 'yaml';
import type { JournalEntry } from '../ports/journal.ts';
import { cut, hang, widthOf } from './fit.ts';
import { type Colour, oneLine, printable, type Terminal } from './terminal.ts';

export type Verdict = JournalEntry['verdicts'][number];
type ChainStep = Verdict['chain'][number];
type Trace = NonNullable<ChainStep['filter']>;

export interface VerdictLinesOptions {
  /** Every step, param, sub-expression and rendered object, not only what decided. */
  readonly explain: boolean;
  /** It was only judged: nothing was created. */
  readonly tried?: boolean | undefined;
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

/** Of one rendered object, where somebody has to read it. */
const MOST_LINES = 40;
const SIZE_ONLY = /^\{\d+ keys\}$/;
const DECIDED = ' ← decided';

/** What came of one trigger, and why. */
export function verdictLines(terminal: Terminal, verdict: Verdict, { explain, tried = false }: VerdictLinesOptions): string[] {
  const [mark, colour] = MARKS[verdict.verdict];
  const hanging = (label: string, text: string): string[] => hang(label, oneLine(text), terminal.width);
  const lines = [
    `${terminal.paint(colour, `${mark} ${verdict.verdict}`)}  ${titleOf(verdict)}  ${terminal.paint('dim', `${verdict.tookMs.toFixed(1)} ms`)}`,
  ];
  if (verdict.verdict === 'filtered') lines.push(...hanging('    ', verdict.reason));
  if (verdict.verdict === 'failed') lines.push(...hanging('    ', `could not ${STAGES[verdict.stage]}: ${verdict.error}`));
  const told = verdict.verdict === 'filtered' ? verdict.reason : verdict.verdict === 'failed' ? verdict.error : undefined;
  for (const step of verdict.chain) lines.push(...(explain ? explainedStep(terminal, step, told) : reasonLines(terminal, step)));
  if (verdict.verdict !== 'filtered' && (explain || verdict.verdict === 'matched')) {
    for (const { name, value } of verdict.params ?? []) lines.push(...hanging(`    param ${oneLine(name)} = `, value));
  }
  if (verdict.verdict === 'filtered') return lines;
  if (explain) for (const manifest of verdict.manifests ?? []) lines.push(...manifestLines(terminal, manifest));
  for (const { kind, namespace, name, error } of verdict.created ?? []) {
    if (error !== undefined) lines.push(...hanging('    could not create ', `${kind} ${name}: ${error}`));
    else
      lines.push(
        ...hanging(tried ? '    would create ' : '    created ', `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`),
      );
  }
  return lines;
}

function titleOf(verdict: Verdict): string {
  if (verdict.verdict === 'filtered' && verdict.passedOver !== undefined)
    return verdict.passedOver === 1 ? '1 other trigger' : `${verdict.passedOver} other triggers`;
  return verdict.trigger === '' ? '(unnamed trigger)' : oneLine(verdict.trigger);
}

/** The sub-expression that decided, and what its parts were. */
function reasonLines(terminal: Terminal, { because, filter }: ChainStep): string[] {
  if (because === undefined) return [];
  const error = filter === undefined ? undefined : findTrace(filter, because.source)?.error;
  const said = error === undefined ? 'is false' : `failed: ${oneLine(error)}`;
  return [
    ...hang('    because ', `${oneLine(because.source)} ${said}`, terminal.width),
    ...Object.entries(because.values).flatMap(([source, value]) => pairLine(terminal, source, value, 6)),
  ];
}

/** `told`: what the verdict says already and a step need not repeat. */
function explainedStep(terminal: Terminal, step: ChainStep, told: string | undefined): string[] {
  const { filter, overlays = [], message, verifiedBy, because } = step;
  const notes = [
    ...(verifiedBy === undefined ? [] : [`verified by secret ${verifiedBy}`]),
    ...(message === undefined || message === told ? [] : [message]),
  ].map((note) => `; ${note}`);
  const decided = filter === undefined || because === undefined ? undefined : findTrace(filter, because.source);
  return [
    ...hang(
      `    ${oneLine(step.interceptor)}: `,
      oneLine(`${step.outcome}, ${step.tookMs.toFixed(1)} ms${notes.join('')}`),
      terminal.width,
    ),
    ...(filter === undefined ? [] : traceLines(terminal, filter, 6, decided)),
    ...overlays.flatMap(({ key, value }) => pairLine(terminal, `overlay ${key}`, value, 6)),
  ];
}

/** The first sub-expression with this text; one that failed before others. */
function findTrace(trace: Trace, source: string): Trace | undefined {
  const found = tracesOf(trace).filter((candidate) => candidate.source === source);
  return found.find(({ error }) => error !== undefined) ?? found[0];
}

function tracesOf(trace: Trace): readonly Trace[] {
  return [trace, ...trace.children.flatMap(tracesOf)];
}

function traceLines(terminal: Terminal, trace: Trace, depth: number, decided: Trace | undefined): string[] {
  const evaluated = trace.value !== undefined || trace.error !== undefined;
  const outcome = trace.error === undefined ? (trace.value ?? '(not evaluated)') : `error: ${trace.error}`;
  return [
    ...pairLine(terminal, trace.source, outcome, depth, trace === decided ? DECIDED : ''),
    ...(evaluated ? trace.children : [])
      .filter((child) => child === decided || tellsSomething(child))
      .flatMap((child) => traceLines(terminal, child, depth + 2, decided)),
  ];
}

/** Literals are their own value, and so are lists of them; of variables and what leads to a member only the size is known. */
function tellsSomething({ operation, children, error, value }: Trace): boolean {
  if (error !== undefined) return true;
  if (operation === 'literal' || operation === 'variable' || (value !== undefined && SIZE_ONLY.test(value))) return false;
  return !((operation === 'list' || operation === 'map') && children.every((child) => child.operation === 'literal'));
}

/** `source = value` on one line: where there is not enough room both are cut, the value to no less than a third of it. */
function pairLine(terminal: Terminal, source: string, value: string, depth: number, note = ''): string[] {
  const room = terminal.width - depth - 3 - widthOf(note);
  const left = oneLine(source);
  const right = oneLine(value);
  const shownNote = note === '' ? '' : terminal.paint('yellow', note);
  if (!Number.isFinite(room)) return [`${' '.repeat(depth)}${left} = ${right}${shownNote}`];
  const forValue = Math.max(Math.floor(room / 3), room - widthOf(left));
  const shownValue = cut(right, forValue);
  return [`${' '.repeat(depth)}${cut(left, Math.max(8, room - widthOf(shownValue)))} = ${shownValue}${shownNote}`];
}

function manifestLines(terminal: Terminal, manifest: unknown): string[] {
  const all = stringify(manifest, { lineWidth: 0, blockQuote: 'literal' }).trimEnd().split('\n');
  const kept = terminal.interactive && all.length > MOST_LINES ? all.slice(0, MOST_LINES) : all;
  const left = all.length - kept.length;
  return [
    '    rendered:',
    ...kept.map((line) => cut(`      ${printable(line)}`, terminal.width)),
    ...(left === 0 ? [] : [`      … ${left} more lines; "-o yaml" has all`]),
  ];
}
