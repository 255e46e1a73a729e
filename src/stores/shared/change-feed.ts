import { type Change, StoreError, type Watch, type WatchOptions } from '../../ports/store.ts';
import type { GroupKind, Stored } from '../../resources/object.ts';
import { type FieldSelector, matchesFields, parseFieldSelector } from '../selectors/field-selector.ts';
import { type LabelSelector, matchesLabels, parseLabelSelector } from '../selectors/label-selector.ts';
import type { RecordedChange } from './object-table.ts';

/** Changes older than the feed holds in memory, where the store keeps them. */
export interface ChangeHistory {
  /**
   * Changes of one kind after a version, oldest first, at most `limit`. `through` is the last version that was looked at.
   * `undefined` when changes after that version have been compacted away.
   */
  read(
    kind: GroupKind,
    after: number,
    limit: number,
  ): { readonly changes: readonly RecordedChange[]; readonly through: number } | undefined;
}

export interface ChangeFeedOptions {
  /** The version of the last change before this feed began. */
  readonly start: number;
  /** Changes held in memory, for all watchers together. */
  readonly keep: number;
  /** The same by the size of their JSON, where the store knows it. Default: no bound. */
  readonly keepBytes?: number | undefined;
  readonly history?: ChangeHistory | undefined;
}

const HISTORY_CHUNK = 200;

/**
 * Committed changes on their way to watchers. A watcher is a position in the one list, not a buffer of its own: however many there are and
 * however slowly they read, memory is bounded, and one that has fallen behind what is kept reads on in the history, or is `Gone`.
 */
