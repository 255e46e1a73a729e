import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, validateUpdate } from './admit.ts';
import { defaultEngineConfig } from './engine-config.ts';
import { renderFieldErrors } from './field-error.ts';
import type { KubeObject } from './object.ts';
import { apiVersionOf, resourceTypes } from './registry.ts';

const text = (raw: unknown): string => {
  const result = admit(raw, defaultEngineConfig);
  return result.ok ? '' : renderFieldErrors(result.errors);
};
const object = (raw: unknown): KubeObject => {
  const result = admit(raw, defaultEngineConfig);
  if (!result.ok) throw new Error(renderFieldErrors(result.errors));
  return result.object;
};
const warnings = (raw: unknown): readonly string[] => {
  const result = admit(raw, defaultEngineConfig);
  if (!result.ok) throw new Error(renderFieldErrors(result.errors));
  return result.warnings;
};
const tekton = (kind: string, spec: unknown, more: object = {}) => ({
  apiVersion: 'tekton.dev/v1',
  kind,
  metadata: { name: 'x' },
  spec,
  ...more,
});
const steps = [{ image: 'i' }];
const taskRun = (spec: object, more: object = {}) => tekton('TaskRun', { taskSpec: { steps }, ...spec }, more);
const pipelineRun = (spec: object, more: object = {}) => tekton('PipelineRun', { pipelineRef: { name: 'p' }, ...spec }, more);

describe('admit: what it is', () => {
  it.each([
    ['no object', 'x', 'expected an object with apiVersion and kind: '],
    ['a list', [], 'expected an object with apiVersion and kind: '],
    ['nothing in it', {}, 'missing field(s): apiVersion, kind'],
    ['a kind of no text', { apiVersion: 'v1', kind: 3 }, 'missing field(s): kind'],
    [
      'a kind in the wrong case',
      { apiVersion: 'tekton.dev/v1', kind: 'pipelinerun' },
      'no kind "pipelinerun" is known in version "tekton.dev/v1": apiVersion, kind\nexpected tekton.dev/v1 or tekton.dev/v1beta1 PipelineRun',
    ],
    [
      'a version we never heard of',
      { apiVersion: 'tekton.dev/v1alpha1', kind: 'Task' },
      'no kind "Task" is known in version "tekton.dev/v1alpha1": apiVersion, kind\nexpected tekton.dev/v1 or tekton.dev/v1beta1 Task',
    ],
  ])('refuses %s', (_name, raw, errors) => {
    expect(text(raw)).toBe(errors);
  });

  it('names the known kinds when it meets another', () => {
    const errors = text({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'x' } });
    expect(errors).toMatch(
      /^no kind "DaemonSet" is known in version "apps\/v1": apiVersion, kind\nexpected tekton\.dev\/v1 or tekton\.dev\/v1beta1 Task, /,
    );
    for (const type of resourceTypes) expect(errors).toContain(`${apiVersionOf(type)}`);
  });

  it('refuses what nests without end, and does not fall over', () => {
    let deep: unknown = {};
    for (let level = 0; level < 50_000; level += 1) deep = { deep };
    expect(text({ apiVersion: 'v1', kind: 'ConfigMap', deep })).toBe('the object nests deeper than 100 levels: ');
  });
});

