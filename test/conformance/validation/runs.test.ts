import { describe, expect, it } from 'vitest';
import type { EngineConfig } from '../../../src/resources/engine-config.ts';
import { gate, lines, refusal, tekton } from '../../support/refusal.ts';

/** reference/pipelines.md 2.9 to 2.11, rule by rule: runs, and upstream's exact words about them. */

type Fields = Readonly<Record<string, unknown>>;
type Row = readonly [rule: string, spec: Fields, message: string, config?: Partial<EngineConfig>];

const image = 'busybox';
const stable = { 'enable-api-fields': 'stable' } as const;
const ref = { taskRef: { name: 't' } };
const pipeline = { pipelineRef: { name: 'p' } };

function rows(kind: string, base: Fields, list: readonly Row[]): void {
  it.each(list.map((row) => [row[0], row] as const))('%s', (_, [, spec, message, config]) => {
    expect(refusal(tekton(kind, { ...base, ...spec }), config)).toBe(message);
  });
}

const sources = (what: 'neither' | 'both', path: string): string =>
  `expected exactly one, got ${what}: ${['configmap', 'emptydir', 'persistentvolumeclaim', 'secret', 'volumeclaimtemplate'].map((source) => `${path}.${source}`).join(', ')}`;

const bindings: readonly (readonly [string, Fields, string])[] = [
  ['no source', {}, sources('neither', 'spec.workspaces[0]')],
  ['two sources', { emptyDir: {}, projected: { sources: [] } }, sources('both', 'spec.workspaces[0]')],
  [
    'a claim without name',
    { persistentVolumeClaim: { claimName: '' } },
    'missing field(s): spec.workspaces[0].persistentvolumeclaim.claimname',
  ],
  ['a ConfigMap without name', { configMap: {} }, 'missing field(s): spec.workspaces[0].configmap.name'],
  ['a Secret without name', { secret: {} }, 'missing field(s): spec.workspaces[0].secret.secretName'],
  ['a projection of nothing', { projected: {} }, 'missing field(s): spec.workspaces[0].projected.sources'],
  ['no driver', { csi: { driver: '' } }, 'missing field(s): spec.workspaces[0].csi.driver'],
];

