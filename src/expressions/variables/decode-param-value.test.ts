import { describe, expect, it } from 'vitest';
import { decodeParamValue, paramValueFromJson } from './decode-param-value.ts';
import type { ParamValue } from './param-value.ts';

describe('decodeParamValue', () => {
  it.each<[string, ParamValue]>([
    ['', ''],
    ['plain text\n', 'plain text\n'],
    ['"quoted \\u00e9"', 'quoted é'],
    [' "quoted"\n', 'quoted'],
    ['"open', '"open'],
    ['["a","b"]', ['a', 'b']],
    ['["a"]\n', ['a']],
    ['[]', []],
    ['["a",null]', ['a', '']],
    ['[1,2]', '[1,2]'],
    ['["a",1]', '["a",1]'],
    [' ["a"]', ' ["a"]'],
    ['{"a":"b"}', { a: 'b' }],
    ['{}', {}],
    ['{"a":1}', '{"a":1}'],
    ['{"a":{}}', '{"a":{}}'],
    ['\n{"a":"b"}', '\n{"a":"b"}'],
    ['{broken', '{broken'],
    ['12', '12'],
    ['1.50', '1.50'],
    ['true', 'true'],
    ['null', ''],
    ['nothing', 'nothing'],
  ])('%j', (raw, expected) => {
    expect(decodeParamValue(raw)).toEqual(expected);
  });

  it('keeps __proto__ as a plain key', () => {
    expect(Object.entries(decodeParamValue('{"__proto__":"x"}'))).toEqual([['__proto__', 'x']]);
  });
});

describe('paramValueFromJson', () => {
  it.each<[unknown, ParamValue]>([
    ['s', 's'],
    [12, '12'],
    [1.5, '1.5'],
    [123456789012345678901n, '123456789012345678901'],
    [true, 'true'],
    [null, ''],
    [undefined, ''],
    [['a'], ['a']],
    [[], []],
    [{ a: 'b' }, { a: 'b' }],
    [[1, 'a'], '[1,"a"]'],
    [{ a: { b: 1 } }, '{"a":{"b":1}}'],
  ])('%o', (parsed, expected) => {
    expect(paramValueFromJson(parsed)).toEqual(expected);
  });
});
