import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import { DataDirError } from './data-dir-error.ts';
import { openSqlDatabase, type SqlDatabase } from './sql-database.ts';
import { sqlFailure } from './sql-failure.ts';

export interface DataDirLock {
  release(): void;
}

const LOCK_FILE = 'lock.db';
/** Apart from the lock: while that is held nobody else can read it, and closing any other handle on it in this process would release it. */
const HOLDER_FILE = 'lock.json';

/**
 * Makes the directory if need be and holds it for this process.
 *
 * The lock is an open exclusive transaction on a small database. SQLite asks the kernel for it (fcntl), and the kernel takes it back when the
 * process ends, however it ends: no stale locks, no guessing from pids, which are reused and mean nothing across containers.
 * Unlike flock's, the lock is not inherited by the detached steps that outlive the server.
 */
export async function lockDataDirectory(directory: string, clock: Clock): Promise<DataDirLock> {
  prepareDirectory(directory);
  let database: SqlDatabase | undefined;
  try {
    database = await openSqlDatabase(join(directory, LOCK_FILE));
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;');
  } catch (error) {
    database?.close();
    throw explain(error, directory);
  }
  const held = database;
  writeFileSync(join(directory, HOLDER_FILE), `${JSON.stringify({ pid: process.pid, since: new Date(clock.now()).toISOString() })}\n`);
  return { release: () => held.close() };
}

function prepareDirectory(directory: string): void {
  try {
    makeDirectory(directory);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritable(directory, cause);
  }
}

/** One folder at a time: Node's own recursive mkdir never comes back where a folder can neither be made nor found, as below /proc. */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && statSync(directory).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(directory) === directory) throw error;
    makeDirectory(dirname(directory));
    mkdirSync(directory, { mode: 0o700 });
  }
}

function explain(cause: unknown, directory: string): unknown {
  switch (sqlFailure(cause)) {
    case 'busy':
      return new DataDirError(
        'Locked',
        `data directory ${directory} is in use by another server (${describeHolder(directory)}): stop it, or give this one another directory`,
        { cause },
      );
    case 'readonly':
    case 'cannot open':
    case 'io':
    case 'full':
      return notWritable(directory, cause);
    case 'corrupt':
      return new DataDirError(
        'Corrupt',
        `${join(directory, LOCK_FILE)} is not a lock file of ours: remove it if no server runs on this directory`,
        { cause },
      );
    default:
      return cause;
  }
}

export function notWritable(directory: string, cause: unknown): DataDirError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DataDirError(
    'NotWritable',
    `data directory ${directory} cannot be written (${why}): make it writable for this user, or give another one`,
    {
      cause,
    },
  );
}

function describeHolder(directory: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(join(directory, HOLDER_FILE), 'utf8')) as { pid?: unknown; since?: unknown };
    if (typeof pid === 'number' && typeof since === 'string') return `pid ${pid}, since ${since}`;
  } catch {
    // It has only just taken the lock, or somebody removed the file.
  }
  return 'which one is not known';
}
