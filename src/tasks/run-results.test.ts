import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { PodObservation } from './pod-observation.ts';
import { stepResults, taskRunResults } from './run-results.ts';

/** A step's files: the task's results as it left them, its own. */
type Left = readonly [ofTask: Record<string, string>, own?: Record<string, string>];

function pod(...left: Left[]): PodObservation {
  const steps = left.map(([taskResults, results = {}], index) => ({
    name: `s${index}`,
    container: `step-s${index}`,
    imageId: 'i',
    state: { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: 0, finishedAt: 0 } as const,
    results,
    taskResults,
  }));
  return { uid: 'u', phase: 'Succeeded', steps, sidecars: [], ranBy: 'test' };
}

const spec: TaskSpec = {
  steps: [
    {
      name: 's0',
      results: [
        { name: 'r', type: 'string' },
        { name: 'l', type: 'array' },
      ],
    },
    { name: 's1' },
  ],
  results: [
    { name: 'text', type: 'string' },
    { name: 'list', type: 'array' },
    { name: 'map', type: 'object', properties: { a: {}, b: {} } },
    { name: 'taken', type: 'array', value: '$(steps.s0.results.l)' },
  ],
};

describe('taskRunResults', () => {
  it('reads files as declared, those of one step by name, without what nobody declared', () => {
    const observed = pod([{ text: '["x"]\n', undeclared: 'x', list: '[]', map: '{"a":"1","b":"2"}' }]);
    expect(taskRunResults(spec, observed)).toEqual({
      results: [
        { name: 'list', type: 'array', value: [] },
        { name: 'map', type: 'object', value: { a: '1', b: '2' } },
        { name: 'text', type: 'string', value: '["x"]\n' },
      ],
    });
  });

  it('sorts names as text, numbers too', () => {
    const names = ['digest-2', 'digest-10', 'digest-1', '10', '9'];
    const observed = pod([Object.fromEntries(names.map((name) => [name, name]))]);
    const { results } = taskRunResults({ results: names.map((name) => ({ name, type: 'string' })) }, observed);
    expect(results.map(({ name }) => name)).toEqual(['10', '9', 'digest-1', 'digest-10', 'digest-2']);
  });

  it('lets what comes again keep its place and have the later value', () => {
    const observed = pod([{ text: 'one' }], [{ text: 'two', list: '["a"]' }]);
    expect(taskRunResults(spec, observed).results).toEqual([
      { name: 'text', type: 'string', value: 'two' },
      { name: 'list', type: 'array', value: ['a'] },
    ]);
  });

  it("takes a result from a step's, behind what the task's files had to say at that step", () => {
    const observed = pod([{ text: 'x' }, { l: '["a"]' }], [{ text: 'x', list: '[]' }]);
    expect(taskRunResults(spec, observed)).toEqual({
      results: [
        { name: 'text', type: 'string', value: 'x' },
        { name: 'taken', type: 'array', value: ['a'] },
        { name: 'list', type: 'array', value: [] },
      ],
    });
  });

  it('leaves out and reports what is of another type', () => {
    expect(taskRunResults(spec, pod([{ list: '[1]', text: 't', map: 'x' }]))).toEqual({
      results: [{ name: 'text', type: 'string', value: 't' }],
      problem:
        '[User error] Provided results don\'t match declared results; may be invalid JSON or missing result declaration:  "list": task result is expected to be "array" type but was initialized to a different type "string", "map": task result is expected to be "object" type but was initialized to a different type "string"',
    });
  });

  it('reports missing keys', () => {
    expect(taskRunResults(spec, pod([{ map: '{"a":"1"}' }])).problem).toBe(
      "[User error] missing keys for these results which are required in TaskResult's properties map[map:[b]]",
    );
  });
});

it("reads a step's results", () => {
  expect(stepResults(spec.steps?.[0], { r: '[]', l: '["x"]', other: '{"k":"v"}' })).toEqual([
    { name: 'l', type: 'array', value: ['x'] },
    { name: 'other', type: 'object', value: { k: 'v' } },
    { name: 'r', type: 'string', value: '[]' },
  ]);
});
