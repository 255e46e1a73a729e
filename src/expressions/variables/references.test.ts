import { describe, expect, it } from 'vitest';
import { findVariables } from './find-variables.ts';
import { goQuote } from './go-quote.ts';
import {
  findReferences,
  notIsolatedVariable,
  prohibitedEntireVariable,
  prohibitedVariable,
  unknownVariable,
  unknownVariableWithDetail,
  variableNames,
} from './reference-rules.ts';
import { findResultReferences, parseResultReference } from './result-reference.ts';

describe('findVariables', () => {
  it('finds dotted expressions with their offsets and nothing else', () => {
    const text = `a $(params.x[0]) $(date) $(params["b"]) $(a b) $(tasks.t.results.r[*])$()`;
    const found = findVariables(text);
    expect(found.map(({ expression }) => expression)).toEqual(['params.x[0]', 'date', 'tasks.t.results.r[*]']);
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(['$(params.x[0])', '$(date)', '$(tasks.t.results.r[*])']);
  });

  it('is linear', () => {
    expect(findVariables('$(a.b.c.'.repeat(100_000))).toEqual([]);
  }, 10_000);
});

describe('result references', () => {
  it.each([
    ['tasks.t.results.r', { scope: 'tasks', task: 't', result: 'r', whole: false }],
    ['tasks.t.results.r[*]', { scope: 'tasks', task: 't', result: 'r', whole: true }],
    ['tasks.t.results.r[12]', { scope: 'tasks', task: 't', result: 'r', whole: false, index: 12 }],
    ['finally.t.results.r.k', { scope: 'finally', task: 't', result: 'r', whole: false, key: 'k' }],
    ['tasks.t.results', undefined],
    ['tasks.t.results.a.b.c', undefined],
    ['tasks.t.status', undefined],
    ['params.a.results.b', undefined],
  ])('%s', (expression, expected) => {
    expect(parseResultReference(expression)).toEqual(expected);
  });

  it('finds all of a text', () => {
    expect(findResultReferences('$(tasks.a.results.x) $(params.p) $(tasks.b.results.y[1])')).toEqual([
      { scope: 'tasks', task: 'a', result: 'x', whole: false },
      { scope: 'tasks', task: 'b', result: 'y', whole: false, index: 1 },
    ]);
  });
});

describe('findReferences', () => {
  it('knows the three notations and stays on its line', () => {
    const text = `$(params.a) $(params["b.c"]) $(params['d'][*]) $(params['e[*]']) $(params.f\n) $(other.g) $(paramsx)`;
    expect(findReferences(text, 'params').map((reference) => [reference.text, reference.notation])).toEqual([
      ['a', 'dot'],
      ['b.c', 'bracket'],
      [`d'][*]) $(params['e[*]`, 'bracket'],
    ]);
  });

  it('is linear', () => {
    expect(findReferences('$(params["a'.repeat(100_000), 'params')).toEqual([]);
  }, 10_000);
});

describe('the four rules', () => {
  const known = new Set(['a', 'list', 'obj', 'dotted.name']);
  const arrays = new Set(['list']);
  const objects = new Set(['obj']);

  it('names variables', () => {
    expect(variableNames(`$(params.obj.key) $(params["dotted.name"]) $(params.list[*])`, 'params')).toEqual({
      ok: true,
      names: ['obj', 'dotted.name', 'list[*]'],
    });
  });

  it.each([
    ['$(params.a) $(params.list[0]) $(params.list[*]) $(params.obj.key)', undefined],
    ['$(params["dotted.name"])', undefined],
    ['x $(params.b)', 'non-existent variable in "x $(params.b)"'],
    [
      '$(params.a.b.c)',
      'Invalid referencing of parameters in "$(params.a.b.c)"! Only two dot-separated components after the prefix "params" are allowed.',
    ],
    ['$(workspaces.x)', undefined],
  ])('unknown: %s', (text, expected) => {
    expect(unknownVariable(text, 'params', known)).toBe(expected);
  });

  it('tells which', () => {
    expect(unknownVariableWithDetail('$(params.a) $(params.b[1])', 'params', known)).toBe(
      'non-existent variable `b` in "$(params.a) $(params.b[1])"',
    );
  });

  it.each([
    ['$(params.list[0])', undefined],
    ['$(params.list[*])', 'variable type invalid in "$(params.list[*])"'],
    ['$(params.list)', 'variable type invalid in "$(params.list)"'],
  ])('prohibited: %s', (text, expected) => {
    expect(prohibitedVariable(text, 'params', arrays)).toBe(expected);
  });

  it.each([
    ['$(params.obj.key)', undefined],
    ['$(params.obj[*])', 'variable type invalid in "$(params.obj[*])"'],
    ['$(params.obj)', 'variable type invalid in "$(params.obj)"'],
  ])('entire object: %s', (text, expected) => {
    expect(prohibitedEntireVariable(text, 'params', objects)).toBe(expected);
  });

  it.each([
    ['$(params.list[*])', undefined],
    ['$(params.a) b', undefined],
    ['x$(params.list[*])', 'variable is not properly isolated in "x$(params.list[*])"'],
  ])('isolation: %s', (text, expected) => {
    expect(notIsolatedVariable(text, 'params', arrays)).toBe(expected);
  });
});

describe('goQuote', () => {
  it.each([
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['line\n\ttab\u0001\u007f', '"line\\n\\ttab\\x01\\x7f"'],
    ['é 日本 😀', '"é 日本 😀"'],
    ['\u00a0\u200b\u2028', '"\\u00a0\\u200b\\u2028"'],
  ])('%j', (text, expected) => {
    expect(goQuote(text)).toBe(expected);
  });
});
