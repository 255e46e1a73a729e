import type { Stored } from '../../resources/object.ts';

/**
 * Parsed objects by version. A version never changes, so an entry is never stale; the least recently used go first.
 * Weighed by the length of the JSON text, of which the parsed form takes about three to five times as much memory.
 */
export class ObjectCache {
  readonly #capacity: number;
  readonly #entries = new Map<number, { readonly object: Stored; readonly weight: number }>();
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

  set(version: number, object: Stored, weight: number): void {
    this.delete(version);
    this.#entries.set(version, { object, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity) break;
      this.delete(oldest);
    }
  }

  delete(version: number): void {
    const entry = this.#entries.get(version);
    if (entry === undefined) return;
    this.#entries.delete(version);
    this.#weight -= entry.weight;
  }

  /** After a rollback, whose versions will be given again to other objects. */
  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }
}