describe('admit: names and shapes', () => {
  it.each([
    ['no metadata', { apiVersion: 'tekton.dev/v1', kind: 'Task', spec: { steps } }, 'missing field(s): metadata'],
    ['no name', taskRun({}, { metadata: {} }), 'missing field(s): metadata.generateName, metadata.name'],
    ['a bad name', taskRun({}, { metadata: { name: 'A_b' } }), 'invalid resource name "A_b": must be a valid DNS label: metadata.name'],
    [
      'a long name',
      taskRun({}, { metadata: { name: 'a'.repeat(64) } }),
      'Invalid resource name: length must be no more than 63 characters: metadata.name',
    ],
    [
      'a bad prefix',
      taskRun({}, { metadata: { generateName: 'A-' } }),
      'invalid resource name "A-": must be a valid DNS label: metadata.generateName',
    ],
    ['no spec', { apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 'x' } }, 'missing field(s): spec.steps'],
    [
      'a number as text',
      taskRun({ serviceAccountName: 3 }),
      'got a number, expected a string: spec.serviceAccountName\nwrite it in quotes',
    ],
    ['text as a list', taskRun({ params: 'x' }), 'got a string, expected a list: spec.params'],
    ['a value left out', taskRun({ params: [{ name: 'a' }] }), 'missing field(s): spec.params[0].value'],
    ['no duration', taskRun({ timeout: '5 minutes' }), 'invalid duration "5 minutes", expected one like 1h30m, 90s or 500ms: spec.timeout'],
    ['a fraction', taskRun({ retries: 1.5 }), 'got a number, expected a whole number: spec.retries'],
    [
      'an unknown word',
      taskRun({ taskSpec: { steps: [{ image: 'i', imagePullPolicy: 'Sometimes' }] } }),
      'got "Sometimes", expected one of "Always", "Never", "IfNotPresent": spec.taskSpec.steps[0].imagePullPolicy',
    ],
    [
      'labels that are no text',
      taskRun({}, { metadata: { name: 'x', labels: { 'app.io/x': true } } }),
      'got a boolean, expected a string: metadata.labels[app.io/x]\nwrite it in quotes',
    ],
    [
      'unknown fields, and what else is wrong',
      taskRun({ retries: -1, taskspec: undefined, steps: [] }),
      'invalid value: -1 should be >= 0: spec.retries\njson: unknown field "steps": spec.steps',
    ],
    ['old names in v1', pipelineRun({ serviceAccountName: 'x' }), 'json: unknown field "serviceAccountName": spec.serviceAccountName'],
  ])('refuses %s', (_name, raw, errors) => {
    expect(text(raw)).toBe(errors);
  });

  it('never shows a value that has the wrong type', () => {
    expect(text({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password: 31337 } })).not.toContain('31337');
    expect(text({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { password: 'hunter2!' } })).toBe(
      'got text that is not base64, expected base64: data[password]\nplain text belongs into stringData',
    );
  });

  it('spells names and values as the schema does', () => {
    const raw = taskRun({
      PARAMS: [
        { name: 'a', value: 12 },
        { name: 'b', value: true },
        { name: 'c', value: null },
        { name: 'd', value: [1, 'x'] },
        { name: 'e', value: ['x', null] },
        { name: 'f', value: { k: { l: 1 } } },
      ],
      timeout: '90m',
      serviceaccountname: 'sa',
    });
    expect(object(raw)['spec']).toEqual({
      params: [
        { name: 'a', value: '12' },
        { name: 'b', value: 'true' },
        { name: 'c', value: '' },
        { name: 'd', value: '[1,"x"]' },
        { name: 'e', value: ['x', ''] },
        { name: 'f', value: '{"k":{"l":1}}' },
      ],
      timeout: '1h30m0s',
      serviceAccountName: 'sa',
      taskSpec: { steps: [{ name: '', image: 'i', computeResources: {} }] },
    });
  });
});

