import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';

const diff = (before: string, after: string, context?: number) =>
  lineDiff([...before], [...after], context).map(({ mark, text }) => `${mark}${text}`);

describe('lineDiff', () => {
  it('is empty for what is the same', () => {
    expect([diff('', ''), diff('abc', 'abc')]).toEqual([[], []]);
  });

  it('shows what changed, with some lines around it', () => {
    expect(diff('abcdefghij', 'abcdeXghij')).toEqual(['…', ' d', ' e', '-f', '+X', ' g', ' h', '…']);
    expect(diff('abcdefghij', 'Xbcdefghi', 1)).toEqual(['-a', '+X', ' b', '…', ' i', '-j']);
    expect(diff('', 'ab')).toEqual(['+a', '+b']);
    expect(diff('ab', '')).toEqual(['-a', '-b']);
    expect(diff('axc', 'abxbc', 9)).toEqual([' a', '+b', ' x', '+b', ' c']);
  });

  it('leads from the one to the other, always', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff(before, after, 100);
        const side = (without: string) => lines.filter(({ mark }) => mark !== without).map((line) => line.text);
        if (before.join() === after.join()) expect(lines).toEqual([]);
        else expect([side('+'), side('-')]).toEqual([before, after]);
      }),
    );
  });

  it('copes with much', () => {
    const [before, after] = ['a', 'b'].map((letter) => Array.from({ length: 5_000 }, (_, n) => `${letter}${n}`));
    expect(lineDiff(before ?? [], after ?? [])).toHaveLength(10_000);
  });
});
