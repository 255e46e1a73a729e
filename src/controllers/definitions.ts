import type { Clock } from '../ports/clock.ts';
import type { ObjectKey, Store } from '../ports/store.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { owningRun } from '../resources/owning-run.ts';
import { typeOfGroupKind } from '../resources/registry.ts';
import type { Resolved } from '../resources/resolved.ts';
import type { Pace } from './pace.ts';

export interface DefinitionsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly pace: Pace;
}

interface Entry {
  readonly at: number;
  readonly object: Promise<Stored | undefined>;
}

/**
 * Reads what runs refer to by name, from the store itself, as upstream does: what was applied just before a run is found. For a run and its children what
 * was read a moment ago holds, so that fifty TaskRuns of one Task read it once.
 */
export class Definitions {
  readonly #options: DefinitionsOptions;
  /** In order of their reading. */
  readonly #read = new Map<string, Entry>();

  constructor(options: DefinitionsOptions) {
    this.#options = options;
  }

  /** Says in Kubernetes' words that there is none. */
  async resolve<T extends KubeObject>(run: Stored, key: ObjectKey): Promise<Resolved<T>> {
    const object = await this.get<T>(run, key);
    if (object !== undefined) return { type: 'found', object };
    const type = typeOfGroupKind(key.kind);
    return { type: 'missing', message: `${type?.plural}.${type?.group} "${key.name}" not found` };
  }

  /** What is not there may be applied any moment, and is asked for again each time. */
  async get<T extends KubeObject>(run: Stored, key: ObjectKey): Promise<Stored<T> | undefined> {
    const { store, clock, pace } = this.#options;
    if (pace.definitionsMs === 0) return store.get<T>(key);
    const now = clock.now();
    for (const [id, { at }] of this.#read) {
      if (now - at < pace.definitionsMs) break;
      this.#read.delete(id);
    }
    const id = [rootUid(run), key.kind, key.namespace ?? '', key.name].join('\n');
    const known = this.#read.get(id);
    if (known !== undefined) return (await known.object) as Stored<T> | undefined;
    const entry: Entry = { at: now, object: store.get<T>(key) };
    this.#read.set(id, entry);
    const object = await entry.object.catch((error: unknown) => {
      this.#drop(id, entry);
      throw error;
    });
    if (object === undefined) this.#drop(id, entry);
    return object as Stored<T> | undefined;
  }

  #drop(id: string, entry: Entry): void {
    if (this.#read.get(id) === entry) this.#read.delete(id);
  }
}

function rootUid(run: Stored): string {
  return (owningRun(run) ?? run.metadata).uid;
}
