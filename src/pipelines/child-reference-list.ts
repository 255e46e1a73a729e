import type { KubeObject } from '../resources/object.ts';
import type { ChildReference } from '../resources/pipeline-run/schema.ts';
import { outcomeCode } from './children.ts';
import type { Schedule } from './schedule.ts';

/**
 * Keeps `status.childReferences` in the pipeline's order. An entry once made does not change: what its guards wanted was known then. Where the
 * list says it all already, it is the answer itself, so that telling that a status is the same costs nothing. It remembers entries by task
 * to spare work; its answers depend on nothing but what is given.
 */
export class ChildReferenceList {
  /** Of tasks with one child. */
  readonly #entries: (ChildReference | undefined)[] = [];

  update(
    old: ChildReference[],
    { states, codes }: Pick<Schedule, 'states' | 'codes'>,
    created: ReadonlyMap<number, readonly KubeObject[]>,
    make: (child: KubeObject, place: number) => ChildReference,
  ): ChildReference[] {
    let changed: ChildReference[] | undefined;
    let byName: ReadonlyMap<string, ChildReference> | undefined;
    let next = 0;
    for (let place = 0; place < codes.length; place++) {
      if (codes[place] !== outcomeCode.none) {
        const entry = this.#entries[place];
        if (entry !== undefined && entry === old[next]) {
          changed?.push(entry);
          next++;
        } else {
          const runs = states[place]?.runs ?? [];
          for (const child of runs) {
            const { name = '' } = child.metadata;
            let found = old[next];
            if (found?.name === name) {
              changed?.push(found);
              next++;
            } else {
              byName ??= new Map(old.map((reference) => [reference.name, reference]));
              found = byName.get(name) ?? make(child, place);
              changed ??= old.slice(0, next);
              changed.push(found);
            }
            if (runs.length === 1) this.#entries[place] = found;
          }
        }
      }
      if (created.size > 0) {
        for (const child of created.get(place) ?? []) {
          changed ??= old.slice(0, next);
          changed.push(make(child, place));
        }
      }
    }
    return changed ?? (next === old.length ? old : old.slice(0, next));
  }
}
