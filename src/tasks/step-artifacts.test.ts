import { describe, expect, it } from 'vitest';
import type { PlannedStep } from './pod-plan.ts';
import { substituteStepArtifacts } from './step-artifacts.ts';

const provenance = JSON.stringify({
  inputs: [{ name: 'source', values: [{ uri: 'git:x?a=1&b', digest: { sha256: 'ab' } }] }],
  outputs: [{ name: 'empty' }],
});
const read = (step: string): string | undefined => (step === 'build' ? provenance : undefined);
const value = '[{"digest":{"sha256":"ab"},"uri":"git:x?a=1\\u0026b"}]';

function step(changes: Partial<PlannedStep>): PlannedStep {
  const container = { name: 'use', container: 'step-use', image: 'i', args: [], env: [], envFrom: [], mounts: [] };
  return { ...container, onError: 'stopAndFail', results: [], when: [], ...changes };
}

describe('substituteStepArtifacts', () => {
  it('puts the values as JSON into a script, or into words, and into env', () => {
    expect(substituteStepArtifacts(step({ script: "echo '$(steps.build.inputs.source)'" }), read)).toEqual({
      step: step({ script: `echo '${value}'` }),
    });
    const words = step({ command: ['a', '$(steps.build.inputs.source)'], args: ['x$(steps.build.outputs.empty)'] });
    const env = [
      { name: 'A', value: '$(steps.build.inputs.source)' },
      { name: 'B', fieldPath: 'metadata.name' },
    ];
    expect(substituteStepArtifacts({ ...words, env }, read).step).toMatchObject({
      command: ['a', value],
      args: ['xnull'],
      env: [
        { name: 'A', value },
        { name: 'B', fieldPath: 'metadata.name' },
      ],
    });
  });

  it('leaves a script with arguments alone, as upstream does', () => {
    const asked = step({ script: '$(steps.build.inputs.source)', args: ['$(steps.build.inputs.source)'] });
    expect(substituteStepArtifacts(asked, read).step).toMatchObject({ script: '$(steps.build.inputs.source)', args: [value] });
  });

  it('leaves everything as written when one is not there, and says why', () => {
    const asked = step({
      args: ['$(steps.build.inputs.source)', '$(steps.build.outputs.gone)'],
      env: [{ name: 'A', value: '$(steps.build.inputs.source)' }],
    });
    expect(substituteStepArtifacts(asked, read)).toEqual({
      step: asked,
      warning: '$(steps.build.outputs.gone): step "build" has written no artifact of that name',
    });
  });

  it('replaces env up to the one that is not there', () => {
    const env = ['$(steps.build.inputs.source)', '$(steps.other.inputs.source)', '$(steps.build.inputs.source)'].map((text, index) => ({
      name: `E${index}`,
      value: text,
    }));
    const { step: replaced, warning } = substituteStepArtifacts(step({ env }), read);
    expect(replaced.env).toEqual([{ name: 'E0', value }, env[1], env[2]]);
    expect(warning).toBe('$(steps.other.inputs.source): step "other" has written no artifact of that name');
  });
});
