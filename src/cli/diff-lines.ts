import { cut } from './fit.ts';
import type { DiffLine } from './line-diff.ts';
import { printable, type Terminal } from './terminal.ts';

const COLOURS = { '-': 'red', '+': 'green', ' ': 'dim', '…': 'dim' } as const;

/** A difference for people, so far from the left. */
export function diffLines(terminal: Terminal, diff: readonly DiffLine[], indent: number): string[] {
  return diff.map(({ mark, text }) => {
    const line = `${' '.repeat(indent)}${mark} ${printable(text)}`.trimEnd();
    return terminal.paint(COLOURS[mark], cut(line, terminal.width));
  });
}
