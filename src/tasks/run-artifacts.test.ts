import { describe, expect, it } from 'vitest';
import type { StepObservation } from './pod-observation.ts';
import { parseArtifacts, runArtifacts } from './run-artifacts.ts';

function step(files: Pick<StepObservation, 'artifacts' | 'taskArtifacts'>): StepObservation {
  const state = { type: 'terminated', exitCode: 0, reason: 'Completed', startedAt: 0, finishedAt: 0 } as const;
  return { name: 'a', container: 'step-a', imageId: 'i', state, results: {}, taskResults: {}, ...files };
}

const merged = (...steps: StepObservation[]) => runArtifacts({ uid: 'u', phase: 'Succeeded', steps, sidecars: [], ranBy: 'test' });

const image = { digest: { sha256: 'ab' }, uri: 'pkg:x/y' };
const other = { uri: 'pkg:x/z' };

describe('runArtifacts', () => {
  it('is empty without any', () => {
    expect(merged(step({}))).toEqual({});
  });

  it("joins the task's and the steps' by name, each value once", () => {
    const first = step({
      artifacts: JSON.stringify({ inputs: [{ name: 'source', values: [image] }], outputs: [{ name: 'image', values: [image] }] }),
    });
    const second = step({
      taskArtifacts: JSON.stringify({ outputs: [{ name: 'log' }] }),
      artifacts: JSON.stringify({
        inputs: [{ name: 'source', values: [image, other], buildOutput: true }],
        outputs: [{ name: 'image', values: [other], buildOutput: true }],
      }),
    });
    expect(merged(first, second)).toEqual({
      inputs: [{ name: 'source', values: [image, other] }],
      outputs: [{ name: 'image', values: [image, other], buildOutput: true }, { name: 'log' }],
    });
  });

  it.each([
    ['no JSON', '{"outputs":'],
    ['no object', '[]'],
    ['a name that is no text', '{"outputs":[{"name":1}]}'],
    ['a digest that is no map', '{"outputs":[{"name":"a","values":[{"digest":"sha256:x"}]}]}'],
  ])('takes %s for nothing', (_what, text) => {
    expect(parseArtifacts(text)).toEqual({});
  });

  it('leaves out what it does not know', () => {
    expect(parseArtifacts('{"outputs":[{"name":"a","more":1}],"more":{}}')).toEqual({ outputs: [{ name: 'a' }] });
  });
});
