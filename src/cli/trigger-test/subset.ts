/**
 * `actual` as it is compared with `expected`: members in its order, and with `subset` only those it names; elements of lists at the same places.
 * Lists of another length stay whole, so that the difference is seen.
 */
export function arranged(actual: unknown, expected: unknown, match: 'subset' | 'exact'): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.length === expected.length ? actual.map((element, index) => arranged(element, expected[index], match)) : actual;
  }
  if (!isFields(actual) || !isFields(expected)) return actual;
  const named = Object.keys(expected).filter((name) => Object.hasOwn(actual, name));
  const others = match === 'subset' ? [] : Object.keys(actual).filter((name) => !Object.hasOwn(expected, name));
  return Object.fromEntries([...named, ...others].map((name) => [name, arranged(actual[name], expected[name], match)]));
}

/** Equality of JSON, whatever the order of members. */
export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, ordered(member)]),
  );
}

export function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
