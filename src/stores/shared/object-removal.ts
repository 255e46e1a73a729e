import type { DeleteOptions, ObjectKey } from '../../ports/store.ts';
import { type GroupKind, groupKindOf, type OwnerReference, type Stored, type StoredMeta } from '../../resources/object.ts';
import { timestamp } from '../../resources/timestamp.ts';
import type { Facts, ObjectTable } from './object-table.ts';
import { checkPreconditions } from './preconditions.ts';

/**
 * Deletion, finalizers and the garbage collection of what is owned, as Kubernetes' controllers do it over time
 * (pkg/controller/garbagecollector), here within one transaction. Chains of owners are walked with a list, not by recursion:
 * their length is the users' choice.
 */

/** Kubernetes' own name for "gone only after its dependents". */
const FOREGROUND = 'foregroundDeletion';

/** Gives the last state, terminating where finalizers hold it, or `undefined` when there is no such object. */
export function deleteObject(table: ObjectTable, facts: Facts, key: ObjectKey, options: DeleteOptions = {}): Stored | undefined {
  const current = table.find(key.kind, key.namespace ?? '', key.name);
  if (current === undefined) return undefined;
  checkPreconditions(current, options);
  switch (options.propagation ?? 'Background') {
    case 'Background':
      return collect(table, facts, current);
    case 'Orphan':
      for (const dependent of table.dependents(current.metadata.uid)) disown(table, dependent, current.metadata.uid);
      return collect(table, facts, current);
    case 'Foreground':
      return deleteInForeground(table, facts, current);
  }
}

/** Collects an object none of whose owners exists (any more). One without owners is nobody's business. */
export function collectUnowned(table: ObjectTable, facts: Facts, object: Stored): void {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length > 0 && !hasSolidOwner(table, object, undefined)) collect(table, facts, object);
}

/** Takes an object away for good, and then whatever goes with it. `last` carries the next version. */
export function removeObject(table: ObjectTable, facts: Facts, last: Stored, previous: Stored): Stored {
  const gone: { last?: Stored | undefined; previous: Stored }[] = [{ last, previous }];
  for (let next = gone.shift(); next !== undefined; next = gone.shift()) {
    const stored = refresh(table, next.previous);
    if (stored === undefined) continue;
    const final = next.last ?? restamp(table, stored, {});
    table.record({
      version: Number(final.metadata.resourceVersion),
      type: 'DELETED',
      kind: groupKindOf(final),
      object: final,
      previous: stored,
    });
    for (const dependent of table.dependents(final.metadata.uid)) {
      if (hasSolidOwner(table, dependent, final.metadata.uid)) disown(table, dependent, final.metadata.uid);
      else if (isHeld(dependent)) markTerminating(table, facts, dependent, []);
      else gone.push({ previous: dependent });
    }
    for (const owner of waitingOwners(table, final)) {
      const released = release(table, owner);
      if (released !== undefined && !isHeld(released)) gone.push({ previous: released });
    }
  }
  return last;
}

function collect(table: ObjectTable, facts: Facts, object: Stored): Stored {
  return isHeld(object) ? markTerminating(table, facts, object, []) : removeObject(table, facts, restamp(table, object, {}), object);
}

/** Marks everything beneath that has dependents of its own, then takes away the leaves; owners follow as their last dependent goes. */
function deleteInForeground(table: ObjectTable, facts: Facts, root: Stored): Stored {
  const marked: Stored[] = [];
  const leaves: Stored[] = [];
  const open = [root];
  const seen = new Set<string>();
  let last = root;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const object = refresh(table, next);
    if (object === undefined || seen.has(object.metadata.uid)) continue;
    seen.add(object.metadata.uid);
    const dependents = table.dependents(object.metadata.uid);
    if (dependents.length === 0) {
      leaves.push(object);
      continue;
    }
    const terminating = markTerminating(table, facts, object, [FOREGROUND]);
    if (isSame(next, root)) last = terminating;
    marked.push(terminating);
    for (const dependent of dependents) {
      if (hasSolidOwner(table, dependent, object.metadata.uid)) disown(table, dependent, object.metadata.uid);
      else open.push(dependent);
    }
  }
  for (const leaf of leaves) {
    const object = refresh(table, leaf);
    if (object === undefined) continue;
    const outcome = collect(table, facts, object);
    if (isSame(leaf, root)) last = outcome;
  }
  // An owner all of whose dependents belong to others too has nobody whose going would release it.
  for (const owner of marked.reverse()) {
    const object = refresh(table, owner);
    const released = object === undefined ? undefined : release(table, object);
    if (released !== undefined && !isHeld(released)) removeObject(table, facts, restamp(table, released, {}), released);
  }
  const rest = refresh(table, root);
  if (rest === undefined) return last;
  if (!isWaiting(rest) || marked.some((object) => isHeldByOthers(refresh(table, object)))) return rest;
  // Only a circle of owners is left, in which each waits for the next. Held leaves would still show as dependents below.
  if (marked.flatMap((object) => table.dependents(object.metadata.uid)).some(isHeldByOthers)) return rest;
  const freed = modify(table, rest, { finalizers: undefined });
  return removeObject(table, facts, restamp(table, freed, {}), freed);
}

