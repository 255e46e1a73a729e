/** Whether two JSON values are the same. A field that is `undefined` counts as absent; the order of fields does not matter. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((element, index) => jsonEqual(element, b[index]));
  }
  const left = definedEntries(a);
  return left.length === definedEntries(b).length && left.every(([key, value]) => Object.hasOwn(b, key) && jsonEqual(value, field(b, key)));
}

function definedEntries(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined);
}

function field(object: object, key: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[key];
}
