import { Buffer } from 'node:buffer';
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, unlinkSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../../ports/store.ts';

/** Where a record lies; what the database keeps of it. */
export interface Place {
  readonly segment: number;
  /** Bytes from the beginning of the segment. */
  readonly position: number;
  readonly length: number;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT_NAME = /^(\d{8,15})\.log$/;

/**
 * Large records beside the database, in files that only grow: written once and in sequence, where SQLite would write them page by page into its log
 * and page by page again into its file. With 15 bodies of 20 KB a commit that is a quarter of the write calls.
 *
 * The database is the index: a record exists when a committed row names its place. `flush` makes the bytes durable before that row is, so a torn
 * end, or what a rolled back transaction wrote, is never looked at. A place is never given twice: each life of the server, and every failure to
 * write, begins a new segment.
 */
export class PayloadLog {
  readonly #directory: string;
  readonly #segmentBytes: number;
  /** The segment that is written, and where its next record goes. */
  #segment: number;
  #end = 0;
  #file: number | undefined;
  /** Records of the transaction under way, which follow each other from `#pendingFrom` on. */
  #pending: Buffer[] = [];
  #pendingFrom = 0;

  /** `newest`: the last segment the database names. */
  constructor(directory: string, newest: number, segmentBytes = SEGMENT_BYTES) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#segment = Math.max(newest, ...this.#segments()) + 1;
  }

  /** Where a record of that length would go if it were the next to be added. */
  next(length: number): Place {
    if (this.#pending.length === 0 && this.#end >= this.#segmentBytes) this.#beginSegment();
    return { segment: this.#segment, position: this.#end, length };
  }

  /** Adds a record at the next place, within the transaction under way. The parts must not change until it ends. */
  add(...parts: readonly Buffer[]): void {
    if (this.#pending.length === 0) this.#pendingFrom = this.#end;
    for (const part of parts) {
      this.#pending.push(part);
      this.#end += part.length;
    }
  }

  /** Makes durable what the transaction under way has added. Belongs before its commit. */
  flush(): void {
    if (this.#pending.length === 0) return;
    try {
      this.#file ??= this.#create();
      const written = writevSync(this.#file, this.#pending, this.#pendingFrom);
      if (written !== this.#end - this.#pendingFrom) throw Object.assign(new Error('it was written only in part'), { code: 'ENOSPC' });
      fdatasyncSync(this.#file);
    } catch (cause) {
      // What the disk holds of this segment's end is not known any more.
      this.#beginSegment();
      throw unavailable(cause, this.#directory);
    }
    this.#pending = [];
  }

  /** Forgets what the transaction under way has added. */
  discard(): void {
    if (this.#pending.length > 0) this.#end = this.#pendingFrom;
    this.#pending = [];
  }

  /** `undefined` when it is not there in its full length: somebody has touched the files. */
  read({ segment, position, length }: Place): Buffer | undefined {
    const record = Buffer.allocUnsafe(length);
    let file: number | undefined;
    try {
      file = openSync(this.#fileOf(segment), 'r');
      let read = 0;
      while (read < length) {
        const more = readSync(file, record, read, length - read, position + read);
        if (more === 0) return undefined;
        read += more;
      }
      return record;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unavailable(cause, this.#directory);
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** For people: the file of a segment. */
  describe(segment: number): string {
    return this.#fileOf(segment);
  }

  /** Deletes the segments before this one, which no row names any more. */
  dropBefore(segment: number): void {
    for (const old of this.#segments()) if (old < Math.min(segment, this.#segment)) unlinkSync(this.#fileOf(old));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #beginSegment(): void {
    this.close();
    this.#segment++;
    this.#end = 0;
    this.#pending = [];
  }

  #create(): number {
    const file = openSync(this.#fileOf(this.#segment), 'wx', 0o600);
    // The name of a new file is as durable as its directory.
    const directory = openSync(this.#directory, 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
    return file;
  }

  #segments(): readonly number[] {
    return readdirSync(this.#directory).flatMap((name) => (SEGMENT_NAME.test(name) ? [Number.parseInt(name, 10)] : []));
  }

  #fileOf(segment: number): string {
    return join(this.#directory, `${String(segment).padStart(8, '0')}.log`);
  }
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOSPC', 'the disk is full; make room'],
  ['EDQUOT', 'the quota is used up; make room'],
  ['EROFS', 'it has become read-only'],
  ['EACCES', 'it may not be written; give it back to this user'],
]);

function unavailable(cause: unknown, directory: string): StoreError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new StoreError('Unavailable', `${directory} cannot be used: ${REASONS.get(code) ?? `the disk reports an error (${message})`}`, {
    cause,
  });
}
