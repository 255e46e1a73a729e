/** Small tools of the converters. They work on foreign data before any schema has seen it: whatever has another shape passes unchanged. */

export type Raw = Readonly<Record<string, unknown>>;

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The record with old field names replaced, whatever their case. A new name that is there already wins. */
export function renameFields(record: Raw, names: Readonly<Record<string, string>>): Raw {
  const entries: [string, unknown][] = [];
  for (const [key, value] of Object.entries(record)) {
    const old = Object.keys(names).find((name) => name.toLowerCase() === key.toLowerCase());
    const name = old === undefined ? key : (names[old] ?? key);
    if (old === undefined || !Object.hasOwn(record, name)) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

/** The record with one field, if it is there, changed. */
export function mapField(record: Raw, field: string, change: (value: unknown) => unknown): Raw {
  const key = keyOf(record, field);
  return key === undefined
    ? record
    : Object.fromEntries(Object.entries(record).map(([name, value]) => [name, name === key ? change(value) : value]));
}

export const mapRecord =
  (change: (record: Raw) => Raw) =>
  (value: unknown): unknown =>
    isRaw(value) ? change(value) : value;

export const mapEach =
  (change: (record: Raw) => Raw) =>
  (value: unknown): unknown =>
    Array.isArray(value) ? value.map(mapRecord(change)) : value;

/** Takes a field out: its value, and the rest. */
export function takeField(record: Raw, field: string): readonly [value: unknown, rest: Raw] {
  const key = keyOf(record, field);
  if (key === undefined) return [undefined, record];
  return [record[key], Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))];
}

/** The name a record has the field under, whatever its case. */
export function keyOf(record: Raw, field: string): string | undefined {
  if (Object.hasOwn(record, field)) return field;
  return Object.keys(record).find((key) => key.toLowerCase() === field.toLowerCase());
}