describe('2.9 TaskRuns', () => {
  rows('TaskRun', {}, [
    ['nothing to run', {}, 'expected exactly one, got neither: spec.taskRef, spec.taskSpec'],
    ['two to run', { ...ref, taskSpec: { steps: [{ image }] } }, 'expected exactly one, got both: spec.taskRef, spec.taskSpec'],
    [
      'inline, disabled',
      { taskSpec: { steps: [{ image }] } },
      'must not set the field(s): spec.taskSpec',
      { 'disable-inline-spec': 'taskrun' },
    ],
    ['a reference', { taskRef: {} }, 'missing field(s): spec.taskRef.name'],
    ['the task', { taskSpec: {} }, 'missing field(s): spec.taskSpec.steps'],
    [
      'params undeclared',
      { taskSpec: { steps: [{ image, script: '$(params.x)' }] } },
      'non-existent variable in "$(params.x)": spec.steps[0].script',
    ],
    ['params given', { taskSpec: { steps: [{ image, script: '$(params.x)' }] }, params: [{ name: 'x', value: '' }] }, ''],
    [
      'params given as a list',
      { taskSpec: { params: [{ name: 'x' }], steps: [{ image, script: '$(params.x)' }] }, params: [{ name: 'x', value: ['a'] }] },
      'variable type invalid in "$(params.x)": spec.steps[0].script',
    ],
    [
      'the keys of an object that is given',
      { taskSpec: { steps: [{ image, script: '$(params.o.k) $(params.o.x)' }] }, params: [{ name: 'o', value: { k: '' } }] },
      'non-existent variable in "$(params.o.k) $(params.o.x)": spec.steps[0].script',
    ],
    [
      'an object declared without properties',
      { taskSpec: { params: [{ name: 'o', type: 'object' }], steps: [{ image }] }, params: [{ name: 'o', value: { k: '' } }] },
      'missing field(s): spec.o.properties',
    ],
    [
      'a declaration that is wrong, told in both places',
      { taskSpec: { params: [{ name: 'x', type: 'y' }], steps: [{ image }] } },
      'invalid value: y: spec.taskSpec.params.x.type, spec.x.type',
    ],
  ]);

  rows('TaskRun', ref, [
    [
      'params twice',
      { params: ['a', 'b', 'A'].map((name) => ({ name, value: '' })) },
      'expected exactly one, got both: spec.params[A].name',
    ],
    [
      'workspaces twice',
      { workspaces: ['w', 'W'].map((name) => ({ name, emptyDir: {} })) },
      'expected exactly one, got both: spec.workspaces[1].name',
    ],
    ...bindings.map(([rule, source, message]): Row => [rule, { workspaces: [{ name: 'w', ...source }] }, message]),
    ['an unknown status', { status: 'Cancelled' }, 'invalid value: Cancelled should be TaskRunCancelled or TaskRunPending: spec.status'],
    [
      'a message without status',
      { statusMessage: 'why' },
      'invalid value: statusMessage should not be set if status is not set, but it is currently set to why: spec.statusMessage',
    ],
    ['retries', { retries: -1 }, 'invalid value: -1 should be >= 0: spec.retries'],
    ['a timeout', { timeout: '-90s' }, 'invalid value: -1m30s should be >= 0: spec.timeout'],
    ['breakpoints, beta', { debug: { breakpoints: { onFailure: 'enabled' } } }, gate('debug', 'alpha', 'beta')],
    [
      'breakpoints',
      { debug: { breakpoints: { onFailure: 'x', beforeSteps: ['a', 'b', 'a'] } } },
      lines(
        'before step must be unique, the same step: a is defined multiple times at: spec.debug.breakpoints.beforeSteps[2]',
        'invalid value: x is not a valid onFailure breakpoint value, onFailure breakpoint is only allowed to be set as enabled: spec.debug.breakpoints.onFailure',
      ),
      { 'enable-api-fields': 'alpha' },
    ],
    [
      'breakpoints before steps alone',
      { debug: { breakpoints: { beforeSteps: ['a'] } } },
      'invalid value: onFailure breakpoint is empty, it is only allowed to be set as enabled: spec.debug.breakpoints.onFailure',
      { 'enable-api-fields': 'alpha' },
    ],
    [
      'overrides, stable',
      { stepSpecs: [], sidecarSpecs: [], computeResources: {} },
      lines(...['computeResources', 'sidecarSpecs', 'stepSpecs'].map((feature) => gate(feature, 'beta', 'stable'))),
      stable,
    ],
    [
      'overrides',
      {
        stepSpecs: [
          { name: '', computeResources: {} },
          { name: 'a', computeResources: {} },
          { name: 'A', computeResources: {} },
        ],
        sidecarSpecs: [{ name: '', computeResources: {} }],
      },
      lines(
        'expected exactly one, got both: spec.stepSpecs[1].name',
        'missing field(s): spec.sidecarSpecs[0].name, spec.stepSpecs[0].name',
      ),
    ],
    [
      'limits in two places',
      { computeResources: { limits: { cpu: 1 } }, stepSpecs: [{ name: 'a', computeResources: { requests: { cpu: 1 } } }] },
      'expected exactly one, got both: spec.computeResources, spec.stepSpecs.resources',
    ],
    [
      'a forbidden variable',
      {
        podTemplate: {
          env: [
            { name: 'A', value: '' },
            { name: 'B', value: '' },
          ],
        },
      },
      'invalid value: PodTemplate cannot update a forbidden env: B: spec.PodTemplate.Env',
      { 'default-forbidden-env': ['B'] },
    ],
  ]);

  it('cannot be made pending once started', () => {
    const run = { ...tekton('TaskRun', { ...ref, status: 'TaskRunPending' }), status: { startTime: '2026-01-01T00:00:00Z' } };
    expect(refusal(run)).toBe('invalid value: TaskRun cannot be Pending after it is started: spec.status');
  });
});

