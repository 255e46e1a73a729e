/** One line of the table. */
export interface BenchResult {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What DESIGN section 8 allows; absent: only told, not judged. */
  readonly budget?: number | undefined;
  /** The budget is the least, not the most, that may be. */
  readonly atLeast?: boolean | undefined;
  /** How it was measured, and what stood beside it. */
  readonly note?: string | undefined;
}

export function resultTable(results: readonly BenchResult[]): string {
  const rows = [
    ['what', 'measured', 'budget', '', 'note'],
    ...results.map(({ what, value, unit, budget, atLeast = false, note }) => [
      what,
      `${format(value)} ${unit}`,
      budget === undefined ? '' : `${atLeast ? 'at least ' : ''}${format(budget)} ${unit}`,
      budget === undefined ? '' : (atLeast ? value >= budget : value <= budget) ? 'met' : 'NOT MET',
      note ?? '',
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 4 ? cell.padEnd(widths[column] ?? 0) : cell))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function format(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
