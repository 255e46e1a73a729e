import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import type { SqlDriver, SqlRow, SqlValue } from './sql-database.ts';

/** The part of `node:sqlite` we use; the type definitions of Node 20, our oldest, do not know the module. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => { exec(sql: string): void; prepare(sql: string): NodeStatement; close(): void };
}
interface NodeStatement {
  run(...values: readonly SqlValue[]): { readonly changes: number | bigint };
  get(...values: readonly SqlValue[]): NodeRow | undefined;
  all(...values: readonly SqlValue[]): NodeRow[];
}
type NodeRow = Readonly<Record<string, string | number | bigint | null | Uint8Array>>;

export function openNodeSqlite(file: string): SqlDriver {
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as NodeSqlite;
  const database = new DatabaseSync(file);
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        run: (values) => Number(statement.run(...values).changes),
        row(values) {
          const row = statement.get(...values);
          return row && positional(row);
        },
        rows: (values) => statement.all(...values).map(positional),
      };
    },
    close: () => database.close(),
  };
}

/** Rows by position exist only from Node 22.16 on; objects keep the order of columns, as long as these have distinct names. */
function positional(row: NodeRow): SqlRow {
  return Object.values(row).map((value) =>
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value,
  );
}
