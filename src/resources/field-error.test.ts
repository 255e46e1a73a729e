import { describe, expect, it } from 'vitest';
import { fieldError, invalidValue, missingField, oneOfMultiple, renderFieldErrors, under, underEach } from './field-error.ts';

describe('renderFieldErrors', () => {
  it.each([
    ['nothing', [], ''],
    ['one path', [missingField('spec.steps')], 'missing field(s): spec.steps'],
    ['several paths, sorted', [oneOfMultiple('b', 'a')], 'expected exactly one, got both: a, b'],
    ['details on a line of their own', [invalidValue('x', 'a.b', 'because')], 'invalid value: x: a.b\nbecause'],
    ['no path', [fieldError('whole object', [])], 'whole object: '],
    [
      'equal messages merged',
      [missingField('b'), invalidValue('1', 'c'), missingField('a'), missingField('b')],
      'invalid value: 1: c\nmissing field(s): a, b',
    ],
    ['different details kept apart', [fieldError('m', 'a', 'two'), fieldError('m', 'b', 'one')], 'm: b\none\nm: a\ntwo'],
    ['sorted by code unit', [fieldError('b', 'x'), fieldError('B', 'x')], 'B: x\nb: x'],
  ])('%s', (_name, errors, text) => {
    expect(renderFieldErrors(errors)).toBe(text);
  });
});

describe('under', () => {
  it('joins with a dot, an index without one, an empty path not at all', () => {
    const errors = [fieldError('m', ['name', '[0].x', ''])];
    expect(under('spec.tasks', errors)).toEqual([fieldError('m', ['spec.tasks.name', 'spec.tasks[0].x', 'spec.tasks'])]);
  });

  it('leaves what has no path without one', () => {
    expect(under('spec', [fieldError('m', [])])).toEqual([fieldError('m', [])]);
  });

  it('gives each element its index', () => {
    const found = underEach('a', ['x', '', 'y', ''], (text) => (text === '' ? [missingField('')] : []));
    expect(found).toEqual([missingField('a[1]'), missingField('a[3]')]);
  });
});
