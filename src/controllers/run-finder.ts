import type { Store } from '../ports/store.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { type Informer, splitKey } from './informer.ts';
import { isDone } from './is-done.ts';

/** Finds what a key of a loop over runs stands for: what is held, or what is done and held no more, for it may lack a last word. */
export class RunFinder<T extends KubeObject> {
  readonly #store: Store;
  readonly #kind: GroupKind;
  readonly #informer: Informer<T>;
  /** What has ended and is not looked at yet: it need not be read again. */
  readonly #ended = new Map<string, Stored<T>>();

  constructor(store: Store, kind: GroupKind, informer: Informer<T>) {
    this.#store = store;
    this.#kind = kind;
    this.#informer = informer;
  }

  /** What the informer tells. */
  heard(now: Stored<T> | undefined, key: string): void {
    if (now !== undefined && isDone(now)) this.#ended.set(key, now);
    else this.#ended.delete(key);
  }

  async find(key: string): Promise<Stored<T> | undefined> {
    const known = this.#informer.get(key) ?? this.#ended.get(key);
    this.#ended.delete(key);
    if (known !== undefined) return known;
    const stored = await this.#store.get<T>({ kind: this.#kind, ...splitKey(key) });
    return stored !== undefined && isDone(stored) ? stored : undefined;
  }
}
