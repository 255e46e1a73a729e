import type { KubeObject, ObjectMeta } from '../../../resources/object.ts';
import { compare, difference, entriesOf, type FieldSet, fieldsOf, isEmpty, NO_FIELDS, union } from './field-set.ts';

/** One entry of `metadata.managedFields`: who set which fields, how, and when. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** RFC 3339: when the set of fields last changed. */
  readonly time?: string | undefined;
  readonly subresource?: string | undefined;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: FieldSet;
}

/** Who writes, through what, and when. */
export interface Writer {
  readonly manager: string;
  readonly subresource: 'status' | undefined;
  /** RFC 3339. */
  readonly time: string;
}

/** Metadata that is the server's own, or says which object is meant: nobody's fields. */
const unowned: ReadonlySet<string> = new Set<keyof ObjectMeta | 'selfLink'>([
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);
/** More writers that only update are thrown together under one name, as upstream does. */
const MAX_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

/** What of an object somebody can own: by a write of status only that, by another all but that. */
export function ownable(object: Readonly<Record<string, unknown>>, subresource: 'status' | undefined): Readonly<Record<string, unknown>> {
  const { apiVersion: _, kind: __, metadata, status, ...rest } = object;
  if (subresource === 'status') return status === undefined ? {} : { status };
  const kept = [...(entriesOf(metadata) ?? [])].filter(([name]) => !unowned.has(name));
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) };
}

/** Lists of Kubernetes' own kinds are keyed; those of Tekton's and ours are atomic, as in upstream's CRDs. */
export function hasKeyedLists(apiVersion: string): boolean {
  return !/(^|\.)(tekton|tappet)\.dev\//.test(apiVersion);
}

/** Entries as a client may have sent them; what is not one is left out. */
export function readManagedFields(value: unknown): readonly ManagedFields[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown): ManagedFields[] => {
    const fields = entriesOf(entry);
    const text = (name: string): string | undefined => {
      const found = fields?.get(name);
      return typeof found === 'string' && found !== '' ? found : undefined;
    };
    const operation = text('operation');
    const fieldsV1 = fields?.get('fieldsV1');
    if (fields === undefined || (operation !== 'Apply' && operation !== 'Update') || entriesOf(fieldsV1) === undefined) return [];
    const [time, subresource] = [text('time'), text('subresource')];
    return [
      {
        manager: text('manager') ?? '',
        operation,
        apiVersion: text('apiVersion') ?? '',
        ...(time !== undefined && { time }),
        ...(subresource !== undefined && { subresource }),
        fieldsType: 'FieldsV1',
        fieldsV1: fieldsV1 as FieldSet,
      },
    ];
  });
}

/**
 * After a write that is not an apply: what it changed is the writer's and nobody else's, what it took away nobody's
 * (structured-merge-diff, `Updater.Update`).
 */
export function managersAfterUpdate(
  managers: readonly ManagedFields[],
  before: KubeObject | undefined,
  after: KubeObject,
  writer: Writer,
): readonly ManagedFields[] {
  const keyed = hasKeyedLists(after.apiVersion);
  const { changed, removed } = compare(
    before === undefined ? {} : ownable(before, writer.subresource),
    ownable(after, writer.subresource),
    keyed,
  );
  if (isEmpty(changed) && isEmpty(removed)) return managers;
  const isWriter = isSame(writer, 'Update', after.apiVersion);
  const others = managers.filter((entry) => !isWriter(entry)).map((entry) => without(entry, union(changed, removed)));
  const own = managers.find(isWriter);
  const kept = own === undefined ? NO_FIELDS : difference(own.fieldsV1, removed);
  return limited([...others, entryOf(writer, 'Update', after.apiVersion, union(kept, changed), own)].filter(hasFields));
}

/** After an apply: the applier owns what it sent, `taken` by force goes from the others, what fell away belongs to nobody. */
export function managersAfterApply(
  managers: readonly ManagedFields[],
  applied: { readonly apiVersion: string; readonly fields: FieldSet; readonly taken: FieldSet; readonly removed: FieldSet },
  writer: Writer,
): readonly ManagedFields[] {
  const isWriter = isSame(writer, 'Apply', applied.apiVersion);
  const lost = union(applied.taken, applied.removed);
  const others = managers.filter((entry) => !isWriter(entry)).map((entry) => without(entry, lost));
  const own = managers.find((entry) => isWriter(entry));
  return [...others, entryOf(writer, 'Apply', applied.apiVersion, applied.fields, own)].filter(hasFields);
}

/** An object that nobody is on record for belongs to whoever was there first: its fields are met with a conflict, not taken unnoticed. */
export function recordedManagers(live: KubeObject, writer: Writer): readonly ManagedFields[] {
  const known = readManagedFields(live.metadata.managedFields);
  if (known.length > 0) return known;
  const keyed = hasKeyedLists(live.apiVersion);
  const entry = { manager: 'before-first-apply', operation: 'Update', apiVersion: live.apiVersion, time: writer.time } as const;
  return [{ ...entry, fieldsType: 'FieldsV1' as const, fieldsV1: fieldsOf(ownable(live, undefined), keyed) }].filter(hasFields);
}

function isSame(writer: Writer, operation: ManagedFields['operation'], apiVersion: string): (entry: ManagedFields) => boolean {
  return (entry) =>
    entry.manager === writer.manager &&
    entry.operation === operation &&
    entry.subresource === writer.subresource &&
    // An applier's fields stay one set whatever version it writes.
    (operation === 'Apply' || entry.apiVersion === apiVersion);
}

/** Keeps the time, and so the whole entry, when the fields are the same: applying twice writes once. */
function entryOf(
  writer: Writer,
  operation: ManagedFields['operation'],
  apiVersion: string,
  fieldsV1: FieldSet,
  known: ManagedFields | undefined,
): ManagedFields {
  const { manager, subresource } = writer;
  const same = known !== undefined && known.apiVersion === apiVersion && sameFields(known.fieldsV1, fieldsV1);
  if (same) return known;
  return {
    manager,
    operation,
    apiVersion,
    time: writer.time,
    ...(subresource !== undefined && { subresource }),
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
}

function sameFields(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a));
}

function without(entry: ManagedFields, fields: FieldSet): ManagedFields {
  const left = difference(entry.fieldsV1, fields);
  return sameFields(left, entry.fieldsV1) ? entry : { ...entry, fieldsV1: left };
}

function hasFields(entry: ManagedFields): boolean {
  return !isEmpty(entry.fieldsV1);
}

function limited(managers: readonly ManagedFields[]): readonly ManagedFields[] {
  const updaters = managers
    .filter(({ operation }) => operation === 'Update')
    .toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
  const surplus = new Set(updaters.length > MAX_UPDATERS ? updaters.slice(0, updaters.length - MAX_UPDATERS + 1) : []);
  const [first] = surplus;
  if (first === undefined) return managers;
  const fieldsV1 = [...surplus].map((entry) => entry.fieldsV1).reduce(union, NO_FIELDS);
  return [{ ...first, manager: ANCIENT, fieldsV1 }, ...managers.filter((entry) => !surplus.has(entry))];
}
