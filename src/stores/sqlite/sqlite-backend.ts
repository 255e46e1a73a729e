import { StoreError } from '../../ports/store.ts';
import { ChangeFeed } from '../shared/change-feed.ts';
import { closedError, type ObjectBackend } from '../shared/object-store.ts';
import { GroupCommit } from './group-commit.ts';
import { ObjectRows, type ObjectRowsOptions } from './object-rows.ts';
import type { PayloadLog } from './payload-log.ts';
import type { SqlDatabase } from './sql-database.ts';
import { sqlFailure } from './sql-failure.ts';

export interface SqliteBackend extends ObjectBackend {
  readonly commits: GroupCommit;
}

/** Changes kept parsed for watchers that keep up; slower ones read the table. */
const RECENT_CHANGES = 1_000;
const RECENT_BYTES = 8 * 1024 * 1024;

export function sqliteBackend(database: SqlDatabase, payloads: PayloadLog, options: ObjectRowsOptions): SqliteBackend {
  const rows = new ObjectRows(database, options);
  const feed = new ChangeFeed({
    start: rows.version,
    keep: Math.min(RECENT_CHANGES, options.keepChanges),
    keepBytes: Math.min(RECENT_BYTES, options.keepBytes),
    history: rows,
  });
  const commits = new GroupCommit({
    begin: () => database.exec('BEGIN IMMEDIATE'),
    commit() {
      rows.compact();
      payloads.flush();
      database.exec('COMMIT');
      feed.publish(rows.takeRecorded());
    },
    rollback() {
      try {
        database.exec('ROLLBACK');
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full.
      }
      rows.rolledBack();
      payloads.discard();
    },
    explain,
  });
  let closed: Promise<void> | undefined;

  return {
    table: rows,
    feed,
    commits,
    scan: (kind, scope) => rows.scan(kind, scope),
    count: (kind, namespace) => rows.count(kind, namespace),
    read(operation) {
      if (closed !== undefined) throw closedError();
      try {
        return operation();
      } catch (error) {
        throw explain(error).error;
      }
    },
    async write(operation) {
      if (closed !== undefined) throw closedError();
      return commits.write(operation);
    },
    close() {
      closed ??= (async () => {
        commits.flush();
        feed.close();
        checkpoint(database);
        database.close();
        payloads.close();
      })();
      return closed;
    },
  };
}

/** Leaves no log of SQLite's beside the file, so that a copy of it and of the payloads is a backup. What fails here is made up for at the next start. */
function checkpoint(database: SqlDatabase): void {
  try {
    database.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // A reader from outside is in the way, or the disk is full: the log stays beside the file.
  }
}

/** SQLite's trouble in the store's words. */
function explain(cause: unknown): { readonly error: unknown; readonly everybody: boolean } {
  const failure = sqlFailure(cause);
  if (failure === undefined || failure === 'other') return { error: cause, everybody: false };
  return { error: new StoreError('Unavailable', `the database cannot be used: ${REMEDIES[failure]}`, { cause }), everybody: true };
}

const REMEDIES = {
  busy: 'another program holds its lock; end that program',
  corrupt: 'the file is damaged; stop the server and restore a backup',
  full: 'the disk is full; make room',
  readonly: 'the file or its directory has become read-only',
  'cannot open': 'a file of it cannot be opened',
  io: 'the disk reports an error',
} as const;
