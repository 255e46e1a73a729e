import type { SqlDriver, SqlRow } from './sql-database.ts';

/** Loaded only here, so that a Node with SQLite of its own needs no libsql. Values are always bound as one array and rows read raw. */
export async function openLibsql(file: string): Promise<SqlDriver> {
  const { default: Database } = await import('libsql');
  const database = open(() => new Database(file));
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

/** libsql's own errors carry SQLite's code, but a failure to open has it only at the end of its text. */
function open<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (cause) {
    const code = cause instanceof Error ? /: (\d+)"?\)?$/.exec(cause.message)?.[1] : undefined;
    if (code === undefined) throw cause;
    throw Object.assign(new Error(`unable to open database file (SQLite error ${code})`, { cause }), { rawCode: Number(code) });
  }
}
