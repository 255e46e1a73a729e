import { join } from 'node:path';
import type { Journal } from '../../ports/journal.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Store } from '../../ports/store.ts';
import { objectStore } from '../shared/object-store.ts';
import type { Facts } from '../shared/object-table.ts';
import { DataDirError } from './data-dir-error.ts';
import { lockDataDirectory, notWritable } from './data-dir-lock.ts';
import { migrate } from './migrations.ts';
import { PayloadLog } from './payload-log.ts';
import { openSqlDatabase, type SqlDatabase } from './sql-database.ts';
import { sqlFailure } from './sql-failure.ts';
import { sqliteBackend } from './sqlite-backend.ts';
import { sqliteJournal } from './sqlite-journal.ts';

export interface SqliteOptions extends Facts {
  readonly logger?: Logger | undefined;
  /** Changes a watch can go back before it is `Gone`. Default 10,000. */
  readonly keepChanges?: number | undefined;
  /** The same, by the size of the objects in them. Default 64 MiB. */
  readonly keepBytes?: number | undefined;
  /** Parsed objects kept in memory, by the size of their JSON. Default 12 MiB. */
  readonly cacheBytes?: number | undefined;
}

export interface SqliteStores {
  readonly store: Store;
  readonly journal: Journal;
  /** For metrics: transactions committed, each with one fsync, and the writes they held. */
  stats(): { readonly commits: number; readonly writes: number };
  /** Commits what is under way, then lets go of the directory. Idempotent. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const DATABASE_FILE = 'tappet.db';
const PAYLOADS = 'payloads';

/**
 * Store and journal in one file, `tappet.db`, but for the payloads of events (`payload-log.ts`), in a directory that is this process's alone.
 * A backup of a running server copies the database first, by SQLite's means, and then the payloads. Throws `DataDirError`.
 *
 * WAL with `synchronous=FULL`: one fsync a commit, and what was committed survives power loss. A checkpoint moves pages into the main file
 * every 4,000 pages (16 MiB), four times the default: it costs two fsyncs, and pages that changed often meanwhile are moved once.
 */
export async function openSqlite(directory: string, options: SqliteOptions): Promise<SqliteStores> {
  const { clock, ids, logger, keepChanges = 10_000, keepBytes = 64 * MIB, cacheBytes = 12 * MIB } = options;
  const lock = await lockDataDirectory(directory, clock);
  const file = join(directory, DATABASE_FILE);
  let opened: SqlDatabase | undefined;
  try {
    const database = await openSqlDatabase(file);
    opened = database;
    database.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;');
    migrate(database, file);
    const newest = Number(database.row('SELECT segment FROM events ORDER BY sequence DESC LIMIT 1')?.[0] ?? 0);
    const payloads = openPayloads(directory, newest);
    const backend = sqliteBackend(database, payloads, { keepChanges, keepBytes, cacheBytes });
    const facts = { clock, ids };
    const release = async () => {
      await backend.close();
      lock.release();
    };
    logger?.debug('data directory opened', { directory, version: backend.feed.head });
    return {
      store: { ...objectStore(backend, facts), close: release },
      journal: sqliteJournal(database, backend, payloads, facts),
      stats: () => ({ commits: backend.commits.commits, writes: backend.commits.writes }),
      close: release,
    };
  } catch (error) {
    opened?.close();
    lock.release();
    throw explain(error, directory, file);
  }
}

function openPayloads(directory: string, newest: number): PayloadLog {
  try {
    return new PayloadLog(join(directory, PAYLOADS), newest);
  } catch (cause) {
    throw notWritable(directory, cause);
  }
}

function explain(cause: unknown, directory: string, file: string): unknown {
  switch (sqlFailure(cause)) {
    case 'corrupt':
      return new DataDirError(
        'Corrupt',
        `${file} is damaged or not a database (${(cause as Error).message}): restore a backup, or move it away to start empty`,
        { cause },
      );
    case 'busy':
      return new DataDirError('Locked', `${file} is in use by another program: end it, or give this server another data directory`, {
        cause,
      });
    case 'readonly':
    case 'cannot open':
    case 'io':
    case 'full':
      return notWritable(directory, cause);
    default:
      return cause;
  }
}
