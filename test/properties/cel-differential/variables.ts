import fc from 'fast-check';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What expressions may refer to, besides `n` (null) and `ts` (2023-11-14T22:13:20.123Z). */
export interface Variables {
  readonly i: bigint;
  readonly u: bigint;
  readonly d: number;
  readonly s: string;
  readonly b: Uint8Array;
  readonly t: boolean;
  readonly l: readonly bigint[];
  readonly m: Readonly<Record<string, bigint>>;
  readonly body: { readonly [key: string]: Json };
}

const int = fc.oneof(fc.bigInt({ min: -5n, max: 5n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const key = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor', '$typeName', ''), fc.string({ maxLength: 3 }));

export const variables: fc.Arbitrary<Variables> = fc.record({
  i: int,
  u: fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  d: fc.double(),
  s: fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.string({ unit: fc.constantFrom('a', 'b', '😀', '1', ' '), maxLength: 6 })),
  b: fc.uint8Array({ maxLength: 4 }),
  t: fc.boolean(),
  l: fc.array(int, { maxLength: 4 }),
  m: fc.dictionary(key, int, { maxKeys: 3, noNullPrototype: true }),
  body: fc.dictionary(
    key,
    fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom<Json>(null, true, 0, 1, 2.5, 'a', 'text😀'),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(key, tie('json'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).json,
    { maxKeys: 4, noNullPrototype: true },
  ),
});

/** JSON with `Map`s for objects: plain ones mislead both oracles when a key is `constructor` or `$typeName`. */
export function withMaps(json: Json): unknown {
  if (Array.isArray(json)) return json.map(withMaps);
  return typeof json === 'object' && json !== null ? new Map(Object.entries(json).map(([name, value]) => [name, withMaps(value)])) : json;
}
