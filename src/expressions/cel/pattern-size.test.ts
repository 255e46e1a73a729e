import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { patternSize } from './pattern-size.ts';

const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'a',
      '.',
      '\\d',
      '[a-z]',
      '[(]',
      '[)a]',
      '[]a]',
      '[^]{3}]',
      '[[:digit:](]',
      '\\Q({9}\\E',
      '\\(',
      '\\pL',
      '(?i)x',
      '^',
      '$',
      'é',
    ),
    fc.array(tie('node'), { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join('')),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+?', '?', '{3}', '{2,7}', '{5,}', '{0}', '{200}'))
      .map(([node, repetition]) => `(${node})${repetition}`),
  ),
})).node;

describe('patternSize', () => {
  it('is not far below what compiling gives', () => {
    fc.assert(
      fc.property(pattern, (source) => {
        let compiled: RE2JS;
        try {
          compiled = RE2JS.compile(source);
        } catch {
          return;
        }
        expect([source, patternSize(source) * 3 + 10 >= compiled.programSize()]).toEqual([source, true]);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['a{1000}', 1000],
    ['(a{10}){10}', 120],
    [`(${'a'.repeat(50)}[(]b){1000}`, 54_000],
    [`(${'a'.repeat(50)}\\Q(\\Eb){100}`, 5_800],
    ['['.repeat(10_000), 1],
    ['a{'.repeat(5_000), 10_000],
  ])('case %#', (source, expected) => {
    expect(patternSize(source)).toBe(expected);
  });
});
