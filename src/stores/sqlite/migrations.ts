import { DataDirError } from './data-dir-error.ts';
import type { SqlDatabase } from './sql-database.ts';

/** `Tapt`: tells our file from any other SQLite database. */
const APPLICATION_ID = 0x54617074;

/** SQL, or a function where data have to be turned over. Runs in a transaction. */
export type Migration = string | ((database: SqlDatabase) => void);

/** In order; the version of a file is how many of them it has seen. Never change one that was released: add another. */
export const migrations: readonly Migration[] = [
  `
  -- Every version of every object that is current or can still be watched: the store of objects and the change log in one.
  -- A version is the resourceVersion; they follow each other without gaps.
  CREATE TABLE versions (
    version INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('ADDED', 'MODIFIED', 'DELETED')),
    previous INTEGER,             -- the version this one replaced
    bytes INTEGER NOT NULL,       -- size of object, to know without reading it
    object TEXT NOT NULL          -- JSON; last, so that the rest is read without its overflow pages
  );
  -- What exists. The namespace of cluster-scoped objects is ''.
  CREATE TABLE objects (
    kind TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    labels TEXT,                  -- JSON, to select without reading the object
    PRIMARY KEY (kind, namespace, name)
  ) WITHOUT ROWID;
  CREATE TABLE owners (
    owner_uid TEXT NOT NULL,
    kind TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (owner_uid, kind, namespace, name)
  ) WITHOUT ROWID;
  -- The few label keys by which the engine looks for what belongs to a run (label-index.ts).
  CREATE TABLE labels (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    kind TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (key, value, kind, namespace, name)
  ) WITHOUT ROWID;
  -- One row: changes up to here can no longer be watched.
  CREATE TABLE compaction (through INTEGER NOT NULL);
  INSERT INTO compaction VALUES (0);

  -- Narrow, because it is updated: what is large lies in the payload log (payload-log.ts) and in outcomes, which are written once.
  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    listener TEXT NOT NULL,
    delivery_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'processed', 'rejected')),
    received_at INTEGER NOT NULL, -- milliseconds since the epoch, as processed_at
    processed_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    segment INTEGER NOT NULL,     -- the place of the payload in its log: first head_length bytes of JSON, then the body
    position INTEGER NOT NULL,
    length INTEGER NOT NULL,
    head_length INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX events_by_delivery ON events (namespace, listener, delivery_id) WHERE delivery_id IS NOT NULL;
  CREATE INDEX events_accepted ON events (sequence) WHERE state = 'accepted';
  CREATE TABLE outcomes (
    sequence INTEGER PRIMARY KEY,
    rejection TEXT,
    verdicts TEXT NOT NULL        -- JSON
  );
  `,
];

/** Brings a file to the newest version, each step in its own transaction. Throws `DataDirError` `TooNew` and `Corrupt`. */
export function migrate(database: SqlDatabase, file: string, steps: readonly Migration[] = migrations): void {
  const pragma = (name: string) => Number(database.row(`PRAGMA ${name}`)?.[0] ?? 0);
  const version = pragma('user_version');
  const application = pragma('application_id');
  const isEmpty = database.row('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined;
  if (application !== APPLICATION_ID && !(isEmpty && version === 0)) {
    throw new DataDirError('Corrupt', `${file} is a database of another program: move it away, or give another data directory`);
  }
  if (version > steps.length) {
    throw new DataDirError(
      'TooNew',
      `${file} was written by a newer tappet (schema ${version}; this one knows up to ${steps.length}): use that version, or restore a backup from before`,
    );
  }
  for (let next = version; next < steps.length; next++) {
    const step = steps[next];
    database.exec('BEGIN IMMEDIATE');
    try {
      if (typeof step === 'function') step(database);
      else database.exec(step ?? '');
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${next + 1};`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
