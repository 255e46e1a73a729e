/** Go's `%v` of a list of strings: `[a b]`. */
export function goList(items: Iterable<string>): string {
  return `[${[...items].join(' ')}]`;
}

/** Go's `%v` of a map from string to list: `map[a:[x y] b:[]]`, keys sorted. */
export function goMapOfLists(map: ReadonlyMap<string, readonly string[]>): string {
  const keys = [...map.keys()].sort();
  return `map[${keys.map((key) => `${key}:${goList(map.get(key) ?? [])}`).join(' ')}]`;
}
