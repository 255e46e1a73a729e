import { describe, expect, it } from 'vitest';
import type { PlannedStep } from './pod-plan.ts';
import { substituteStepResults } from './step-results.ts';

const files = new Map([
  ['text', 'plain\n'],
  ['list', '["one","two"]'],
  ['empty', '[]'],
  ['map', '{"key":"at key","__proto__":"odd"}'],
]);
const read = (step: string, result: string) => (step === 'make' ? files.get(result) : undefined);

function step(changes: Partial<PlannedStep>): PlannedStep {
  return {
    name: 'use',
    container: 'step-use',
    image: 'alpine',
    args: [],
    env: [],
    envFrom: [],
    mounts: [],
    onError: 'stopAndFail',
    results: [],
    when: [],
    ...changes,
  };
}

describe('substituteStepResults', () => {
  it.each([
    ['$(steps.make.results.text)', ['plain\n']],
    ['a $(steps.make.results.text) b', ['a plain\n b']],
    ['$(steps.make.results.list[1])', ['two']],
    ['$(steps.make.results.list[0])$(steps.make.results.list[1])', ['onetwo']],
    ['$(steps.make.results.list[*])', ['one', 'two']],
    ['$(steps.make.results.empty[*])', []],
    ['$(steps.make.results.map.key)', ['at key']],
    ['$(steps.make.results.map.__proto__)', ['odd']],
    ['$(steps.make.results.map.constructor)', ['']],
    ['$(steps.make.results.list)', ['']],
    ['$(steps.make.results.text[*])', []],
    ['$(params.x) $(date)', ['$(params.x) $(date)']],
  ])('argument %s becomes %j', (argument, args) => {
    expect(substituteStepResults(step({ args: [argument] }), read)).toEqual({ type: 'substituted', step: step({ args }) });
  });

  it('replaces in env, command and arguments, and leaves the script and secrets alone', () => {
    const before = step({
      env: [
        { name: 'A', value: '$(steps.make.results.text)' },
        { name: 'S', secret: { name: '$(steps.make.results.text)', key: 'k', optional: false } },
      ],
      command: ['$(steps.make.results.list[*])', 'x'],
      script: '$(steps.make.results.text)',
    });
    expect(substituteStepResults(before, read)).toEqual({
      type: 'substituted',
      step: { ...before, env: [{ name: 'A', value: 'plain\n' }, before.env[1]], command: ['one', 'two', 'x'] },
    });
  });

  it('leaves a missing result and all behind it as written, and lets the step run', () => {
    const before = step({
      env: [
        { name: 'A', value: '$(steps.make.results.text)' },
        { name: 'B', value: '$(steps.make.results.none)' },
        { name: 'C', value: '$(steps.make.results.text)' },
      ],
      args: ['$(steps.make.results.text)'],
    });
    expect(substituteStepResults(before, read)).toEqual({
      type: 'substituted',
      step: { ...before, env: [{ name: 'A', value: 'plain\n' }, before.env[1], before.env[2]] },
      warning: '$(steps.make.results.none): step "make" has written no result "none"',
    });
  });

  it('leaves all of command and arguments as written when one cannot be replaced', () => {
    const before = step({ command: ['$(steps.make.results.text)'], args: ['x$(steps.make.results.list[*])'] });
    expect(substituteStepResults(before, read)).toEqual({
      type: 'substituted',
      step: before,
      warning:
        'value must be in "$(steps.<step-name>.results.<result-name>[*])" format, when using array results: "x$(steps.make.results.list[*])"',
    });
  });

  it('refuses an index out of range', () => {
    expect(substituteStepResults(step({ args: ['$(steps.make.results.list[2])'] }), read)).toEqual({
      type: 'refused',
      message: '$(steps.make.results.list[2]): index 2 is out of range, the result has 2 elements',
    });
  });
});
