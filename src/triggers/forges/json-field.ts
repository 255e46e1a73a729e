/** One field of foreign JSON, own keys only; `undefined` where the path leads nowhere. */
export function jsonField(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

/** A field that should be text; `''` where it is none. */
export function textField(value: unknown, ...path: readonly string[]): string {
  const found = jsonField(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** A field that should be the id or the number of something: a whole number from 1; `undefined` where it is none. */
export function idField(value: unknown, ...path: readonly string[]): number | undefined {
  const found = jsonField(value, ...path);
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : undefined;
}
