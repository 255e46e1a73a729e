import { describe, expect, it } from 'vitest';
import type { StepObservation } from './pod-observation.ts';
import { terminationMessage } from './termination-message.ts';

function message(changes: Partial<StepObservation>): string | undefined {
  const state = { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: 0, finishedAt: 0 } as const;
  return terminationMessage({ name: 'a', container: 'step-a', imageId: 'i', state, results: {}, taskResults: {}, ...changes }, 2);
}

describe('terminationMessage', () => {
  it('is absent when the step reports nothing', () => {
    expect(message({})).toBeUndefined();
  });

  it('lists results and artifacts by key, as Go writes them', () => {
    expect(message({ taskResults: { sum: '<2>\n', a: '["x"]' }, results: { own: 'y' }, artifacts: '{}', taskArtifacts: '{}' })).toBe(
      '[{"key":"/tekton/artifacts/provenance.json","value":"{}","type":6},' +
        '{"key":"/tekton/run/2/status/artifacts/provenance.json","value":"{}","type":5},' +
        '{"key":"a","value":"[\\"x\\"]","type":1},{"key":"own","value":"y","type":4},' +
        '{"key":"sum","value":"\\u003c2\\u003e\\n","type":1}]',
    );
  });

  it('is left out where upstream has no room for it', () => {
    const around = message({ taskResults: { r: '' } })?.length ?? 0;
    expect(message({ taskResults: { r: 'x'.repeat(4096 - around) } })).toHaveLength(4096);
    expect(message({ taskResults: { r: 'x'.repeat(4097 - around) } })).toBeUndefined();
    expect(message({ taskResults: { r: 'é'.repeat(2048) } })).toBeUndefined();
  });
});
