import { describe, expect, it } from 'vitest';
import type { Param, ParamSpec } from '../resources/params.ts';
import { pipelineParams } from './params.ts';

function strings(declared: readonly ParamSpec[], given: readonly Param[] = []): Record<string, string> {
  const outcome = pipelineParams(declared, given);
  if (!outcome.ok) throw new Error(outcome.message);
  return Object.fromEntries([...outcome.replacements.strings].filter(([key]) => !/^params\[/.test(key)));
}

describe('pipelineParams', () => {
  it('takes what the run gives, declared or not, and defaults for the rest', () => {
    const declared: ParamSpec[] = [
      { name: 'a', default: 'default' },
      { name: 'b', default: 'default' },
    ];
    expect(
      strings(declared, [
        { name: 'a', value: 'given' },
        { name: 'x', value: 'extra' },
      ]),
    ).toEqual({
      'params.a': 'given',
      'params.b': 'default',
      'params.x': 'extra',
    });
  });

  it('replaces in defaults once: what comes out of a value is not looked at again', () => {
    const declared: ParamSpec[] = [{ name: 'a', default: '<$(params.b)>' }, { name: 'b' }];
    expect(strings(declared, [{ name: 'b', value: '$(params.a)' }])['params.a']).toBe('<$(params.a)>');
  });

  it('leaves other variables of a default to later passes', () => {
    expect(strings([{ name: 'a', default: '$(context.pipelineRun.name)' }])).toEqual({ 'params.a': '$(context.pipelineRun.name)' });
  });

  it("does not complete a given object with the default's keys", () => {
    const declared: ParamSpec[] = [{ name: 'o', type: 'object', default: { a: '1', b: '2' } }];
    expect(strings(declared, [{ name: 'o', value: { a: '9' } }])).toEqual({ 'params.o.a': '9' });
    expect(strings(declared)).toEqual({ 'params.o.a': '1', 'params.o.b': '2' });
  });

  it.each<[string, ParamSpec[], string]>([
    [
      'a circle',
      [
        { name: 'a', default: '$(params.b)' },
        { name: 'b', default: '$(params.a)' },
      ],
      'circular dependency detected in param "params.a"',
    ],
    ['nothing there', [{ name: 'a', default: '$(params.b)' }], 'param "params.a" references undefined param "params.b"'],
    [
      'too deep',
      Array.from({ length: 14 }, (_, index) => ({ name: `p${index}`, default: `$(params.p${index + 1})` })),
      'maximum recursion depth (10) exceeded for param "params.p11"',
    ],
  ])('refuses %s', (_, declared, message) => {
    expect(pipelineParams(declared, [])).toEqual({ ok: false, message: `parameter resolution failed: ${message}` });
  });

  it('is not fooled by names that objects have anyway', () => {
    expect(strings([{ name: 'constructor', default: '$(params.__proto__)' }], [{ name: '__proto__', value: 'v' }])).toEqual(
      Object.fromEntries([
        ['params.__proto__', 'v'],
        ['params.constructor', 'v'],
      ]),
    );
  });
});
