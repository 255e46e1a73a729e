import type { Stored } from '../../resources/object.ts';

interface Entry {
  readonly object: Stored;
  readonly weight: number;
  /** Set while this is the current version of that object. */
  key: string | undefined;
}

/**
 * Parsed objects, by version and, the current ones, by what they are. A version never changes, and this process is the only writer, so an
 * entry is never stale. What has not been used for a while goes: entries are in two generations, use moves them into the younger, and when
 * that has reached half the capacity the older is dropped. (A map kept in the order of use, the usual way, is rehashed over and over:
 * 25 µs a read with 10,000 entries.)
 *
 * Weighed by the length of the JSON text, of which the parsed form takes about three to five times as much memory.
 */
export class ObjectCache {
  readonly #capacity: number;
  #young = new Map<number, Entry>();
  #old = new Map<number, Entry>();
  #youngWeight = 0;
  readonly #current = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(version: number): Stored | undefined {
    const young = this.#young.get(version);
    if (young !== undefined) return young.object;
    const old = this.#old.get(version);
    if (old === undefined) return undefined;
    this.#old.delete(version);
    this.#add(version, old);
    return old.object;
  }

  /** The current version of an object. `undefined` says nothing about whether there is one. */
  find(key: string): Stored | undefined {
    const version = this.#current.get(key);
    return version === undefined ? undefined : this.get(version);
  }

  set(version: number, object: Stored, weight: number): void {
    this.delete(version);
    this.#add(version, { object, weight, key: undefined });
  }

  /** Says of an entry that it is the current version of an object. */
  setCurrent(version: number, key: string): void {
    const entry = this.#young.get(version) ?? this.#old.get(version);
    if (entry === undefined || entry.key === key) return;
    entry.key = key;
    this.#current.set(key, version);
  }

  delete(version: number): void {
    const young = this.#young.get(version);
    const entry = young ?? this.#old.get(version);
    if (entry === undefined) return;
    if (young === undefined) this.#old.delete(version);
    else {
      this.#young.delete(version);
      this.#youngWeight -= entry.weight;
    }
    this.#forget(version, entry);
  }

  /** After a rollback, whose versions will be given again to other objects. */
  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#current.clear();
    this.#youngWeight = 0;
  }

  #add(version: number, entry: Entry): void {
    this.#young.set(version, entry);
    this.#youngWeight += entry.weight;
    if (this.#youngWeight * 2 <= this.#capacity) return;
    for (const [dropped, { key }] of this.#old) this.#forget(dropped, { key });
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngWeight = 0;
  }

  #forget(version: number, { key }: Pick<Entry, 'key'>): void {
    if (key !== undefined && this.#current.get(key) === version) this.#current.delete(key);
  }
}