describe('admit: defaults', () => {
  it('of a TaskRun', () => {
    const raw = tekton(
      'TaskRun',
      { taskRef: { name: 't' } },
      { metadata: { name: 'x', annotations: { 'chains.tekton.dev/signed': 'true', a: 'b' } } },
    );
    expect(object(raw)).toEqual({
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { name: 'x', annotations: { a: 'b' }, labels: { 'app.kubernetes.io/managed-by': 'tekton-pipelines' } },
      spec: { taskRef: { name: 't', kind: 'Task' }, timeout: '1h0m0s', serviceAccountName: 'default' },
    });
  });

  it('of a PipelineRun and of everything embedded in it', () => {
    const spec = {
      params: [{ name: 'a' }, { name: 'b', default: ['x'] }, { name: 'c', properties: { k: {} } }],
      tasks: [
        { name: 't', taskRef: { name: 'r' } },
        { name: 'u', taskRef: { resolver: 'git' } },
      ],
      finally: [{ name: 'f', taskSpec: { steps, results: [{ name: 'r' }, { name: 's', properties: { k: {} } }] } }],
    };
    expect(object(tekton('PipelineRun', { pipelineSpec: spec, timeouts: { tasks: '10m' } }))['spec']).toEqual({
      pipelineSpec: {
        params: [
          { name: 'a', type: 'string' },
          { name: 'b', type: 'array', default: ['x'] },
          { name: 'c', type: 'object', properties: { k: { type: 'string' } } },
        ],
        tasks: [
          { name: 't', taskRef: { name: 'r', kind: 'Task' } },
          { name: 'u', taskRef: { resolver: 'git' } },
        ],
        finally: [
          {
            name: 'f',
            taskSpec: {
              metadata: {},
              spec: null,
              steps: [{ name: '', image: 'i', computeResources: {} }],
              results: [
                { name: 'r', type: 'string' },
                { name: 's', type: 'object', properties: { k: { type: 'string' } } },
              ],
            },
          },
        ],
      },
      timeouts: { pipeline: '1h0m0s', tasks: '10m0s' },
      taskRunTemplate: { serviceAccountName: 'default' },
    });
  });

  it('writes what Go writes of a struct, whether it was given or not, and means nothing by it', () => {
    const container = { image: 'i' };
    const written = { name: '', image: 'i', computeResources: {} };
    const task = {
      steps: [{ ...container, workspaces: [{ name: 'w' }] }],
      sidecars: [container],
      stepTemplate: { workingDir: '/x' },
      workspaces: [{ name: 'w' }],
    };
    const admitted = admit(tekton('Task', task), defaultEngineConfig);
    expect(admitted.ok && admitted.warnings).toEqual([]);
    expect(admitted.ok && admitted.object['spec']).toEqual({
      ...task,
      steps: [{ ...written, workspaces: [{ name: 'w', mountPath: '' }] }],
      sidecars: [written],
      stepTemplate: { workingDir: '/x', computeResources: {} },
    });
    const again = admitted.ok ? admit(admitted.object, defaultEngineConfig) : admitted;
    expect(again.ok && again.object).toEqual(admitted.ok && admitted.object);
  });

  it('writes that of child pipelines too, whose defaults are set when they become runs', () => {
    const task = { name: 't', taskSpec: { params: [{ name: 'p' }], steps } };
    const child = (inner: object) => ({ tasks: [{ name: 'c', pipelineSpec: { tasks: [inner], finally: [{ ...inner, name: 'f' }] } }] });
    const written = {
      name: 't',
      taskSpec: { metadata: {}, spec: null, params: [{ name: 'p' }], steps: [{ name: '', image: 'i', computeResources: {} }] },
    };
    const config = { ...defaultEngineConfig, 'enable-api-fields': 'alpha' as const };
    const admitted = admit(tekton('PipelineRun', { pipelineSpec: child(task) }), config);
    expect(admitted.ok && admitted.object['spec']).toMatchObject({ pipelineSpec: child(written) });
  });

  it('of a claim made from a template, and of a custom task', () => {
    const run = taskRun({
      taskSpec: { steps },
      workspaces: [{ name: 'w', volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } }],
    });
    expect(object(run)['spec']).toMatchObject({
      workspaces: [
        { name: 'w', volumeClaimTemplate: { metadata: {}, spec: { accessModes: ['ReadWriteOnce'], resources: {} }, status: {} } },
      ],
    });
    const custom = { apiVersion: 'tekton.dev/v1beta1', kind: 'CustomRun', metadata: { name: 'x' } };
    expect(object({ ...custom, spec: { customSpec: { apiVersion: 'a/v1', kind: 'K' } } })['spec']).toEqual({
      customSpec: { apiVersion: 'a/v1', kind: 'K', metadata: {}, spec: null },
      serviceAccountName: 'default',
    });
  });

  it('of a Secret: plain text goes into data', () => {
    const raw = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { a: 'eA==', b: 'eA==' },
      stringData: { b: 'pässword', c: '' },
    };
    expect(object(raw)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      type: 'Opaque',
      data: { a: 'eA==', b: 'cMOkc3N3b3Jk', c: '' },
    });
  });

  it('are the same the second time', () => {
    const once = object(pipelineRun({ params: [{ name: 'a', value: 1 }], timeouts: { pipeline: '61s' } }));
    expect(object(once)).toEqual(once);
  });
});

