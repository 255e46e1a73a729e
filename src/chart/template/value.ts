/**
 * A value in a template. Go's types are kept where a template can tell them apart: whole numbers (`bigint`) from floats (`number`, which is what
 * every number of a values file is to Helm).
 */
export type Value = undefined | null | boolean | number | bigint | string | readonly Value[] | ValueMap | Method;
export type ValueMap = Map<string, Value>;
/** `.Files.Get "name"` */
export type Method = (...args: readonly Value[]) => Value;

/** From what a YAML or JSON parser gives. */
export function toValue(plain: unknown): Value {
  if (Array.isArray(plain)) return plain.map(toValue);
  if (typeof plain === 'object' && plain !== null) return new Map(Object.entries(plain).map(([key, value]) => [key, toValue(value)]));
  return typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'bigint' || typeof plain === 'boolean' ? plain : null;
}

/** The opposite; whole numbers become numbers. */
export function toPlain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [key, toPlain(entry)]));
  return typeof value === 'bigint' ? Number(value) : value;
}

/** What `if` asks, and `default`: not false, zero, or empty. */
export function isTrue(value: Value): boolean {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  return Boolean(value);
}

/** As Go prints it. Helm takes away what stands for a missing value. */
export function printed(value: Value): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return printedFloat(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (value instanceof Map)
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${printed(value.get(key))}`)
      .join(' ')}]`;
  return String(value);
}

export function sortedKeys(map: ReadonlyMap<string, Value>): readonly string[] {
  return [...map.keys()].sort((a, b) => (a < b ? -1 : 1));
}

/** Go's shortest form; unlike JavaScript's it has an exponent from a million on: 1e+06. */
function printedFloat(value: number): string {
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
