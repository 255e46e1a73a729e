import { describe, expect, it } from 'vitest';
import { overlay, parseAssignments, withDefaults } from './chart-values.ts';
import { toPlain, toValue, type ValueMap } from './template/value.ts';

const map = (plain: object): ValueMap => {
  const value = toValue(plain);
  if (value instanceof Map) return value;
  throw new Error('expected a mapping');
};

describe('values', () => {
  it('lie over defaults key by key; null takes a default away', () => {
    const values = withDefaults(
      map({ a: { x: 2, z: null }, list: [3], gone: null }),
      map({ a: { x: 1, y: 1, z: 1 }, list: [1, 2], gone: { b: 1 }, kept: true }),
    );
    expect(toPlain(values)).toEqual({ a: { x: 2, y: 1 }, list: [3], kept: true });
  });

  it('of several files keep a null for the chart', () => {
    expect(toPlain(overlay(map({ a: { x: null } }), map({ a: { x: 1, y: 2 } })))).toEqual({ a: { x: null, y: 2 } });
  });

  it.each([
    ['a.b=c', { a: { b: 'c' } }],
    ['a=1,b=true,c=null,d=007,e=1.5,f=', { a: 1, b: true, c: null, d: '007', e: '1.5', f: '' }],
    ['a={x,2,true},b={}', { a: ['x', 2, true], b: [] }],
    ['a[1].b=x,a[0]=y', { a: ['y', { b: 'x' }] }],
    ['a.b\\.c/d=x\\,y', { a: { 'b.c/d': 'x,y' } }],
    ['a=b=c', { a: 'b=c' }],
    ['a.b=1,a.c=2', { a: { b: 1, c: 2 } }],
    ['__proto__.x=1', JSON.parse('{"__proto__": {"x": 1}}')],
  ])('are assigned: %s', (text, values) => {
    expect(toPlain(parseAssignments(text))).toEqual(values);
  });

  it.each([['a'], ['=b'], ['a..b=c']])('say what an assignment is: %s', (text) => {
    expect(() => parseAssignments(text)).toThrow(`--set ${text}: expected a.path=value`);
  });
});