describe('2.10 PipelineRuns', () => {
  rows('PipelineRun', {}, [
    ['nothing to run', {}, 'expected exactly one, got neither: spec.pipelineRef, spec.pipelineSpec'],
    [
      'two to run',
      { ...pipeline, pipelineSpec: { tasks: [{ name: 'a', ...ref }] } },
      'expected exactly one, got both: spec.pipelineRef, spec.pipelineSpec',
    ],
    [
      'inline, disabled',
      { pipelineSpec: { tasks: [{ name: 'a', ...ref }] } },
      'must not set the field(s): spec.pipelineSpec',
      { 'disable-inline-spec': 'pipelinerun' },
    ],
    [
      'the pipeline',
      { pipelineSpec: { tasks: [{ name: 'a' }] } },
      'expected exactly one, got neither: spec.pipelineSpec.tasks[0].taskRef, spec.pipelineSpec.tasks[0].taskSpec',
    ],
    [
      'params undeclared',
      {
        pipelineSpec: {
          tasks: [
            { name: 'a', taskSpec: { steps: [{ image, script: '$(params.x)' }] } },
            { name: 'b', ...ref, params: [{ name: 'p', value: '$(params.y)' }] },
          ],
        },
      },
      lines('non-existent variable in "$(params.x)": spec.steps[0].script', 'non-existent variable in "$(params.y)": spec[1].params[p]'),
    ],
    [
      'params of the run, of the pipeline and of any task',
      {
        params: [{ name: 'x', value: '' }],
        pipelineSpec: {
          params: [{ name: 'y', default: '' }],
          tasks: [
            {
              name: 'a',
              taskSpec: {
                params: [{ name: 'z', default: '' }],
                steps: [{ image, script: '$(params.x) $(params.y) $(params.z) $(params.v)' }],
              },
            },
            { name: 'b', ...ref, params: [{ name: 'v', value: '' }] },
          ],
        },
      },
      '',
    ],
    [
      'params of finally are not looked at',
      {
        pipelineSpec: { tasks: [{ name: 'a', ...ref }], finally: [{ name: 'f', taskSpec: { steps: [{ image, script: '$(params.x)' }] } }] },
      },
      '',
    ],
  ]);

  rows('PipelineRun', pipeline, [
    ['params twice', { params: ['a', 'a'].map((name) => ({ name, value: '' })) }, 'expected exactly one, got both: spec.params[a].name'],
    [
      'results as params',
      {
        params: [
          { name: 'a', value: '$(params.x) $(tasks.t.results.r)' },
          { name: 'b', value: '$(tasks.t.results.r.x.y)' },
        ],
      },
      'invalid value: cannot use result expressions in [tasks.t.results.r] as PipelineRun parameter values: spec.params[a].value',
    ],
    [
      'an unknown status',
      { status: 'TaskRunCancelled' },
      'invalid value: TaskRunCancelled should be Cancelled, CancelledRunFinally, StoppedRunFinally or PipelineRunPending: spec.status',
    ],
    [
      'workspaces twice',
      { workspaces: ['w', 'v', 'w'].map((name) => ({ name, emptyDir: {} })) },
      'workspace "w" provided by pipelinerun more than once, at index 0 and 2: spec.workspaces[2].name',
    ],
    ...bindings.map(([rule, source, message]): Row => [rule, { workspaces: [{ name: 'w', ...source }] }, message]),
    [
      'timeouts below 0',
      { timeouts: { pipeline: '0s', tasks: '-1s', finally: '-2s' } },
      lines('invalid value: -1s should be >= 0: spec.timeouts.tasks', 'invalid value: -2s should be >= 0: spec.timeouts.finally'),
    ],
    [
      'tasks longer than the whole',
      { timeouts: { pipeline: '1h', tasks: '2h' } },
      'invalid value: 2h0m0s should be <= pipeline duration: spec.timeouts.tasks',
    ],
    [
      'finally longer than the default',
      { timeouts: { finally: '2h' } },
      'invalid value: 2h0m0s should be <= pipeline duration: spec.timeouts.finally',
    ],
    [
      'tasks without end',
      { timeouts: { pipeline: '1h', tasks: '0s' } },
      'invalid value: 0s (no timeout) should be <= pipeline duration: spec.timeouts.tasks',
    ],
    [
      'both together longer',
      { timeouts: { pipeline: '1h', tasks: '40m', finally: '30m' } },
      'invalid value: 40m0s + 30m0s should be <= pipeline duration: spec.timeouts.finally, spec.timeouts.tasks',
    ],
    [
      'both together, of a whole without end',
      { timeouts: { pipeline: '0s', tasks: '1m', finally: '1m' } },
      'invalid value: 1m0s + 1m0s should be <= pipeline duration: spec.timeouts.finally, spec.timeouts.tasks',
    ],
    [
      'a task longer than tasks',
      { timeouts: { tasks: '10m' }, taskRunSpecs: [{ pipelineTaskName: 'a', timeout: '11m' }] },
      'invalid value: 11m0s should be <= pipeline tasks duration 10m0s: spec.taskRunSpecs[0].timeout',
    ],
    [
      'a task longer than the whole',
      { taskRunSpecs: [{ pipelineTaskName: 'a', timeout: '61m' }] },
      'invalid value: 1h1m0s should be <= pipeline duration 1h0m0s: spec.taskRunSpecs[0].timeout',
    ],
    ['a task of a whole without end', { timeouts: { pipeline: '0s' }, taskRunSpecs: [{ pipelineTaskName: 'a', timeout: '99h' }] }, ''],
    [
      'a task below 0',
      { taskRunSpecs: [{ pipelineTaskName: 'a', timeout: '-1s' }] },
      'invalid value: -1s should be >= 0: spec.taskRunSpecs[0].timeout',
    ],
    [
      'overrides, stable',
      { taskRunSpecs: [{ pipelineTaskName: 'a', stepSpecs: [], sidecarSpecs: [], computeResources: {} }] },
      lines(...['computeResources', 'sidecarSpecs', 'stepSpecs'].map((feature) => gate(feature, 'beta', 'stable'))),
      stable,
    ],
    [
      'overrides',
      {
        taskRunSpecs: [
          { pipelineTaskName: 'a' },
          { pipelineTaskName: 'b', computeResources: {}, stepSpecs: [{ name: '', computeResources: { limits: { cpu: 1 } } }] },
        ],
      },
      lines(
        'expected exactly one, got both: spec.taskRunSpecs[1].computeResources, spec.taskRunSpecs[1].stepSpecs.resources',
        'missing field(s): spec.taskRunSpecs[1].stepSpecs[0].name',
      ),
    ],
    [
      'a forbidden variable',
      {
        taskRunTemplate: { podTemplate: { env: [{ name: 'A', value: '' }] } },
        taskRunSpecs: [{ pipelineTaskName: 'a', podTemplate: { env: [{ name: 'A', value: '' }] } }],
      },
      'invalid value: PodTemplate cannot update a forbidden env: A: spec.taskRunSpecs[0].PodTemplate.Env, spec.taskRunTemplate.PodTemplate.Env',
      { 'default-forbidden-env': ['A'] },
    ],
  ]);

  it('cannot be made pending once started', () => {
    const run = { ...tekton('PipelineRun', { ...pipeline, status: 'PipelineRunPending' }), status: { startTime: '2026-01-01T00:00:00Z' } };
    expect(refusal(run)).toBe('invalid value: PipelineRun cannot be Pending after it is started: spec.status');
  });
});
