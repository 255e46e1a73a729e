import type { Buffer } from 'node:buffer';

/** The only kinds of value that are bound or read. Everything else, booleans and dates above all, makes libsql end the process. */
export type SqlValue = string | number | bigint | null | Buffer;
/** One row, by position. */
export type SqlRow = readonly SqlValue[];

/**
 * As much of SQLite as we use, the same over both drivers. Statements are prepared once and kept by their text, so texts are constants
 * or drawn from a small set.
 */
export interface SqlDatabase {
  /** Several statements, without values. */
  exec(sql: string): void;
  /** How many rows it changed. */
  run(sql: string, values?: readonly SqlValue[]): number;
  row(sql: string, values?: readonly SqlValue[]): SqlRow | undefined;
  rows(sql: string, values?: readonly SqlValue[]): readonly SqlRow[];
  close(): void;
}

/** A prepared statement as a driver offers it. */
export interface SqlStatement {
  run(values: readonly SqlValue[]): number;
  row(values: readonly SqlValue[]): SqlRow | undefined;
  rows(values: readonly SqlValue[]): readonly SqlRow[];
}

/** What a driver brings; `guarded` makes it a `SqlDatabase`. */
export interface SqlDriver {
  exec(sql: string): void;
  prepare(sql: string, reads: boolean): SqlStatement;
  close(): void;
}

/** Node has SQLite built in, without a flag, from 22.13 on. On older ones libsql, an optional dependency, takes its place. */
export async function openSqlDatabase(file: string): Promise<SqlDatabase> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) {
    const { openNodeSqlite } = await import('./node-sqlite-driver.ts');
    return guarded(openNodeSqlite(file));
  }
  const { openLibsql } = await import('./libsql-driver.ts');
  return guarded(await openLibsql(file));
}

/** Checks what neither driver checks: types, NUL in text (libsql cuts there) and the number of values (libsql fills up with NULL). */
export function guarded(driver: SqlDriver): SqlDatabase {
  const prepared = new Map<string, { readonly statement: SqlStatement; readonly arity: number }>();
  let closed = false;
  const bound = (sql: string, values: readonly SqlValue[], reads: boolean): SqlStatement => {
    // Reads of a closed libsql connection do not fail by themselves.
    if (closed) throw new Error('database is closed');
    let entry = prepared.get(sql);
    if (entry === undefined) {
      entry = { statement: driver.prepare(sql, reads), arity: sql.split('?').length - 1 };
      prepared.set(sql, entry);
    }
    if (values.length !== entry.arity) throw new TypeError(`${values.length} values for ${entry.arity} places in: ${sql}`);
    for (const value of values) assertBindable(value);
    return entry.statement;
  };
  return {
    exec: (sql) => driver.exec(sql),
    run: (sql, values = []) => bound(sql, values, false).run(values),
    row: (sql, values = []) => bound(sql, values, true).row(values),
    rows: (sql, values = []) => bound(sql, values, true).rows(values),
    close() {
      if (closed) return;
      closed = true;
      prepared.clear();
      driver.close();
    },
  };
}

function assertBindable(value: unknown): void {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) throw new TypeError('cannot bind text with a NUL character');
      return;
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`cannot bind ${value}`);
      return;
    case 'bigint':
      return;
    default:
      if (value !== null && !(value instanceof Uint8Array)) throw new TypeError(`cannot bind a ${typeof value}`);
  }
}
