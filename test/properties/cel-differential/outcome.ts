/** What an engine made of an expression. */
export type Outcome =
  /** The value in the notation below, which tells types apart. */
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'error'; readonly message: string }
  /** It does not know that part of the language, or did not get as far as evaluating. */
  | { readonly kind: 'no opinion'; readonly message: string };

/** Writes values in one notation for all engines. Map entries are sorted, as their order means nothing. */
export const notation = {
  int: (value: bigint) => String(value),
  uint: (value: bigint) => `${value}u`,
  double: (value: number) => (Object.is(value, -0) ? '-0.0' : `double ${value}`),
  string: (value: string) => JSON.stringify(value),
  bytes: (value: Uint8Array) => `b'${Buffer.from(value).toString('hex')}'`,
  list: (elements: readonly string[]) => `[${elements.join(', ')}]`,
  map: (entries: readonly (readonly [string, string])[]) =>
    `{${entries
      .map(([key, value]) => `${key}: ${value}`)
      .sort()
      .join(', ')}}`,
  timestamp: (nanoseconds: bigint) => `timestamp(${nanoseconds})`,
  duration: (nanoseconds: bigint) => `duration(${nanoseconds})`,
  type: (name: string) => `type(${name})`,
};

/** Of values that all engines hold alike; `undefined` for others. */
export function commonNotation(value: unknown): string | undefined {
  switch (typeof value) {
    case 'bigint':
      return notation.int(value);
    case 'number':
      return notation.double(value);
    case 'string':
      return notation.string(value);
    case 'boolean':
      return String(value);
  }
  if (value === null) return 'null';
  return value instanceof Uint8Array ? notation.bytes(value) : undefined;
}
