import { describe, expect, it } from 'vitest';
import { defaultEngineConfig, type EngineConfig } from '../resources/engine-config.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRunSpec } from '../resources/task-run/schema.ts';
import { type RunProblem, validateRun } from './validate-run.ts';

function validate(spec: TaskSpec, run: TaskRunSpec = {}, more: Partial<EngineConfig> = {}): RunProblem | undefined {
  const config = { ...defaultEngineConfig, 'enable-param-enum': true, ...more };
  return validateRun({ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'run' }, spec: run }, spec, 'task', config);
}

const failed = 'TaskRunValidationFailed';
const list = { name: 'a', type: 'array' };

describe('validateRun', () => {
  it.each<[string, string, TaskSpec, TaskRunSpec]>([
    [
      'invalid input params for task task: missing values for these params which have no default values: [a b]',
      failed,
      { params: [{ name: 'a' }, { name: 'x', default: '' }, { name: 'b' }] },
      { params: [{ name: 'other', value: '' }] },
    ],
    [
      "invalid input params for task task: param types don't match the user-specified type: [a s]",
      failed,
      { params: [list, { name: 's', type: 'string' }, { name: 'fine', type: 'array' }] },
      {
        params: [
          { name: 'a', value: 'text' },
          { name: 's', value: ['x'] },
          { name: 'fine', value: '$(tasks.t.results.r[*])' },
        ],
      },
    ],
    [
      "invalid input params for task task: missing keys for these params which are required in ParamSpec's properties map[o:[k2] p:[k1]]",
      failed,
      {
        params: [
          { name: 'p', type: 'object', properties: { k1: {}, k2: {} }, default: { k2: '' } },
          { name: 'o', type: 'object', properties: { k1: {}, k2: {} } },
        ],
      },
      { params: [{ name: 'o', value: { k1: '' } }] },
    ],
    [
      'param `e` value: c is not in the enum list',
      'InvalidParamValue',
      { params: [{ name: 'e', type: 'string', enum: ['a', 'b'] }] },
      { params: [{ name: 'e', value: 'c' }] },
    ],
    [
      'non-existent param references:[$(params.a[2]) $(params["a"][7])]',
      failed,
      { params: [list], steps: [{ image: '$(params.a[1])', script: '$(params.a[2])' }], volumes: [{ name: '$(params["a"][7])' }] },
      { params: [{ name: 'a', value: ['x', 'y'] }] },
    ],
    [
      'declared workspace "w" is required but has not been bound',
      failed,
      { workspaces: [{ name: 'o', optional: true }, { name: 'w' }] },
      {},
    ],
    [
      'workspace binding "x" does not match any declared workspace',
      failed,
      { workspaces: [{ name: 'w' }] },
      { taskRef: { name: 't' }, workspaces: [{ name: 'w' }, { name: 'x' }] },
    ],
    [
      'invalid request resource value: 2 must be less or equal to limit 500m',
      failed,
      { stepTemplate: { computeResources: { limits: { cpu: '500m' } } }, steps: [{ computeResources: { requests: { cpu: '2' } } }] },
      {},
    ],
  ])('%s', (message, reason, spec, run) => {
    expect(validate(spec, run)).toEqual({ reason, message: `[User error] ${message}` });
  });

  it('lists every override that fits nothing, as upstream formats several errors', () => {
    const run = { stepSpecs: [{ name: 's' }, { name: 'x' }], sidecarSpecs: [{ name: 'y' }] };
    expect(validate({ steps: [{ name: 's' }] }, run)).toEqual({
      reason: failed,
      message: '[User error] invalid StepOverride: No Step named x\ninvalid SidecarOverride: No Sidecar named y',
    });
  });

  it('accepts further params, further workspaces of an embedded task, and equal quantities', () => {
    expect(
      validate(
        { params: [list], steps: [{ computeResources: { requests: { memory: '1Gi' }, limits: { memory: '1024Mi' } } }] },
        {
          taskSpec: {},
          params: [
            { name: 'a', value: [] },
            { name: 'extra', value: 'x' },
          ],
          workspaces: [{ name: 'w' }],
        },
      ),
    ).toBeUndefined();
  });

  it('allows one claim a task, as affinity assistants want it, however often it is bound', () => {
    const claim = (name: string, claimName: string) => ({ name, persistentVolumeClaim: { claimName } });
    const made = { name: 'c', volumeClaimTemplate: {} };
    const bound = (...workspaces: NonNullable<TaskRunSpec['workspaces']>) => ({ taskSpec: {}, workspaces });
    const message = '[User error] more than one PersistentVolumeClaim is bound';
    expect(validate({}, bound(claim('a', 'x'), claim('b', 'x'), { name: 'd', emptyDir: {} }))).toBeUndefined();
    for (const second of [claim('b', 'y'), made]) {
      expect(validate({}, bound(claim('a', 'x'), second))).toEqual({ reason: failed, message });
      for (const coschedule of ['pipelineruns', 'isolate-pipelinerun', 'disabled'] as const)
        expect(validate({}, bound(claim('a', 'x'), second), { coschedule })).toBeUndefined();
    }
  });
});
