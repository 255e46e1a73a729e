import { cut, pad, widthOf } from './fit.ts';
import { duration } from './output.ts';
import type { RowState, RunRow } from './run-rows.ts';
import { type Colour, oneLine, type Terminal } from './terminal.ts';

const MARKS: Readonly<Record<RowState, readonly [mark: string, colour: Colour]>> = {
  waiting: ['○', 'dim'],
  pending: ['◌', 'yellow'],
  running: ['●', 'blue'],
  succeeded: ['✓', 'green'],
  failed: ['✗', 'red'],
  skipped: ['–', 'dim'],
  cancelled: ['■', 'yellow'],
  kept: ['=', 'dim'],
};

/** Columns that a task's name leaves for its time and at least the beginning of a note. */
const BESIDE_NAME = 30;

/** The tree of a run as lines that fit the terminal. `lastLines` is the newest output of each running task. */
export function runTree(
  title: string,
  rows: readonly RunRow[],
  lastLines: ReadonlyMap<string, string>,
  now: number,
  terminal: Terminal,
): string[] {
  return [cut(oneLine(title), terminal.width), ...taskLines(rows, lastLines, now, terminal)];
}

/** The tree without its title. */
export function taskLines(
  rows: readonly RunRow[],
  lastLines: ReadonlyMap<string, string>,
  now: number,
  terminal: Pick<Terminal, 'width' | 'paint'>,
): string[] {
  const names = rows.map((row) => cut(oneLine(row.task), Math.max(10, terminal.width - BESIDE_NAME)));
  const nameWidth = Math.max(0, ...names.map(widthOf));
  return rows.map((row, index) => {
    const [mark, colour] = MARKS[row.state];
    const branch = index === rows.length - 1 ? '└' : '├';
    const name = pad(names[index] ?? '', nameWidth);
    const took = (row.startedAt === undefined ? '' : duration((row.endedAt ?? now) - row.startedAt)).padStart(6);
    const taken = widthOf(`${branch} ${mark} ${name}  ${took}  `);
    const rest = cut(oneLine(noteOf(row, lastLines)), terminal.width - taken);
    return `${terminal.paint('dim', branch)} ${terminal.paint(colour, mark)} ${name}  ${terminal.paint('dim', rest === '' ? took.trimEnd() : took)}  ${terminal.paint('dim', rest)}`.trimEnd();
  });
}

function noteOf(row: RunRow, lastLines: ReadonlyMap<string, string>): string {
  if (row.note !== '') return row.note;
  if (row.state === 'running') return lastLines.get(row.task) ?? '';
  return row.final && row.state === 'waiting' ? 'finally' : '';
}
