import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { PodObservation } from './pod-observation.ts';
import { stepResults, taskRunResults } from './run-results.ts';

function pod(results: Record<string, string>, ofSteps: Record<string, string>[] = []): PodObservation {
  const steps = ofSteps.map((files, index) => ({
    name: `s${index}`,
    container: `step-s${index}`,
    imageId: 'i',
    state: { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: 0, finishedAt: 0 } as const,
    results: files,
  }));
  return { uid: 'u', phase: 'Succeeded', steps, sidecars: [], results, ranBy: 'test' };
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
  it('reads files as declared, in the order they were reported, without what nobody declared', () => {
    const observed = pod({ map: '{"a":"1","b":"2"}', text: '["x"]\n', undeclared: 'x', list: '[]' });
    expect(taskRunResults(spec, observed)).toEqual({
      results: [
        { name: 'map', type: 'object', value: { a: '1', b: '2' } },
        { name: 'text', type: 'string', value: '["x"]\n' },
        { name: 'list', type: 'array', value: [] },
      ],
    });
  });

  it("takes a result from a step's", () => {
    expect(taskRunResults(spec, pod({}, [{ l: '["a"]' }, {}]))).toEqual({ results: [{ name: 'taken', type: 'array', value: ['a'] }] });
  });

  it('leaves out and reports what is of another type', () => {
    expect(taskRunResults(spec, pod({ list: '[1]', text: 't', map: 'x' }))).toEqual({
      results: [{ name: 'text', type: 'string', value: 't' }],
      problem:
        '[User error] Provided results don\'t match declared results; may be invalid JSON or missing result declaration:  "list": task result is expected to be "array" type but was initialized to a different type "string", "map": task result is expected to be "object" type but was initialized to a different type "string"',
    });
  });

  it('reports missing keys', () => {
    expect(taskRunResults(spec, pod({ map: '{"a":"1"}' })).problem).toBe(
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
