import { stringify } from 'yaml';
import { CliError, exitCodes } from './cli-error.ts';
import { cut, pad, widthOf } from './fit.ts';
import { oneLine } from './terminal.ts';

export type OutputFormat = 'table' | 'json' | 'yaml' | 'name' | 'wide';

/** What `-o` asks for, of the formats a command has. */
export function outputFormat(value: string | undefined, known: readonly OutputFormat[] = ['json', 'yaml']): OutputFormat {
  if (value === undefined) return 'table';
  const found = known.find((format) => format === value);
  if (found !== undefined) return found;
  throw new CliError(exitCodes.usage, `-o, --output: got "${value}", expected one of ${known.join(', ')}`);
}

/** One value as JSON or YAML; the caller prints tables itself. */
export function render(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { lineWidth: 0 });
}

const GAP = 2;

/**
 * Columns as wide as their widest cell. Where that is too wide for the terminal, the widest columns give way first, but the first (what people copy)
 * only when nothing else is left, and none below the width of its heading.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[], terminal: { readonly width: number }): string {
  const cells = [header, ...rows.map((row) => row.map(oneLine))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  shrink(widths, header.map(widthOf), terminal.width - GAP * (header.length - 1));
  return cells
    .map((row) =>
      row
        .map((cell, column) => pad(cut(cell, widths[column] ?? 0), widths[column] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function shrink(widths: number[], least: readonly number[], room: number): void {
  for (let excess = widths.reduce((sum, width) => sum + width, 0) - room; excess > 0; excess--) {
    const column = columnToShrink(widths, least);
    if (column === undefined) return;
    widths[column] = (widths[column] ?? 0) - 1;
  }
}

function columnToShrink(widths: readonly number[], least: readonly number[]): number | undefined {
  const shrinkable = [...widths.keys()].filter((column) => (widths[column] ?? 0) > (least[column] ?? 0));
  const others = shrinkable.filter((column) => column > 0).sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
  return others[0] ?? shrinkable[0];
}

/** `5s`, `3m12s`, `25m`, `4h5m`, `30h`, `3d4h`: as kubectl writes spans, finer the shorter they are. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  return days < 8 ? pair(days, 'd', hours % 24, 'h') : `${days}d`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/**
 * A short run's duration, to a tenth of a second below ten. The times of a status are whole seconds: what lies between two of them is told
 * without a fraction.
 */
export function duration(ms: number): string {
  return ms > 0 && ms < 10_000 && ms % 1000 !== 0 ? `${(ms / 1000).toFixed(1)}s` : span(ms);
}