describe('admit: runs', () => {
  const failing = { taskRef: { name: 't' }, taskSpec: { steps } };
  it.each([
    ['nothing to run', tekton('TaskRun', {}), 'expected exactly one, got neither: spec.taskRef, spec.taskSpec'],
    ['two things to run', tekton('TaskRun', failing), 'expected exactly one, got both: spec.taskRef, spec.taskSpec'],
    [
      'params of one name',
      taskRun({
        params: [
          { name: 'a', value: '' },
          { name: 'A', value: '' },
        ],
      }),
      'expected exactly one, got both: spec.params[A].name',
    ],
    [
      'workspaces of one name',
      taskRun({
        workspaces: [
          { name: 'w', emptyDir: {} },
          { name: 'W', emptyDir: {} },
        ],
      }),
      'expected exactly one, got both: spec.workspaces[1].name',
    ],
    [
      'a workspace of nothing',
      taskRun({ workspaces: [{ name: 'w' }] }),
      'expected exactly one, got neither: spec.workspaces[0].configmap, spec.workspaces[0].emptydir, spec.workspaces[0].persistentvolumeclaim, spec.workspaces[0].secret, spec.workspaces[0].volumeclaimtemplate',
    ],
    [
      'a workspace of a nameless map',
      taskRun({ workspaces: [{ name: 'w', configMap: {} }] }),
      'missing field(s): spec.workspaces[0].configmap.name',
    ],
    [
      'an unknown status',
      taskRun({ status: 'Cancelled' }),
      'invalid value: Cancelled should be TaskRunCancelled or TaskRunPending: spec.status',
    ],
    [
      'a message without status',
      taskRun({ statusMessage: 'm' }),
      'invalid value: statusMessage should not be set if status is not set, but it is currently set to m: spec.statusMessage',
    ],
    [
      'pending after the start',
      taskRun({ status: 'TaskRunPending' }, { status: { startTime: '2026-01-01T00:00:00Z' } }),
      'invalid value: TaskRun cannot be Pending after it is started: spec.status',
    ],
    ['a negative timeout', taskRun({ timeout: '-1m' }), 'invalid value: -1m0s should be >= 0: spec.timeout'],
    [
      'breakpoints in beta',
      taskRun({ debug: { breakpoints: { onFailure: 'x' } } }),
      'debug requires "enable-api-fields" feature gate to be "alpha" but it is "beta": \ninvalid value: x is not a valid onFailure breakpoint value, onFailure breakpoint is only allowed to be set as enabled: spec.debug.breakpoints.onFailure',
    ],
    [
      'params used but not given',
      taskRun({ taskSpec: { steps: [{ image: '$(params.x)' }] } }),
      'non-existent variable in "$(params.x)": spec.steps[0].image',
    ],
    ['params given', taskRun({ params: [{ name: 'x', value: 'y' }], taskSpec: { steps: [{ image: '$(params.x)' }] } }), ''],
    [
      'limits in two places',
      taskRun({ computeResources: {}, stepSpecs: [{ name: 's', computeResources: { limits: { cpu: 1 } } }] }),
      'expected exactly one, got both: spec.computeResources, spec.stepSpecs.resources',
    ],
    ['no pipeline', tekton('PipelineRun', {}), 'expected exactly one, got neither: spec.pipelineRef, spec.pipelineSpec'],
    [
      'results as params',
      pipelineRun({ params: [{ name: 'a', value: '$(tasks.t.results.r)' }] }),
      'invalid value: cannot use result expressions in [tasks.t.results.r] as PipelineRun parameter values: spec.params[a].value',
    ],
    [
      'an unknown status of a pipeline',
      pipelineRun({ status: 'Stop' }),
      'invalid value: Stop should be Cancelled, CancelledRunFinally, StoppedRunFinally or PipelineRunPending: spec.status',
    ],
    [
      'a workspace twice',
      pipelineRun({
        workspaces: [
          { name: 'w', emptyDir: {} },
          { name: 'w', emptyDir: {} },
        ],
      }),
      'workspace "w" provided by pipelinerun more than once, at index 0 and 1: spec.workspaces[1].name',
    ],
    [
      'tasks longer than the whole',
      pipelineRun({ timeouts: { pipeline: '5m', tasks: '6m' } }),
      'invalid value: 6m0s should be <= pipeline duration: spec.timeouts.tasks',
    ],
    [
      'tasks without end',
      pipelineRun({ timeouts: { finally: '0' } }),
      'invalid value: 0s (no timeout) should be <= pipeline duration: spec.timeouts.finally',
    ],
    [
      'parts longer than the whole',
      pipelineRun({ timeouts: { pipeline: '5m', tasks: '3m', finally: '3m' } }),
      'invalid value: 3m0s + 3m0s should be <= pipeline duration: spec.timeouts.finally, spec.timeouts.tasks',
    ],
    [
      'parts of what has no end',
      pipelineRun({ timeouts: { pipeline: '0', tasks: '3m', finally: '3m' } }),
      'invalid value: 3m0s + 3m0s should be <= pipeline duration: spec.timeouts.finally, spec.timeouts.tasks',
    ],
    ['one part of what has no end', pipelineRun({ timeouts: { pipeline: '0', tasks: '3m' } }), ''],
    [
      'a task longer than all tasks',
      pipelineRun({ timeouts: { tasks: '3m' }, taskRunSpecs: [{ pipelineTaskName: 't', timeout: '4m' }] }),
      'invalid value: 4m0s should be <= pipeline tasks duration 3m0s: spec.taskRunSpecs[0].timeout',
    ],
    [
      'a custom run of nothing',
      { ...tekton('CustomRun', {}), apiVersion: 'tekton.dev/v1beta1' },
      'expected exactly one, got neither: spec.customRef, spec.customSpec',
    ],
    [
      'a custom run of something nameless',
      { ...tekton('CustomRun', { customRef: { apiVersion: 'x/v1' } }), apiVersion: 'tekton.dev/v1beta1' },
      'missing field(s): spec.customRef.kind',
    ],
    [
      'a StepAction with params in its script',
      { ...tekton('StepAction', { image: 'i', script: '$(params.a)', params: [{ name: 'a' }] }), apiVersion: 'tekton.dev/v1beta1' },
      'param substitution in scripts is not allowed.: spec.script',
    ],
    [
      'a StepAction that fixes a volume',
      { ...tekton('StepAction', { image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }), apiVersion: 'tekton.dev/v1beta1' },
      'invalid value: v: spec.volumeMounts[0].name\nexpect the Name to be a single param reference',
    ],
  ])('%s', (_name, raw, errors) => {
    expect(text(raw)).toBe(errors);
  });
});

