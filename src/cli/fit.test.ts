import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, hang, pad, widthOf, wrap } from './fit.ts';

describe('widthOf', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['naïve', 5],
    ['日本', 4],
    ['✓ ok', 4],
    ['🚀', 2],
    ['e\u0301', 1],
    ['\u200b', 0],
  ])('%j takes %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('cut', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 5, 'too …'],
    ['日本語', 4, '日…'],
    ['日本語', 5, '日本…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
    ['any', Number.POSITIVE_INFINITY, 'any'],
  ])('%j to %d columns is %j', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });
});

describe('pad', () => {
  it('counts columns, not characters', () => {
    expect([pad('日', 4), pad('abcd', 2)]).toEqual(['日  ', 'abcd']);
  });
});

describe('wrap', () => {
  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['  kept indent of this', 12, ['  kept', 'indent of', 'this']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['ab abcdefgh cd', 4, ['ab', 'abcd', 'efgh', 'cd']],
    ['first\nsecond line', 6, ['first', 'second', 'line']],
    ['', 5, ['']],
  ])('%j at %d', (text, width, expected) => {
    expect(wrap(text, width)).toEqual(expected);
  });

  it('never gives a line that is too wide, and loses nothing but spaces', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true);
        expect(lines.join('').replaceAll(/[ \n]/g, '')).toBe(text.replaceAll(/[ \n]/g, ''));
      }),
    );
  });
});

describe('hang', () => {
  it('wraps below its own beginning', () => {
    expect(hang('label: ', 'some words that do not fit', 27)).toEqual(['label: some words that do', '       not fit']);
  });

  it('is one line where the width is unlimited', () => {
    expect(hang('a ', 'x '.repeat(100).trim(), Number.POSITIVE_INFINITY)).toEqual([`a ${'x '.repeat(100).trim()}`]);
  });
});
