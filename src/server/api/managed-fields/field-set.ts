import { type ListKind, listKind } from '../../../resources/list-keys.ts';
import { sameValue } from '../../../resources/same-value.ts';

/**
 * Which fields of an object, in Kubernetes' `FieldsV1`: `f:name` for a member, `k:{"name":"x"}` for an element of a keyed list, `v:"x"` for one of a
 * set, `.` for such an element itself. What has nothing below it is meant as a whole.
 */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

export const NO_FIELDS: FieldSet = {};

/** Whether lists below are keyed as Kubernetes' own kinds have them. Lists of our kinds are atomic, as in upstream's CRDs, but for those of `metadata`. */
export type Keyed = boolean;

type Entries = ReadonlyMap<string, unknown>;

/** Every field that a value has. */
export function fieldsOf(value: unknown, keyed: Keyed, name = ''): FieldSet {
  const parts = partsOf(value, keyed, name);
  if (parts === undefined) return NO_FIELDS;
  return build([...parts].map(([step, part]) => [step, fieldsOf(part.value, part.keyed, part.name)]));
}

/** What is new or another value in `after`, and what `before` alone has. */
export function compare(
  before: unknown,
  after: unknown,
  keyed: Keyed,
  name = '',
): { readonly changed: FieldSet; readonly removed: FieldSet } {
  const [old, now] = [partsOf(before, keyed, name), partsOf(after, keyed, name)];
  const changed: [string, FieldSet][] = [];
  const removed: [string, FieldSet][] = [];
  for (const [step, part] of now ?? []) {
    const known = old?.get(step);
    if (known === undefined) {
      changed.push([step, fieldsOf(part.value, part.keyed, part.name)]);
      continue;
    }
    if (sameValue(known.value, part.value)) continue;
    const below = compare(known.value, part.value, part.keyed, part.name);
    const isWhole = partsOf(part.value, part.keyed, part.name) === undefined || partsOf(known.value, part.keyed, part.name) === undefined;
    if (isWhole) changed.push([step, fieldsOf(part.value, part.keyed, part.name)]);
    else if (!isEmpty(below.changed)) changed.push([step, below.changed]);
    if (!isEmpty(below.removed)) removed.push([step, below.removed]);
  }
  for (const [step, part] of old ?? []) {
    if (now?.has(step) !== true) removed.push([step, fieldsOf(part.value, part.keyed, part.name)]);
  }
  return { changed: build(changed), removed: build(removed) };
}

interface Part {
  readonly value: unknown;
  readonly keyed: Keyed;
  readonly name: string;
}

/** What a value is made of, by step; `undefined` for one that is owned as a whole. */
export function partsOf(value: unknown, keyed: Keyed, name: string): ReadonlyMap<string, Part> | undefined {
  if (Array.isArray(value)) return keyed ? elementsOf(value, listKind(name)) : undefined;
  const entries = entriesOf(value);
  if (entries === undefined || entries.size === 0) return undefined;
  return new Map(
    [...entries].map(([member, inner]) => [`f:${member}`, { value: inner, keyed: keyed || member === 'metadata', name: member }]),
  );
}

function elementsOf(list: readonly unknown[], kind: ListKind): ReadonlyMap<string, Part> | undefined {
  if (kind.type === 'atomic' || list.length === 0) return undefined;
  if (kind.type === 'set') return new Map(list.map((value) => [`v:${JSON.stringify(value)}`, { value, keyed: false, name: '' }]));
  const elements = new Map<string, Part>();
  for (const element of list) {
    const entries = entriesOf(element);
    const key = kind.keys.find((member) => entries?.has(member));
    // A list that is not as it should be is owned as a whole.
    if (entries === undefined || key === undefined) return undefined;
    elements.set(`k:${JSON.stringify({ [key]: entries.get(key) })}`, { value: element, keyed: true, name: '' });
  }
  return elements;
}

export function entriesOf(value: unknown): Entries | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const merged = new Map(Object.entries(a));
  for (const [step, below] of Object.entries(b)) {
    const known = merged.get(step);
    merged.set(step, known === undefined ? below : union(known, below));
  }
  return Object.fromEntries(merged);
}

/** What of `a` is not in `b`. A whole in `b` takes all below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return build(
    Object.entries(a).flatMap(([step, below]): [string, FieldSet][] => {
      if (!Object.hasOwn(b, step)) return [[step, below]];
      const other = b[step] ?? NO_FIELDS;
      if (isEmpty(below) || isEmpty(other)) return [];
      const rest = difference(below, other);
      return isEmpty(rest) ? [] : [[step, rest]];
    }),
  );
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return build(
    Object.entries(a).flatMap(([step, below]): [string, FieldSet][] => {
      if (!Object.hasOwn(b, step)) return [];
      const other = b[step] ?? NO_FIELDS;
      if (isEmpty(below)) return [[step, other]];
      if (isEmpty(other)) return [[step, below]];
      const both = intersection(below, other);
      return isEmpty(both) ? [] : [[step, both]];
    }),
  );
}

export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** One path for each field, as messages have them: `.spec.containers[name="x"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): readonly string[] {
  return Object.entries(set).flatMap(([step, below]) => {
    if (step === '.') return [];
    const path = prefix + shown(step);
    return isEmpty(below) ? [path] : pathsOf(below, path);
  });
}

function shown(step: string): string {
  if (step.startsWith('f:')) return `.${step.slice(2)}`;
  if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
  const key: unknown = JSON.parse(step.slice(2));
  return `[${[...(entriesOf(key) ?? [])].map(([member, value]) => `${member}=${JSON.stringify(value)}`).join(',')}]`;
}

function build(entries: readonly (readonly [string, FieldSet])[]): FieldSet {
  return Object.fromEntries(entries);
}
