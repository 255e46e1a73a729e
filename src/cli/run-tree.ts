import { duration } from './output.ts';
import type { RowState, RunRow } from './run-rows.ts';
import { type Colour, cut, printable, type Terminal } from './terminal.ts';

const MARKS: Readonly<Record<RowState, readonly [mark: string, colour: Colour]>> = {
  waiting: ['○', 'dim'],
  pending: ['◌', 'yellow'],
  running: ['●', 'blue'],
  succeeded: ['✓', 'green'],
  failed: ['✗', 'red'],
  skipped: ['–', 'dim'],
  cancelled: ['■', 'yellow'],
};

/** The tree of a run as lines that fit the terminal. `lastLines` is the newest output of each running task. */
export function runTree(title: string, rows: readonly RunRow[], lastLines: ReadonlyMap<string, string>, now: number, terminal: Terminal): string[] {
  const nameWidth = Math.max(0, ...rows.map((row) => [...row.task].length));
  return [
    cut(title, terminal.width),
    ...rows.map((row, index) => {
      const [mark, colour] = MARKS[row.state];
      const branch = index === rows.length - 1 ? '└' : '├';
      const took = row.startedAt === undefined ? '' : duration((row.endedAt ?? now) - row.startedAt);
      const text = row.note !== '' ? row.note : row.state === 'running' ? (lastLines.get(row.task) ?? '') : row.final && row.state === 'waiting' ? 'finally' : '';
      const head = `${branch} ${mark} ${row.task.padEnd(nameWidth)}  ${took.padStart(6)}`;
      const rest = cut(printable(text.split('\n')[0] ?? ''), Math.max(0, terminal.width - [...head].length - 2));
      return `${terminal.paint('dim', branch)} ${terminal.paint(colour, mark)} ${row.task.padEnd(nameWidth)}  ${terminal.paint('dim', took.padStart(6))}  ${terminal.paint('dim', rest)}`.trimEnd();
    }),
  ];
}