describe('validateUpdate', () => {
  const done = { status: { conditions: [{ type: 'Succeeded', status: 'True' }] } };
  const update = (before: object, after: object): string => renderFieldErrors(validateUpdate(object(before), object(after)));

  it.each([
    ['a TaskRun cancelled', taskRun({}), taskRun({ status: 'TaskRunCancelled', statusMessage: 'm' }), ''],
    [
      'a TaskRun changed',
      taskRun({}),
      taskRun({ retries: 1 }),
      'invalid value: Once the TaskRun has started, only status and statusMessage updates are allowed: spec',
    ],
    [
      'a TaskRun cancelled when done',
      taskRun({}, done),
      taskRun({ status: 'TaskRunCancelled' }, done),
      'invalid value: Once the TaskRun is complete, no updates are allowed: spec',
    ],
    [
      'a TaskRun given away',
      taskRun({ managedBy: 'a' }),
      taskRun({ managedBy: 'b' }),
      'invalid value: managedBy is immutable: spec.spec.managedBy',
    ],
    ['labels of a TaskRun', taskRun({}, done), taskRun({}, { ...done, metadata: { name: 'x', labels: { a: 'b' } } }), ''],
    ['a PipelineRun stopped', pipelineRun({}), pipelineRun({ status: 'StoppedRunFinally' }), ''],
    [
      'a PipelineRun changed',
      pipelineRun({}),
      pipelineRun({ params: [{ name: 'a', value: '' }] }),
      'invalid value: Once the PipelineRun has started, only status updates are allowed: spec',
    ],
    [
      'a PipelineRun changed when done',
      pipelineRun({}, done),
      pipelineRun({ status: 'Cancelled' }, done),
      'invalid value: Once the PipelineRun is complete, no updates are allowed: spec',
    ],
    ['a Task', tekton('Task', { steps }), tekton('Task', { steps: [{ image: 'j' }] }), ''],
    [
      'a fixed ConfigMap',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' }, immutable: true },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'c' }, immutable: true },
      'field is immutable when `immutable` is set: data',
    ],
  ])('%s', (_name, before, after, errors) => {
    expect(update(before, after)).toBe(errors);
  });
});