export class ChangeFeed {
  readonly #keep: number;
  readonly #keepBytes: number;
  readonly #history: ChangeHistory | undefined;
  #recent: RecordedChange[] = [];
  #bytes = 0;
  #head: number;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  constructor(options: ChangeFeedOptions) {
    this.#keep = options.keep;
    this.#keepBytes = options.keepBytes ?? Number.POSITIVE_INFINITY;
    this.#history = options.history;
    this.#head = options.start;
  }

  /** Version of the last committed change. */
  get head(): number {
    return this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Versions follow each other without a gap. */
  publish(changes: readonly RecordedChange[]): void {
    const last = changes.at(-1);
    if (last === undefined) return;
    for (const change of changes) {
      this.#recent.push(change);
      this.#bytes += change.bytes ?? 0;
    }
    this.#head = last.version;
    this.#trim();
    this.#wake();
  }

  /** By the quarter, so that the cost of moving the array is spread over many changes. */
  #trim(): void {
    if (this.#recent.length <= this.#keep * 1.25 && this.#bytes <= this.#keepBytes * 1.25) return;
    let drop = 0;
    while (drop < this.#recent.length && (this.#recent.length - drop > this.#keep || this.#bytes > this.#keepBytes)) {
      this.#bytes -= this.#recent[drop]?.bytes ?? 0;
      drop++;
    }
    this.#recent = this.#recent.slice(drop);
  }

  /** The first change of the kind after a version. Throws `Gone`. */
  after(kind: GroupKind, version: number): { readonly changes: readonly RecordedChange[]; readonly through: number } {
    if (version > this.#head) throw gone(version, `the newest is ${this.#head}`);
    const first = this.#recent[0]?.version ?? this.#head + 1;
    if (version + 1 < first) {
      const past = this.#history?.read(kind, version, HISTORY_CHUNK);
      if (past === undefined) throw gone(version, 'changes that old are no longer kept');
      return past;
    }
    for (let i = version + 1 - first; i < this.#recent.length; i++) {
      const change = this.#recent[i];
      if (change?.kind === kind) return { changes: [change], through: change.version };
    }
    return { changes: [], through: this.#head };
  }

  watch(kind: GroupKind, options: WatchOptions): Watch {
    // "From now" means from this call, not from the first read.
    const watcher = new Watcher(this, kind, options, this.#head);
    return { [Symbol.asyncIterator]: () => watcher, position: () => watcher.position() };
  }

  /** Resolves at the next change or at the end. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Wakes everybody who waits, to look again. */
  nudge(): void {
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}

class Watcher implements AsyncIterator<Change> {
  readonly #feed: ChangeFeed;
  readonly #kind: GroupKind;
  readonly #options: WatchOptions;
  readonly #start: number;
  #scope: { readonly labels: LabelSelector; readonly fields: FieldSelector } | undefined;
  #position = 0;
  /** What one read of the history gave and has not been delivered. */
  #pending: RecordedChange[] = [];
  #ended = false;
  readonly #onAbort = () => {
    this.#end();
    this.#feed.nudge();
  };

  constructor(feed: ChangeFeed, kind: GroupKind, options: WatchOptions, start: number) {
    this.#feed = feed;
    this.#kind = kind;
    this.#options = options;
    this.#start = start;
    if (options.signal?.aborted) this.#ended = true;
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  position(): string | undefined {
    if (this.#scope === undefined) return undefined;
    // What was read of the history and waits is not yielded yet.
    const [waiting] = this.#pending;
    return String(waiting === undefined ? this.#position : waiting.version - 1);
  }

  async next(): Promise<IteratorResult<Change>> {
    try {
      for (;;) {
        if (this.#ended || this.#feed.closed) return this.#end();
        const change = this.#take();
        if (change !== undefined) return { done: false, value: change };
        await this.#feed.changed();
      }
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Change>> {
    const done = this.#end();
    this.#feed.nudge();
    return done;
  }

  #end(): IteratorReturnResult<undefined> {
    this.#ended = true;
    this.#pending = [];
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    return { done: true, value: undefined };
  }

  #take(): Change | undefined {
    const scope = this.#open();
    for (;;) {
      const change = this.#pending.shift();
      if (change !== undefined) {
        const seen = this.#select(change, scope);
        if (seen !== undefined) return seen;
        continue;
      }
      const { changes, through } = this.#feed.after(this.#kind, this.#position);
      this.#position = through;
      if (changes.length === 0 && through >= this.#feed.head) return undefined;
      this.#pending = [...changes];
    }
  }

  #open(): { readonly labels: LabelSelector; readonly fields: FieldSelector } {
    if (this.#scope !== undefined) return this.#scope;
    const { resourceVersion } = this.#options;
    this.#position = resourceVersion === undefined ? this.#start : parseVersion(resourceVersion);
    this.#scope = { labels: parseLabelSelector(this.#options.labelSelector), fields: parseFieldSelector(this.#options.fieldSelector) };
    return this.#scope;
  }

  /** To a watcher with selectors, an object that begins or ceases to match is added or deleted (apiserver cacher, `convertToWatchEvent`). */
  #select(change: RecordedChange, scope: { readonly labels: LabelSelector; readonly fields: FieldSelector }): Change | undefined {
    const { namespace } = this.#options;
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return undefined;
    const matches = (object: Stored | undefined) =>
      object !== undefined && matchesLabels(scope.labels, object.metadata.labels) && matchesFields(scope.fields, object);
    if (scope.labels.length === 0 && scope.fields.length === 0) return { type: change.type, object: change.object };
    const before = matches(change.previous);
    if (change.type === 'DELETED') return before ? { type: 'DELETED', object: change.object } : undefined;
    const after = matches(change.object);
    if (after) return { type: before ? 'MODIFIED' : 'ADDED', object: change.object };
    return before && change.previous !== undefined ? { type: 'DELETED', object: atVersion(change.previous, change.version) } : undefined;
  }
}

function atVersion(object: Stored, version: number): Stored {
  return Object.freeze({ ...object, metadata: Object.freeze({ ...object.metadata, resourceVersion: String(version) }) });
}

function parseVersion(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new StoreError('Invalid', `resourceVersion "${text}": expected the decimal number of an answer of this store`);
  return Number(text);
}

function gone(version: number, why: string): StoreError {
  return new StoreError('Gone', `cannot watch from resourceVersion ${version}: ${why}; list again and watch from there`);
}
