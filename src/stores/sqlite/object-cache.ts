import type { Stored } from '../../resources/object.ts';

interface Entry {
  readonly object: Stored;
  readonly weight: number;
  /** Set while this is the current version of that object. */
  key: string | undefined;
}

/**
 * Parsed objects, by version and, the current ones, by what they are. A version never changes, and this process is the only writer, so an
 * entry is never stale; the least recently used go first.
 * Weighed by the length of the JSON text, of which the parsed form takes about three to five times as much memory.
 */
export class ObjectCache {
  readonly #capacity: number;
  readonly #entries = new Map<number, Entry>();
  readonly #current = new Map<string, number>();
  #weight = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(version: number): Stored | undefined {
    const entry = this.#entries.get(version);
    if (entry === undefined) return undefined;
    this.#entries.delete(version);
    this.#entries.set(version, entry);
    return entry.object;
  }

  /** The current version of an object. `undefined` says nothing about whether there is one. */
  find(key: string): Stored | undefined {
    const version = this.#current.get(key);
    return version === undefined ? undefined : this.get(version);
  }

  set(version: number, object: Stored, weight: number): void {
    this.delete(version);
    this.#entries.set(version, { object, weight, key: undefined });
    this.#weight += weight;
    // Beginning to walk a map costs as much as it has seen deletions: not for every entry.
    if (this.#weight <= this.#capacity) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity * 0.9) break;
      this.delete(oldest);
    }
  }

  /** Says of an entry that it is the current version of an object. */
  setCurrent(version: number, key: string): void {
    const entry = this.#entries.get(version);
    if (entry === undefined) return;
    entry.key = key;
    this.#current.set(key, version);
  }

  delete(version: number): void {
    const entry = this.#entries.get(version);
    if (entry === undefined) return;
    this.#entries.delete(version);
    this.#weight -= entry.weight;
    if (entry.key !== undefined && this.#current.get(entry.key) === version) this.#current.delete(entry.key);
  }

  /** After a rollback, whose versions will be given again to other objects. */
  clear(): void {
    this.#entries.clear();
    this.#current.clear();
    this.#weight = 0;
  }
}