/** Takes the foreground finalizer from an owner that nothing blocks any more. */
function release(table: ObjectTable, owner: Stored): Stored | undefined {
  if (!isWaiting(owner)) return undefined;
  const { uid } = owner.metadata;
  const blocked = table.dependents(uid).some((dependent) => ownerReference(dependent, uid)?.blockOwnerDeletion === true);
  if (blocked) return undefined;
  const finalizers = owner.metadata.finalizers?.filter((finalizer) => finalizer !== FOREGROUND) ?? [];
  return modify(table, owner, { finalizers: finalizers.length === 0 ? undefined : finalizers });
}

function markTerminating(table: ObjectTable, facts: Facts, object: Stored, more: readonly string[]): Stored {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  const missing = more.filter((finalizer) => !finalizers.includes(finalizer));
  if (deletionTimestamp !== undefined && missing.length === 0) return object;
  return modify(table, object, {
    deletionTimestamp: deletionTimestamp ?? timestamp(facts.clock.now()),
    deletionGracePeriodSeconds: 0,
    finalizers: Object.freeze([...finalizers, ...missing]),
  });
}

function disown(table: ObjectTable, dependent: Stored, ownerUid: string): void {
  const others = dependent.metadata.ownerReferences?.filter((reference) => reference.uid !== ownerUid) ?? [];
  modify(table, dependent, { ownerReferences: others.length === 0 ? undefined : Object.freeze(others) });
}

function modify(table: ObjectTable, object: Stored, change: Partial<StoredMeta>): Stored {
  const next = restamp(table, object, change);
  table.record({
    version: Number(next.metadata.resourceVersion),
    type: 'MODIFIED',
    kind: groupKindOf(next),
    object: next,
    previous: object,
  });
  return next;
}

function restamp(table: ObjectTable, object: Stored, change: Partial<StoredMeta>): Stored {
  const metadata: Record<string, unknown> = { ...object.metadata, ...change, resourceVersion: String(table.nextVersion()) };
  for (const [field, value] of Object.entries(change)) if (value === undefined) delete metadata[field];
  return Object.freeze({ ...object, metadata: Object.freeze(metadata) as unknown as StoredMeta });
}

/** An owner that exists and does not itself wait for its dependents to go. */
function hasSolidOwner(table: ObjectTable, dependent: Stored, except: string | undefined): boolean {
  return (dependent.metadata.ownerReferences ?? []).some((reference) => {
    const owner = reference.uid === except ? undefined : findOwner(table, dependent, reference);
    return owner !== undefined && !isWaiting(owner);
  });
}

function waitingOwners(table: ObjectTable, dependent: Stored): Stored[] {
  return (dependent.metadata.ownerReferences ?? []).flatMap((reference) => {
    const owner = findOwner(table, dependent, reference);
    return owner !== undefined && isWaiting(owner) ? [owner] : [];
  });
}

/** An owner is of the same namespace or cluster-scoped. */
function findOwner(table: ObjectTable, dependent: Stored, reference: OwnerReference): Stored | undefined {
  const kind: GroupKind = groupKindOf(reference);
  for (const namespace of new Set([dependent.metadata.namespace ?? '', ''])) {
    const owner = table.find(kind, namespace, reference.name);
    if (owner?.metadata.uid === reference.uid) return owner;
  }
  return undefined;
}

function ownerReference(dependent: Stored, uid: string): OwnerReference | undefined {
  return dependent.metadata.ownerReferences?.find((reference) => reference.uid === uid);
}

/** The stored state of what may have changed meanwhile; another object of the same name is not it. */
function refresh(table: ObjectTable, object: Stored): Stored | undefined {
  const found = table.find(groupKindOf(object), object.metadata.namespace ?? '', object.metadata.name);
  return found?.metadata.uid === object.metadata.uid ? found : undefined;
}

/** A table may hand out the same state as another object. */
function isSame(a: Stored, b: Stored): boolean {
  return a.metadata.uid === b.metadata.uid;
}

function isHeld(object: Stored): boolean {
  return (object.metadata.finalizers ?? []).length > 0;
}

/** By a finalizer that somebody else has to take away. */
function isHeldByOthers(object: Stored | undefined): boolean {
  return (object?.metadata.finalizers ?? []).some((finalizer) => finalizer !== FOREGROUND);
}

function isWaiting(object: Stored): boolean {
  return object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).includes(FOREGROUND);
}