describe('admit: older versions', () => {
  it('takes v1beta1 runs', () => {
    const raw = {
      apiVersion: 'tekton.dev/v1beta1',
      kind: 'PipelineRun',
      metadata: { name: 'x' },
      spec: {
        timeout: '5m',
        serviceAccountName: 'sa',
        podTemplate: { hostNetwork: true },
        taskRunSpecs: [{ pipelineTaskName: 't', taskServiceAccountName: 'b', taskPodTemplate: { hostNetwork: false } }],
        pipelineSpec: {
          tasks: [
            { name: 't', taskSpec: { steps: [{ image: 'i', resources: { limits: { cpu: 1 } } }] } },
            { name: 'u', taskRef: { name: 'n', bundle: 'b:1' } },
          ],
        },
      },
    };
    expect(object(raw)).toEqual({
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: { name: 'x' },
      spec: {
        timeouts: { pipeline: '5m0s' },
        taskRunTemplate: { serviceAccountName: 'sa', podTemplate: { hostNetwork: true } },
        taskRunSpecs: [{ pipelineTaskName: 't', serviceAccountName: 'b', podTemplate: { hostNetwork: false } }],
        pipelineSpec: {
          tasks: [
            {
              name: 't',
              taskSpec: { metadata: {}, spec: null, steps: [{ name: '', image: 'i', computeResources: { limits: { cpu: '1' } } }] },
            },
            {
              name: 'u',
              taskRef: {
                resolver: 'bundles',
                params: [
                  { name: 'bundle', value: 'b:1' },
                  { name: 'name', value: 'n' },
                  { name: 'kind', value: 'task' },
                ],
              },
            },
          ],
        },
      },
    });
  });

  it('takes v1beta1 TaskRuns', () => {
    const spec = { taskRef: { name: 't' }, stepOverrides: [{ name: 's', resources: { requests: { memory: '1Gi' } } }] };
    expect(object({ apiVersion: 'tekton.dev/v1beta1', kind: 'TaskRun', metadata: { name: 'x' }, spec })['spec']).toEqual({
      taskRef: { name: 't', kind: 'Task' },
      stepSpecs: [{ name: 's', computeResources: { requests: { memory: '1Gi' } } }],
      timeout: '1h0m0s',
      serviceAccountName: 'default',
    });
  });

  it('rewrites the interceptors of v1alpha1 listeners', () => {
    const interceptors = [
      { cel: { filter: 'true' }, github: {} },
      { GitHub: { secretRef: { secretName: 's', secretKey: 'k' } } },
      { webhook: { objectRef: { apiVersion: 'v1', kind: 'Service', name: 's' } } },
      { ref: { name: 'slack' } },
    ];
    const raw = {
      apiVersion: 'triggers.tekton.dev/v1alpha1',
      kind: 'EventListener',
      metadata: { name: 'x' },
      spec: { triggers: [{ template: { ref: 't' }, interceptors }] },
    };
    const kind = 'ClusterInterceptor';
    expect(object(raw)).toEqual({
      apiVersion: 'triggers.tekton.dev/v1beta1',
      kind: 'EventListener',
      metadata: { name: 'x' },
      spec: {
        serviceAccountName: 'default',
        triggers: [
          {
            template: { ref: 't' },
            interceptors: [
              {
                ref: { name: 'cel', kind },
                params: [
                  { name: 'filter', value: 'true' },
                  { name: 'overlays', value: null },
                ],
              },
              {
                ref: { name: 'github', kind },
                params: [
                  { name: 'secretRef', value: { secretName: 's', secretKey: 'k' } },
                  { name: 'eventTypes', value: null },
                ],
              },
              { webhook: { objectRef: { apiVersion: 'v1', kind: 'Service', name: 's' } }, ref: { kind } },
              { ref: { name: 'slack', kind } },
            ],
          },
        ],
      },
    });
  });
});

