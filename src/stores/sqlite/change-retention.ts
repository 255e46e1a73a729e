import type { SqlDatabase } from './sql-database.ts';

export interface RetentionOptions {
  readonly keepChanges: number;
  readonly keepBytes: number;
}

/** Changes let go at a time; a compaction is part of somebody's commit and must stay short. */
const STEP = 256;

/**
 * How far back the change log reaches. Compacting a change deletes the version it replaced, and the change itself if it was a deletion:
 * so whatever can still be watched is there together with what it replaced, and current objects are never touched.
 */
export class ChangeRetention {
  readonly #database: SqlDatabase;
  readonly #options: RetentionOptions;
  #horizon = 0;
  /** Size of each change after the horizon. */
  #sizes: number[] = [];
  #bytes = 0;

  constructor(database: SqlDatabase, options: RetentionOptions) {
    this.#database = database;
    this.#options = options;
    this.reload();
  }

  /** Changes up to this version can no longer be watched. */
  get horizon(): number {
    return this.#horizon;
  }

  /** Takes the state from the committed rows: at the start and after a rollback. */
  reload(): void {
    this.#horizon = Number(this.#database.row('SELECT through FROM compaction')?.[0]);
    this.#sizes = this.#database
      .rows('SELECT bytes FROM versions WHERE version > ? ORDER BY version', [this.#horizon])
      .map(([bytes]) => Number(bytes));
    this.#bytes = this.#sizes.reduce((sum, size) => sum + size, 0);
  }

  add(bytes: number): void {
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  compact(): void {
    const { keepChanges, keepBytes } = this.#options;
    const step = Math.min(STEP, keepChanges);
    if (this.#sizes.length <= keepChanges + step && this.#bytes <= keepBytes * 1.25) return;
    let count = 0;
    let bytes = this.#bytes;
    // The newest change stays: its version is the counter's memory.
    while (count < this.#sizes.length - 1 && (this.#sizes.length - count > keepChanges || bytes > keepBytes))
      bytes -= this.#sizes[count++] ?? 0;
    if (count === 0) return;
    const through = this.#horizon + count;
    const range = [this.#horizon, through];
    this.#database.run(
      'DELETE FROM versions WHERE version IN (SELECT previous FROM versions WHERE version > ? AND version <= ? AND previous IS NOT NULL)',
      range,
    );
    this.#database.run("DELETE FROM versions WHERE version > ? AND version <= ? AND type = 'DELETED'", range);
    this.#database.run('UPDATE compaction SET through = ?', [through]);
    this.#sizes = this.#sizes.slice(count);
    this.#bytes = bytes;
    this.#horizon = through;
  }
}
