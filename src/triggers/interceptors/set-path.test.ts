import { describe, expect, it } from 'vitest';
import { setPath } from './set-path.ts';

describe('setPath', () => {
  it.each<[unknown, string, unknown]>([
    [{}, 'a', { a: 'v' }],
    [{}, 'a.b', { a: { b: 'v' } }],
    [{ a: { c: 1 } }, 'a.b', { a: { c: 1, b: 'v' } }],
    [{ a: 'scalar' }, 'a.b', { a: { b: 'v' } }],
    [{ a: { b: 1 } }, 'a', { a: 'v' }],
    [{}, 'a\\.b', { 'a.b': 'v' }],
    [{}, 'a.0', { a: ['v'] }],
    [{}, 'a.2', { a: [null, null, 'v'] }],
    [{ a: [1, 2] }, 'a.-1', { a: [1, 2, 'v'] }],
    [{ a: [1, 2] }, 'a.0', { a: ['v', 2] }],
    [{ a: { x: 1 } }, 'a.0', { a: { x: 1, 0: 'v' } }],
    [{}, 'a.:0', { a: { 0: 'v' } }],
    [{}, '0', { 0: 'v' }],
    [{ k: 1 }, 'a*b', { k: 1 }],
    [{ k: 1 }, '#a', { k: 1 }],
    [{}, 'a\\*b', { 'a*b': 'v' }],
  ])('%j at %s', (target, path, expected) => {
    expect(setPath(target, path, 'v')).toEqual({ ok: true, value: expected });
  });

  it.each([
    [{}, '', 'path cannot be empty'],
    [{ a: [] }, 'a.b', "cannot set array element for non-numeric key 'b'"],
    [{}, 'a.999999999', 'index 999999999 is more than 999'],
  ])('%j at %s fails', (target, path, error) => {
    expect(setPath(target, path, 'v')).toEqual({ ok: false, error });
  });

  it('touches no prototype and not its target', () => {
    const target = { a: { b: 1 } };
    const set = setPath(target, '__proto__.polluted', 'v');
    expect(set.ok && Object.keys(set.value as object)).toEqual(['a', '__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    setPath(target, 'a.b', 2);
    expect(target).toEqual({ a: { b: 1 } });
  });
});
