import type { KubeObject } from '../resources/object.ts';
import { outcomeCode, pipelineTaskLabel, type TaskState, taskState } from './children.ts';
import type { PlannedTask } from './plan.ts';
import type { KeptTask } from './rerun/kept-tasks.ts';

/** What is to be seen of a run's children. */
export interface Observation {
  /** How each planned task stands, in the plan's order. */
  readonly states: readonly TaskState[];
  /** The same, as `outcomeCode`s. */
  readonly codes: Readonly<Uint8Array>;
  /** When the first child was created; RFC 3339. */
  readonly earliest: string | undefined;
}

/**
 * Sorts a run's children to its tasks. Between two looks most children are the same objects, so it remembers the last look and works out
 * anew only the tasks whose children are other objects now; what it answers depends on nothing but the children given.
 */
export class Observer {
  readonly #uid: string | undefined;
  readonly #tasks: readonly PlannedTask[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #kept: ReadonlyMap<number, KeptTask>;
  #children: KubeObject[] = [];
  /** Of each child the place of its task; -1 for a stranger. */
  #placeOf: number[] = [];
  /** Of each task the indices of its children. */
  #members: number[][] = [];
  #states: TaskState[] = [];
  #codes = new Uint8Array(0);
  #earliest: string | undefined;

  /** `kept`: tasks that a rerun does not run again, which have no children of its own. */
  constructor(
    uid: string | undefined,
    tasks: readonly PlannedTask[],
    places: ReadonlyMap<string, number>,
    kept: ReadonlyMap<number, KeptTask>,
  ) {
    this.#uid = uid;
    this.#tasks = tasks;
    this.#places = places;
    this.#kept = kept;
    this.#forget();
  }

  observe(children: readonly KubeObject[]): Observation {
    if (!this.#follows(children)) this.#forget();
    const changed = new Set<number>();
    for (let index = 0; index < children.length; index++) {
      const child = children[index];
      if (child === undefined || child === this.#children[index]) continue;
      this.#children[index] = child;
      const place = this.#placeOf[index] ?? this.#enter(child, index);
      if (place >= 0) changed.add(place);
    }
    for (const place of changed) this.#update(place);
    return { states: this.#states, codes: this.#codes, earliest: this.#earliest };
  }

  /** Whether these are the children of the last look, in their order, newer versions and further ones allowed. */
  #follows(children: readonly KubeObject[]): boolean {
    if (children.length < this.#children.length) return false;
    for (let index = 0; index < this.#children.length; index++) {
      const known = this.#children[index];
      if (known !== children[index] && !isSameChild(known, children[index])) return false;
    }
    return true;
  }

  #forget(): void {
    this.#children = [];
    this.#placeOf = [];
    this.#members = this.#tasks.map(() => []);
    this.#states = this.#tasks.map((planned) => taskState(planned));
    this.#codes = new Uint8Array(this.#tasks.length);
    for (const [place, kept] of this.#kept) {
      if (kept.type === 'skipped') continue;
      this.#states[place] = kept.state;
      this.#codes[place] = outcomeCode[kept.state.outcome];
    }
    this.#earliest = undefined;
  }

  #enter(child: KubeObject, index: number): number {
    const { labels, ownerReferences, creationTimestamp } = child.metadata;
    const own = ownerReferences?.[0]?.uid === this.#uid;
    if (own && creationTimestamp !== undefined && !(this.#earliest !== undefined && this.#earliest <= creationTimestamp)) {
      this.#earliest = creationTimestamp;
    }
    const named = own ? (this.#places.get(labels?.[pipelineTaskLabel] ?? '') ?? -1) : -1;
    const place = this.#kept.has(named) ? -1 : named;
    this.#placeOf[index] = place;
    this.#members[place]?.push(index);
    return place;
  }

  #update(place: number): void {
    const planned = this.#tasks[place];
    if (planned === undefined) return;
    const runs = (this.#members[place] ?? []).flatMap((index) => this.#children[index] ?? []);
    const state = taskState(planned, runs.length > 1 ? runs.sort(byIndex) : runs);
    this.#states[place] = state;
    this.#codes[place] = outcomeCode[state.outcome];
  }
}

function isSameChild(a: KubeObject | undefined, b: KubeObject | undefined): boolean {
  return (
    a !== undefined && b !== undefined && a.kind === b.kind && a.metadata.uid === b.metadata.uid && a.metadata.name === b.metadata.name
  );
}

/** Names of one matrix differ only in the index at their end, so a shorter one has the smaller index. */
function byIndex(a: KubeObject, b: KubeObject): number {
  const [left = '', right = ''] = [a.metadata.name, b.metadata.name];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : 1;
}
