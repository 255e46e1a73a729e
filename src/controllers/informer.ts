import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { Recent } from './recent.ts';

export interface InformerOptions<T extends KubeObject> {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly kind: GroupKind;
  /** Only objects with these labels, in Kubernetes' syntax. Absent: all. */
  readonly labelSelector?: string | undefined;
  /** Objects it says no to are not held in memory; the listener still hears of them. Absent: all are held. */
  readonly hold?: ((object: Stored<T>) => boolean) | undefined;
  /** Called for each object of the first list, then for each change; may throw. `undefined` in `now` means it is gone. */
  readonly onChange?: ((now: Stored<T> | undefined, before: Stored<T> | undefined, key: string) => void) | undefined;
}

/** `namespace/name`; for cluster-scoped kinds only the name. */
export function objectKey(object: {
  readonly metadata: { readonly namespace?: string | undefined; readonly name?: string | undefined };
}): string {
  const { namespace, name = '' } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The name an `objectKey` of a namespaced kind is made of. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) };
}

const PAGE = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 10_000;
/** Of so many objects that are not held it is known which version was told of last. */
const TOLD = 4_096;

/**
 * A live copy of one kind in memory, with an index by owner: list, watch, and when the watch breaks off, list again. The one
 * loop never ends before `close`; an unreachable store means growing pauses, not silence.
 */
export class Informer<T extends KubeObject = KubeObject> {
  readonly #options: InformerOptions<T>;
  readonly #objects = new Map<string, Stored<T>>();
  readonly #byOwner = new Map<string, Map<string, Stored<T>>>();
  /** Versions of what is not held, by key: what was learned of comes once more through the watch, and is no news. */
  readonly #told = new Recent<string>(TOLD);
  readonly #abort = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
  }

  /** Begins, and resolves after the first complete list. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#loop = this.#run(resolve);
    });
  }

  get(key: string): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  /** What this owner owns, in no promised order. */
  ownedBy(uid: string): readonly Stored<T>[] {
    const owned = this.#byOwner.get(uid);
    return owned === undefined ? [] : [...owned.values()];
  }

  values(): IterableIterator<Stored<T>> {
    return this.#objects.values();
  }

  get size(): number {
    return this.#objects.size;
  }

  /**
   * Takes in what a write or a read of the store has just answered, ahead of the watch: whoever decides next decides on what was written
   * and does not do it again.
   */
  learn(object: Stored<T>): void {
    this.#put(object);
  }

  /** Lets go of an object that is no longer needed in memory. */
  drop(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#remove(key);
    this.#told.set(key, object.metadata.resourceVersion);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  async #run(synced: () => void): Promise<void> {
    const { clock, logger, kind } = this.#options;
    let pause = FIRST_PAUSE_MS;
    let told: string | undefined;
    let gone = 0;
    while (!this.#abort.signal.aborted) {
      let began: number | undefined;
      try {
        const version = await this.#listAll();
        synced();
        began = clock.now();
        await this.#follow(version);
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        // A list alone proves nothing: the right to watch may be missing.
        if (began !== undefined && clock.now() - began > LONGEST_PAUSE_MS) [pause, told, gone] = [FIRST_PAUSE_MS, undefined, 0];
        // The first list anew comes at once; a store that says it again and again must not be listed without a rest.
        if (error instanceof StoreError && error.code === 'Gone' && gone++ === 0) continue;
        const problem = error instanceof Error ? error.message : String(error);
        if (problem !== told) logger.warn('watch broke off, listing again', { kind, error: problem, pauseMs: pause });
        told = problem;
        await this.#pause(clock, pause);
        pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
      }
    }
  }

  async #listAll(): Promise<string> {
    const { store, kind, labelSelector } = this.#options;
    const seen = new Set<string>();
    let version = '0';
    let next: string | undefined;
    do {
      const page = await store.list<T>(kind, { labelSelector, limit: PAGE, continue: next });
      // The first page's version: what changed while the later ones were read comes again through the watch.
      if (next === undefined) version = page.resourceVersion;
      for (const object of page.items) {
        seen.add(objectKey(object));
        this.#put(object);
      }
      next = page.continue;
    } while (next !== undefined && !this.#abort.signal.aborted);
    for (const [key, object] of [...this.#objects])
      if (!seen.has(key) && !isNewer(object.metadata.resourceVersion, version)) this.#gone(key);
    return version;
  }

  async #follow(resourceVersion: string): Promise<void> {
    const { store, kind, labelSelector } = this.#options;
    for await (const change of store.watch<T>(kind, { labelSelector, resourceVersion, signal: this.#abort.signal })) {
      if (change.type === 'DELETED') this.#gone(objectKey(change.object), change.object);
      else this.#put(change.object);
    }
  }

  #put(object: Stored<T>): void {
    const key = objectKey(object);
    const before = this.#objects.get(key);
    const known = before?.metadata.resourceVersion ?? this.#told.get(key);
    if (known !== undefined && !isNewer(object.metadata.resourceVersion, known)) return;
    const held = this.#options.hold?.(object) ?? true;
    // Changed in place, an object keeps its position: whoever looks at all of an owner's again finds them in the order of the last look.
    if (before !== undefined && !(held && sameOwners(before, object))) this.#remove(key);
    if (held) {
      this.#told.delete(key);
      this.#objects.set(key, object);
      for (const owner of object.metadata.ownerReferences ?? []) {
        const owned = this.#byOwner.get(owner.uid);
        if (owned === undefined) this.#byOwner.set(owner.uid, new Map([[key, object]]));
        else owned.set(key, object);
      }
    } else this.#told.set(key, object.metadata.resourceVersion);
    this.#tell(object, before, key);
  }

  #gone(key: string, last?: Stored<T>): void {
    const before = this.#objects.get(key) ?? last;
    // Deleted and made again, and the new one was learned of first.
    if (last !== undefined && before !== undefined && isNewer(before.metadata.resourceVersion, last.metadata.resourceVersion)) return;
    this.#remove(key);
    this.#told.delete(key);
    this.#tell(undefined, before, key);
  }

  /** One object that a listener cannot digest must not keep the others from being heard of. */
  #tell(now: Stored<T> | undefined, before: Stored<T> | undefined, key: string): void {
    const { onChange, logger, kind } = this.#options;
    try {
      onChange?.(now, before, key);
    } catch (error) {
      logger.error('a change could not be taken in, passing over it', {
        kind,
        key,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #remove(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    for (const owner of object.metadata.ownerReferences ?? []) {
      const owned = this.#byOwner.get(owner.uid);
      owned?.delete(key);
      if (owned?.size === 0) this.#byOwner.delete(owner.uid);
    }
  }

  #pause(clock: Clock, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.at(clock.now() + ms, done);
      const { signal } = this.#abort;
      function done(): void {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}

/** Versions are decimal numbers of any length, in the order of the writes: Kubernetes promises as much since KEP-5504. */
function isNewer(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}

function sameOwners(a: Stored, b: Stored): boolean {
  const [one = [], other = []] = [a.metadata.ownerReferences, b.metadata.ownerReferences];
  return one === other || (one.length === other.length && one.every(({ uid }, index) => uid === other[index]?.uid));
}
