import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFirst, findLast, searchCost, splitAt } from './text-search.ts';

/** Texts of few letters, so that long parts occur in them, overlapping too. */
const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 65, maxLength: 400 });
const texts = fc.oneof(
  letters.chain((text) => fc.nat(text.length - 65).map((start) => [text, text.slice(start, start + 65)] as const)),
  fc.tuple(fc.string({ unit: fc.constant('a'), maxLength: 300 }), fc.string({ unit: fc.constant('a'), minLength: 65, maxLength: 80 })),
  fc.tuple(letters, fc.string({ minLength: 1, maxLength: 3 })),
);

describe('text search', () => {
  it('finds what the built-in search finds', () => {
    fc.assert(
      fc.property(texts, fc.nat(400), ([text, part], position) => {
        expect(findFirst(text, part, position)).toBe(text.indexOf(part, position));
        expect(findLast(text, part, position)).toBe(text.lastIndexOf(part, position));
        expect(splitAt(text, part, position)).toEqual(text.split(part, position));
      }),
      { numRuns: 500 },
    );
  });

  it('is linear where the built-in search is not', () => {
    const text = 'a'.repeat(1_000_000);
    const part = `b${'a'.repeat(400_000)}`;
    expect([findFirst(text, part), findLast(text, part, text.length), splitAt(text, part, 5).length]).toEqual([-1, -1, 1]);
    expect(searchCost(text, part)).toBeLessThan(50_000);
  });
});
