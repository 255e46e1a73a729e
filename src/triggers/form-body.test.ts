import { describe, expect, it } from 'vitest';
import { formToJson } from './form-body.ts';

describe('formToJson', () => {
  it.each([
    ['b=1&a=2&b=3', '{"a":["2"],"b":["1","3"]}'],
    ['text=main+2222&url=%2Fbuild%3C', '{"text":["main 2222"],"url":["/build\\u003c"]}'],
    ['a&&b', '{"a":[""],"b":[""]}'],
    ['__proto__=1&constructor=2', '{"__proto__":["1"],"constructor":["2"]}'],
    ['a=1', undefined],
    ['{"json":"one key"}', undefined],
    ['a=1;b=2&c=3', undefined],
    ['a=%zz&b=1', undefined],
    ['', undefined],
  ])('%s', (form, expected) => {
    expect(formToJson(form)).toBe(expected);
  });

  it('leaves a flood of fields alone, soon', () => {
    const form = (fields: number) => Array.from({ length: fields }, (_, field) => `f${field}`).join('&');
    expect(formToJson(form(10_000))).toMatch(/^\{"f0":\[""\],"f1":/);
    expect(formToJson(form(10_001))).toBeUndefined();
    expect(formToJson(`a=1&${'b=1&'.repeat(1_000_000)}`)).toBeUndefined();
  });
});
