/** Go's `%v` of a list of strings: `[a b]`. */
export function goList(items: Iterable<string>): string {
  return `[${[...items].join(' ')}]`;
}

/** Go's `%v` of a map from string to list: `map[a:[x y] b:[]]`, keys sorted. */
export function goMapOfLists(map: ReadonlyMap<string, readonly string[]>): string {
  const keys = [...map.keys()].sort();
  return `map[${keys.map((key) => `${key}:${goList(map.get(key) ?? [])}`).join(' ')}]`;
}

/** What Go's JSON decoder calls a value in its errors: `array`, `object`, `string`, `number`, `bool`, `null`. */
export function goJsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
