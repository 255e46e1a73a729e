import { expect, it } from 'vitest';
import { compareQuantities, quantity } from './quantity.ts';

it.each([
  ['1', 1],
  ['500m', 0.5],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1Ki', 1024],
  ['2Gi', 2 ** 31],
  ['1k', 1000],
  ['1e3', 1000],
  ['-1', -1],
  ['1E', 1e18],
  ['1x', undefined],
  ['', undefined],
])('%s is %s', (text, value) => {
  expect(quantity(text)).toBe(value);
});

it('compares', () => {
  expect(compareQuantities('1', '500m')).toBeGreaterThan(0);
  expect(compareQuantities('1Gi', '1024Mi')).toBe(0);
});