describe('admit: triggers', () => {
  const listener = (trigger: unknown, more: object = {}) => ({
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'EventListener',
    metadata: { name: 'x' },
    spec: { triggers: [trigger], ...more },
  });
  const template = { ref: 't' };
  const pod = (spec: object) => ({ resources: { kubernetesResource: { spec: { template: { spec } } } } });

  it.each([
    [
      'null as interceptor',
      listener({ template, interceptors: [null] }),
      "invalid value: interceptor '<nil>' must be a valid value: spec.triggers[0].interceptors[0]",
    ],
    [
      'template of both kinds',
      listener({ template: { ref: 't', spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'X' }] } } }),
      'expected exactly one, got both: spec.triggers[0].template.ref, spec.triggers[0].template.spec',
    ],
    ['template of no name', listener({ template: { ref: '' } }), 'missing field(s): spec.triggers[0].template.ref'],
    [
      'binding of both kinds',
      listener({ template, bindings: [{ ref: 'a', name: 'b', value: 'c' }] }),
      'expected exactly one, got both: spec.triggers[0].bindings[0].name, spec.triggers[0].bindings[0].ref',
    ],
    ['binding to nothing', listener({ template, bindings: [{ name: 'b', value: '' }] }), ''],
    [
      'group of nothing',
      listener({ template }, { triggerGroups: [{}] }),
      'expected exactly one, got neither: spec.triggerGroups[0].triggerSelector.labelSelector, spec.triggerGroups[0].triggerSelector.namespaceSelector\nmissing field(s): spec.triggerGroups[0].interceptors',
    ],
    [
      'forbidden container fields',
      listener({ template }, pod({ containers: [{ image: 'i', name: 'n' }], hostNetwork: true })),
      'must not set the field(s): spec.resources.kubernetesResource.spec.template.spec.containers[0].image, spec.resources.kubernetesResource.spec.template.spec.containers[0].name, spec.resources.kubernetesResource.spec.template.spec.hostNetwork',
    ],
    [
      'half a certificate',
      listener({ template }, pod({ containers: [{ env: [{ name: 'TLS_CERT', valueFrom: { secretKeyRef: {} } }] }] })),
      "Expected env's are TLS_CERT and TLS_KEY, but got only one env TLS_CERT: ",
    ],
    [
      'a binding param twice',
      {
        apiVersion: 'triggers.tekton.dev/v1beta1',
        kind: 'TriggerBinding',
        metadata: { name: 'x' },
        spec: {
          params: [
            { name: 'a', value: '' },
            { name: 'a', value: '' },
          ],
        },
      },
      'expected exactly one, got both: spec.params[1].name',
    ],
    [
      'a value opened twice',
      {
        apiVersion: 'triggers.tekton.dev/v1beta1',
        kind: 'TriggerBinding',
        metadata: { name: 'x' },
        spec: { params: [{ name: 'a', value: '$(body.a $(body.b)' }] },
      },
      'invalid value: $(body.a $(body.b): spec.params[0].value',
    ],
    [
      'a value left open',
      {
        apiVersion: 'triggers.tekton.dev/v1beta1',
        kind: 'TriggerBinding',
        metadata: { name: 'x' },
        spec: { params: [{ name: 'a', value: '$(body.a' }] },
      },
      '',
    ],
    [
      'an empty template',
      { apiVersion: 'triggers.tekton.dev/v1beta1', kind: 'TriggerTemplate', metadata: { name: 'x' } },
      'missing field(s): spec, spec.resourcetemplates',
    ],
    [
      'an interceptor in two places',
      {
        apiVersion: 'triggers.tekton.dev/v1alpha1',
        kind: 'ClusterInterceptor',
        metadata: { name: 'x' },
        spec: { clientConfig: { url: 'http://x', service: { name: 'a', namespace: 'b' } } },
      },
      'expected exactly one, got both: spec.clientConfig.service, spec.clientConfig.url',
    ],
    [
      'fields in any case',
      {
        apiVersion: 'triggers.tekton.dev/v1beta1',
        kind: 'TriggerTemplate',
        metadata: { name: 'x' },
        spec: { resourceTemplates: [{ apiVersion: 'v1', kind: 'X' }] },
      },
      '',
    ],
  ])('%s', (_name, raw, errors) => {
    expect(text(raw)).toBe(errors);
  });
});

