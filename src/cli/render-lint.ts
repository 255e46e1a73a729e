import type { InputFinding } from '../main/lint-manifests.ts';
import { cut, widthOf, wrap } from './fit.ts';
import { oneLine, printable, type Terminal } from './terminal.ts';

export type LintFormat = 'text' | 'json' | 'github';

/** A finding with its place in the files. */
export interface LintLine extends Omit<InputFinding, 'input'> {
  readonly file: string;
  readonly line?: number | undefined;
  /** Absent where there is no resource. */
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

export interface LintRendering {
  readonly format: LintFormat;
  readonly terminal: Terminal;
  /** Resources that were looked at. */
  readonly checked: number;
}

export function renderLint(lines: readonly LintLine[], { format, terminal, checked }: LintRendering): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(lines.map(inOrder), null, 2)}\n`;
    case 'github':
      return lines.map((line) => `${annotation(line)}\n`).join('');
    default:
      return `${lines.map((line) => `${asText(line, terminal)}\n`).join('')}${summary(lines, checked)}\n`;
  }
}

/** Members in the order in which people ask for them. */
function inOrder({ file, line, severity, code, kind, name, ...rest }: LintLine): LintLine {
  return { file, line, severity, code, kind, name, ...rest };
}

function whatIs({ kind = '', name = '' }: LintLine): string {
  return `${kind} ${name}`.trim();
}

function summary(lines: readonly LintLine[], checked: number): string {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const errors = lines.filter(({ severity }) => severity === 'error').length;
  const found = lines.length === 0 ? 'nothing found' : `${count(errors, 'error')}, ${count(lines.length - errors, 'warning')}`;
  return `${count(checked, 'resource')} checked: ${found}`;
}

function messageOf({ message, suggestion, usedBy }: LintLine): string {
  const where = usedBy === undefined ? message : `${message} (in ${usedBy})`;
  return suggestion === undefined ? where : `${where}; did you mean ${suggestion}?`;
}

/** `listener.yaml:33: error: EventListener github: spec.triggers[0]…: message`, and below it the expression with a mark under the part meant. */
function asText(line: LintLine, terminal: Terminal): string {
  const place = line.line === undefined ? line.file : `${line.file}:${line.line}`;
  const parts = [whatIs(line), line.path, messageOf(line)].filter((part) => part !== '').map(oneLine);
  const colour = line.severity === 'error' ? 'red' : 'yellow';
  const [first = '', ...more] = wrap(`${oneLine(place)}: ${line.severity}: ${parts.join(': ')}`, terminal.width);
  const coloured = first.replace(`: ${line.severity}: `, `: ${terminal.paint(colour, line.severity)}: `);
  return [coloured, ...more, ...excerptLines(line, terminal)].join('\n');
}

/** What goes before each line of an excerpt. */
const MARGIN = '  | ';

function excerptLines({ excerpt }: LintLine, terminal: Terminal): readonly string[] {
  if (excerpt === undefined || excerpt.source.trim() === '') return [];
  const { source, offset, length } = excerpt;
  const start = source.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const newline = source.indexOf('\n', Math.max(offset, start));
  const text = source.slice(start, newline < 0 ? source.length : newline);
  const before = printable(text.slice(0, Math.max(0, offset - start)));
  const marked = printable(text.slice(Math.max(0, offset - start), offset - start + Math.max(1, length)));
  const after = printable(text.slice(offset - start + Math.max(1, length)));
  const room = terminal.width - MARGIN.length;
  // The part in question stays in view, with as much before it as there is room for.
  const wide = widthOf(before) + widthOf(marked) > room;
  const shownBefore = wide ? cutFront(before, Math.max(0, Math.min(Math.floor(room / 2), room - widthOf(marked)))) : before;
  const line = cut(`${shownBefore}${marked}${after}`, room);
  const marks = '^'.repeat(Math.max(1, Math.min(widthOf(marked), room - widthOf(shownBefore))));
  return [`${MARGIN}${line}`, `${MARGIN}${' '.repeat(widthOf(shownBefore))}${terminal.paint('bold', marks)}`].map((shown) =>
    shown.trimEnd(),
  );
}

/** The end of a text, with an ellipsis before it. */
function cutFront(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const points = Array.from(text);
  while (points.length > 0 && widthOf(points.join('')) > width - 1) points.shift();
  return width < 1 ? '' : `…${points.join('')}`;
}

/** A workflow command of GitHub Actions. */
function annotation(line: LintLine): string {
  const position = line.line === undefined ? '' : `,line=${line.line}`;
  const text = [whatIs(line), line.path, messageOf(line)].filter((part) => part !== '').join(': ');
  return `::${line.severity} file=${escapeProperty(line.file)}${position}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
