import { stringify } from 'yaml';
import { CliError, exitCodes } from './cli-error.ts';
import { cut, printable, type Terminal } from './terminal.ts';

export type OutputFormat = 'table' | 'json' | 'yaml' | 'name' | 'wide';

export function outputFormat(value: string | undefined): OutputFormat {
  switch (value) {
    case undefined:
      return 'table';
    case 'json':
    case 'yaml':
    case 'name':
    case 'wide':
      return value;
    default:
      throw new CliError(exitCodes.usage, `unknown output format "${value}": expected json, yaml, name or wide`);
  }
}

/** One value as JSON or YAML; the caller prints tables itself. */
export function render(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { lineWidth: 0 });
}

/** Columns as wide as their widest cell; the last one is cut to what is left of the terminal's width. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], terminal: Terminal): string {
  const cells = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 3, 0);
  const room = terminal.interactive ? Math.max(10, terminal.width - before) : Number.POSITIVE_INFINITY;
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cut(cell, room) : cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)))
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** `5s`, `3m12s`, `2h5m`, `4d`: how kubectl writes spans. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d`;
}

/** A short run's duration, to a tenth of a second below ten. */
export function duration(ms: number): string {
  return ms < 10_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : span(ms);
}
