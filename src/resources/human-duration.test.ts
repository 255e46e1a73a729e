import { expect, it } from 'vitest';
import { humanDuration } from './human-duration.ts';

const s = 1_000;
const m = 60 * s;
const h = 60 * m;
const d = 24 * h;

it.each<[number, string]>([
  [-3 * s, '<invalid>'],
  [-500, '0s'],
  [999, '0s'],
  [119 * s, '119s'],
  [2 * m, '2m'],
  [2 * m + 5 * s, '2m5s'],
  [10 * m + 59 * s, '10m'],
  [179 * m, '179m'],
  [3 * h + 3 * m, '3h3m'],
  [8 * h + 30 * m, '8h'],
  [47 * h, '47h'],
  [2 * d + 5 * h, '2d5h'],
  [8 * d, '8d'],
  [729 * d, '729d'],
  [730 * d + 31 * d, '2y31d'],
  [8 * 365 * d, '8y'],
])('%d ms is %s', (milliseconds, expected) => {
  expect(humanDuration(milliseconds)).toBe(expected);
});
