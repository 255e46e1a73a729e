import { describe, expect, it } from 'vitest';
import type { Matrix } from '../resources/pipeline/schema.ts';
import { fanOut, hasEmptyArray, matrixTypeError } from './matrix.ts';

/** `platform=linux browser=chrome`. */
function combinations(matrix: Matrix): string[] {
  return fanOut(matrix).map((params) => params.map(({ name, value }) => `${name}=${String(value)}`).join(' '));
}

const params = [
  { name: 'platform', value: ['linux', 'mac'] },
  { name: 'browser', value: ['chrome', 'safari'] },
];

describe('fanOut', () => {
  it.each<[string, Matrix, string[]]>([
    ['one param', { params: [{ name: 'a', value: ['1', '2'] }] }, ['a=1', 'a=2']],
    [
      'the first param varies fastest, names are sorted',
      { params },
      ['browser=chrome platform=linux', 'browser=chrome platform=mac', 'browser=safari platform=linux', 'browser=safari platform=mac'],
    ],
    [
      'only includes, in order',
      { include: [{ params: [{ name: 'b', value: '2' }] }, { params: [{ name: 'a', value: '1' }] }, {}] },
      ['b=2', 'a=1', ''],
    ],
    [
      'an include without a common name goes to all',
      { params: [{ name: 'a', value: ['1', '2'] }], include: [{ params: [{ name: 'x', value: 'y' }] }] },
      ['a=1 x=y', 'a=2 x=y'],
    ],
    [
      'later includes see what earlier ones added',
      {
        params: [{ name: 'a', value: ['1', '2'] }],
        include: [
          {
            params: [
              { name: 'a', value: '1' },
              { name: 'x', value: 'first' },
            ],
          },
          {
            params: [
              { name: 'x', value: 'other' },
              { name: 'y', value: 'z' },
            ],
          },
        ],
      },
      ['a=1 x=first', 'a=2 x=other y=z'],
    ],
    [
      'an include that shares no value is one more; an empty one is none',
      { params: [{ name: 'a', value: ['1'] }], include: [{ params: [{ name: 'a', value: '9' }] }, { params: [] }] },
      ['a=1', 'a=9'],
    ],
    [
      'an empty array leaves the others',
      {
        params: [
          { name: 'a', value: [] },
          { name: 'b', value: ['1'] },
        ],
      },
      ['b=1'],
    ],
  ])('%s', (_, matrix, expected) => {
    expect(combinations(matrix)).toEqual(expected);
  });
});

it('tells an empty array, which skips the task', () => {
  expect(hasEmptyArray({ params: [{ name: 'a', value: [] }] })).toBe(true);
  expect(hasEmptyArray({ params })).toBe(false);
  expect(hasEmptyArray({ params: [{ name: 'a', value: '$(params.a[*])' }] })).toBe(false);
  expect(hasEmptyArray(undefined)).toBe(false);
});

it.each<[Matrix, string | undefined]>([
  [{ params }, undefined],
  [{ params: [{ name: 'a', value: '$(tasks.t.results.r[*])' }] }, undefined],
  [
    { params: [{ name: 'a', value: 'text' }] },
    'parameters of type array only are allowed, but param "a" has type "string" in pipelineTask "t"',
  ],
  [
    { include: [{ params: [{ name: 'a', value: ['text'] }] }] },
    'parameters of type string only are allowed, but param "a" has type "array" in pipelineTask "t"',
  ],
])('types of %j', (matrix, message) => {
  expect(matrixTypeError({ name: 't', matrix })).toBe(message);
});
