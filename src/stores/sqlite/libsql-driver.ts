import type { SqlDriver, SqlRow } from './sql-database.ts';

/** Loaded only here, so that a Node with SQLite of its own needs no libsql. Values are always bound as one array and rows read raw. */
export async function openLibsql(file: string): Promise<SqlDriver> {
  const { default: Database } = await import('libsql');
  const database = new Database(file);
  return {
    exec: (sql) => void database.exec(sql),
    prepare(sql, reads) {
      const statement = database.prepare(sql);
      if (reads) statement.raw(true);
      return {
        run: (values) => statement.run(values).changes,
        row: (values) => statement.get(values) as SqlRow | undefined,
        rows: (values) => statement.all(values) as SqlRow[],
      };
    },
    close: () => void database.close(),
  };
}
