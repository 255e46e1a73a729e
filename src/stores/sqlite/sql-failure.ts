/** What went wrong in SQLite, as far as somebody can do something about it. */
export type SqlFailure = 'busy' | 'corrupt' | 'full' | 'readonly' | 'cannot open' | 'io' | 'other';

/** Primary result codes (sqlite.org/rescode.html). */
const BY_CODE: ReadonlyMap<number, SqlFailure> = new Map([
  [5, 'busy'],
  [6, 'busy'],
  [8, 'readonly'],
  [10, 'io'],
  [11, 'corrupt'],
  [13, 'full'],
  [14, 'cannot open'],
  [26, 'corrupt'],
]);
const BY_NAME: ReadonlyMap<string, SqlFailure> = new Map([
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_READONLY', 'readonly'],
  ['SQLITE_IOERR', 'io'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_CANTOPEN', 'cannot open'],
  ['SQLITE_NOTADB', 'corrupt'],
]);

/** `undefined` for an error that is not SQLite's. node:sqlite gives `errcode`, libsql `rawCode`, at times only `code`. */
export function sqlFailure(error: unknown): SqlFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode, rawCode, code } = error as Error & { errcode?: unknown; rawCode?: unknown; code?: unknown };
  const number = typeof errcode === 'number' ? errcode : typeof rawCode === 'number' ? rawCode : undefined;
  // Extended codes carry the primary one in their lowest byte.
  if (number !== undefined) return BY_CODE.get(number & 0xff) ?? 'other';
  if (typeof code !== 'string') return undefined;
  return [...BY_NAME].find(([name]) => code.startsWith(name))?.[1] ?? (code.startsWith('SQLITE_') ? 'other' : undefined);
}
