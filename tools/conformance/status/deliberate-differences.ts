import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { StatusDifference } from './compare-status.ts';

/** One row of the table: which differences are meant, and why. In patterns `*` stands for any text. */
export interface DeliberateRow {
  /** Of the case; absent: every file. */
  readonly file?: string | undefined;
  readonly path: string;
  /** Of the value as JSON, or `absent`; absent: any. */
  readonly got?: string | undefined;
  readonly expected?: string | undefined;
  readonly reason: string;
}

const tableSchema = z.array(
  z.strictObject({
    file: z.string().optional(),
    path: z.string(),
    got: z.string().optional(),
    expected: z.string().optional(),
    reason: z.string().min(1),
  }),
);

export const TABLE = new URL('../deliberate-differences.yaml', import.meta.url);

export class DeliberateDifferences {
  readonly #rows: readonly { readonly row: DeliberateRow; count: number }[];

  constructor(rows: readonly DeliberateRow[]) {
    this.#rows = rows.map((row) => ({ row, count: 0 }));
  }

  static async read(table: URL): Promise<DeliberateDifferences> {
    return new DeliberateDifferences(tableSchema.parse(parse(await readFile(table, 'utf8'))));
  }

  /** Whether a difference is meant; counts it with the first row that says so. */
  covers(file: string, difference: StatusDifference): boolean {
    const found = this.#rows.find(({ row }) => matches(row, file, difference));
    if (found !== undefined) found.count++;
    return found !== undefined;
  }

  /** Every row with how many differences it stood for. */
  get counts(): readonly { readonly row: DeliberateRow; readonly count: number }[] {
    return this.#rows;
  }
}

function matches({ file, path, got, expected }: DeliberateRow, of: string, difference: StatusDifference): boolean {
  return (
    (file === undefined || glob(file, of)) &&
    glob(path, difference.path) &&
    (got === undefined || glob(got, shown(difference.got))) &&
    (expected === undefined || glob(expected, shown(difference.expected)))
  );
}

/** As the runner prints values and the table names them. */
export function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

function glob(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(text);
}