describe('admit: warnings', () => {
  it('tells what has no effect yet, with its place', () => {
    const spec = {
      taskSpec: {
        steps: [{ image: 'i', computeResources: { limits: { cpu: 1 } }, securityContext: { runAsUser: 1, privileged: true } }],
        volumes: [
          { name: 'v', nfs: { server: 's' } },
          { name: 'w', emptyDir: {} },
        ],
      },
      podTemplate: { env: [{ name: 'A', value: 'b' }], nodeSelector: { a: 'b' } },
    };
    expect(warnings(tekton('TaskRun', spec)).map((warning) => warning.split(': ')[0])).toEqual([
      'spec.taskSpec.steps[0].computeResources',
      'spec.taskSpec.steps[0].securityContext.privileged',
      'spec.taskSpec.volumes[0].nfs',
      'spec.podTemplate.nodeSelector.a',
    ]);
  });

  it('is silent about what works', () => {
    expect(warnings(pipelineRun({ params: [{ name: 'a', value: 'b' }], workspaces: [{ name: 'w', emptyDir: {} }] }))).toEqual([]);
  });
});

describe('admit: any JSON', () => {
  it('never throws, and admits again what it admitted', () => {
    const kinds = fc.constantFrom(...resourceTypes.map((type) => ({ apiVersion: apiVersionOf(type), kind: type.kind })));
    const names = fc.constantFrom(
      'spec',
      'steps',
      'tasks',
      'params',
      'name',
      'value',
      'image',
      'taskSpec',
      'taskRef',
      'triggers',
      'data',
      'template',
      'ref',
      'x',
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.jsonValue(),
        fc.constant('$(params.x[*])'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(kinds, tree, tree, (identity, spec, data) => {
        const result = admit({ ...identity, metadata: { name: 'x' }, spec, data }, defaultEngineConfig);
        if (result.ok) expect(object(result.object)).toEqual(result.object);
        else expect(result.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
