import { describe, expect, it } from 'vitest';
import { convertPipelineKind } from './admission/convert-pipelines.ts';
import { asV1beta1 } from './as-v1beta1.ts';
import type { KubeObject } from './object.ts';

const resources = { limits: { cpu: '1' } };
const taskSpec = { steps: [{ image: 'i', resources }], stepTemplate: { resources }, sidecars: [{ name: 'c', resources }] };
const overrides = { stepOverrides: [{ name: 's', resources }], sidecarOverrides: [{ name: 'c', resources }] };
const pipelineSpec = {
  tasks: [
    { name: 't', taskSpec },
    { name: 'c', pipelineSpec: { tasks: [], finally: [{ name: 'f', taskSpec }] } },
  ],
};

describe('an object as v1beta1', () => {
  it.each([
    ['Task', taskSpec, undefined],
    ['Pipeline', pipelineSpec, undefined],
    [
      'TaskRun',
      { taskSpec, ...overrides, serviceAccountName: 'sa' },
      { taskResults: [], taskSpec, retriesStatus: [{ taskResults: [], taskSpec }] },
    ],
    [
      'PipelineRun',
      {
        pipelineSpec,
        serviceAccountName: 'sa',
        podTemplate: { hostNetwork: true },
        timeouts: { pipeline: '1h' },
        taskRunSpecs: [{ pipelineTaskName: 't', taskServiceAccountName: 'own', taskPodTemplate: {}, ...overrides }],
      },
      { pipelineResults: [], pipelineSpec },
    ],
  ])('is the one that was converted: %s', (kind, spec, status) => {
    const old = { apiVersion: 'tekton.dev/v1beta1', kind, metadata: { name: 'x' }, spec, ...(status && { status }) };
    expect(asV1beta1(convertPipelineKind(kind, old) as unknown as KubeObject)).toEqual(old);
  });

  it('of a kind that v1 has not is itself', () => {
    const run = { apiVersion: 'tekton.dev/v1beta1', kind: 'CustomRun', metadata: { name: 'x' } };
    expect(asV1beta1(run)).toBe(run);
  });
});
