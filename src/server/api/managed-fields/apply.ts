import type { KubeObject } from '../../../resources/object.ts';
import {
  compare,
  difference,
  entriesOf,
  type FieldSet,
  fieldsOf,
  intersection,
  isEmpty,
  type Keyed,
  NO_FIELDS,
  partsOf,
  pathsOf,
  union,
} from './field-set.ts';
import { hasKeyedLists, type ManagedFields, managersAfterApply, ownable, recordedManagers, type Writer } from './managers.ts';

export interface FieldConflict {
  readonly manager: ManagedFields;
  /** `.spec.description` */
  readonly path: string;
}

export interface Merged {
  /** The object with what was applied, and without what its applier used to set and no longer does. No `managedFields` yet. */
  readonly object: Readonly<Record<string, unknown>>;
  readonly applied: FieldSet;
  readonly removed: FieldSet;
  readonly managers: readonly ManagedFields[];
}

/** Server-side apply, first half: `config` merged into what is there (structured-merge-diff, `Updater.Apply`). */
export function mergeApplied(live: KubeObject | undefined, config: KubeObject, writer: Writer): Merged {
  const keyed = hasKeyedLists(config.apiVersion);
  const wanted = ownable(config, writer.subresource);
  const applied = fieldsOf(wanted, keyed);
  if (live === undefined) return { object: config, applied, removed: NO_FIELDS, managers: [] };
  const managers = recordedManagers(live, writer);
  const isOwn = (entry: ManagedFields): boolean =>
    entry.operation === 'Apply' && entry.manager === writer.manager && entry.subresource === writer.subresource;
  const others = managers.filter((entry) => !isOwn(entry)).map((entry) => entry.fieldsV1);
  const before = managers.find(isOwn)?.fieldsV1 ?? NO_FIELDS;
  const removed = difference(difference(before, applied), others.reduce(union, NO_FIELDS));
  const merged = mergeValues(live, wanted, keyed, '') as Readonly<Record<string, unknown>>;
  const object = without(merged, removed, keyed, '') as Readonly<Record<string, unknown>>;
  return {
    object: { ...object, apiVersion: config.apiVersion, kind: config.kind, metadata: object['metadata'] ?? {} },
    applied,
    removed,
    managers,
  };
}

/**
 * Second half, when admission has completed the object: what of the applied fields others own and would get another value. None: who owns what from now
 * on. With `force` the applier takes them.
 */
export function settleApplied(
  live: KubeObject | undefined,
  admitted: KubeObject,
  merged: Merged,
  writer: Writer,
  force: boolean,
): { readonly conflicts: readonly FieldConflict[]; readonly managers: readonly ManagedFields[] } {
  const keyed = hasKeyedLists(admitted.apiVersion);
  const { changed } = compare(live === undefined ? {} : ownable(live, writer.subresource), ownable(admitted, writer.subresource), keyed);
  const contested = intersection(merged.applied, changed);
  const owners = merged.managers.filter(
    (entry) => !(entry.operation === 'Apply' && entry.manager === writer.manager && entry.subresource === writer.subresource),
  );
  const conflicts = owners.flatMap((manager) => pathsOf(intersection(manager.fieldsV1, contested)).map((path) => ({ manager, path })));
  if (conflicts.length > 0 && !force) return { conflicts, managers: [] };
  const outcome = { apiVersion: admitted.apiVersion, fields: merged.applied, taken: contested, removed: merged.removed };
  return { conflicts: [], managers: managersAfterApply(merged.managers, outcome, writer) };
}

/** Members and keyed elements of both; anything else is the applied one's. */
function mergeValues(live: unknown, wanted: unknown, keyed: Keyed, name: string): unknown {
  const [old, now] = [partsOf(live, keyed, name), partsOf(wanted, keyed, name)];
  if (old === undefined || now === undefined) return isEmptyMap(wanted) && entriesOf(live) !== undefined ? live : wanted;
  const merged = new Map([...old].map(([step, part]) => [step, part.value]));
  for (const [step, part] of now) merged.set(step, mergeValues(old.get(step)?.value, part.value, part.keyed, part.name));
  if (!Array.isArray(wanted)) return Object.fromEntries([...merged].map(([step, value]) => [step.slice(2), value]));
  // The applier's order, then what others have added.
  const order = [...now.keys(), ...[...old.keys()].filter((step) => !now.has(step))];
  return order.map((step) => merged.get(step));
}

/** Without these fields, and without what they leave empty. */
function without(value: unknown, removed: FieldSet, keyed: Keyed, name: string): unknown {
  const parts = partsOf(value, keyed, name);
  if (parts === undefined || isEmpty(removed)) return value;
  const kept = [...parts].flatMap(([step, part]): [string, unknown][] => {
    const gone = Object.hasOwn(removed, step) ? removed[step] : undefined;
    if (gone === undefined) return [[step, part.value]];
    if (isEmpty(gone)) return [];
    const rest = without(part.value, gone, part.keyed, part.name);
    return isEmptyMap(rest) || (Array.isArray(rest) && rest.length === 0) ? [] : [[step, rest]];
  });
  return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept.map(([step, inner]) => [step.slice(2), inner]));
}

function isEmptyMap(value: unknown): boolean {
  return entriesOf(value)?.size === 0;
}
