import { describe, expect, it } from 'vitest';
import { type Admission, admit } from '../admit.ts';
import { defaultEngineConfig } from '../engine-config.ts';
import { renderFieldErrors } from '../field-error.ts';

const config = { ...defaultEngineConfig, 'enable-api-fields': 'alpha' as const };
const old = (kind: string, spec: object, more: object = {}) =>
  admit({ apiVersion: 'tekton.dev/v1beta1', kind, metadata: { name: 'x' }, spec, ...more }, config);
const taken = (admission: Admission) => (admission.ok ? admission.object : renderFieldErrors(admission.errors));
const refused = (admission: Admission) => (admission.ok ? 'taken' : renderFieldErrors(admission.errors));

const resources = { limits: { cpu: '1' } };
/** As Go writes a container. */
const written = { name: '', image: 'i', computeResources: {} };

describe('v1beta1 as v1, whole', () => {
  it('Task', () => {
    const spec = {
      description: 'd',
      params: [{ name: 'p', default: ['a'] }],
      steps: [{ name: 's', image: 'i', resources, script: 'x', timeout: '5m' }],
      stepTemplate: { resources, workingDir: '/w' },
      sidecars: [{ name: 'c', image: 'i', resources, readinessProbe: { periodSeconds: 1 }, tty: true }],
      workspaces: [{ name: 'w' }],
      results: [{ name: 'r' }],
    };
    expect(taken(old('Task', spec))).toEqual({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'x' },
      spec: {
        ...spec,
        params: [{ name: 'p', type: 'array', default: ['a'] }],
        steps: [{ name: 's', image: 'i', computeResources: resources, script: 'x', timeout: '5m0s' }],
        stepTemplate: { computeResources: resources, workingDir: '/w' },
        sidecars: [{ name: 'c', image: 'i', computeResources: resources, readinessProbe: { periodSeconds: 1 }, tty: true }],
        results: [{ name: 'r', type: 'string' }],
      },
    });
  });

  it('Pipeline, child pipelines included', () => {
    const task = { name: 't', taskSpec: { steps: [{ image: 'i', resources }] } };
    const spec = {
      tasks: [
        task,
        { name: 'b', taskRef: { name: 'n', bundle: 'reg/b:1' } },
        { name: 'g', taskRef: { resolver: 'git', params: [{ name: 'url', value: 'u' }] } },
        { name: 'c', pipelineSpec: { tasks: [{ ...task, taskSpec: { ...task.taskSpec, stepTemplate: { resources } } }] } },
        { name: 'd', pipelineRef: { name: 'n', bundle: 'reg/b:1' } },
      ],
      finally: [{ ...task, name: 'f' }],
    };
    const bundle = (kind: string) => ({
      resolver: 'bundles',
      params: [
        { name: 'bundle', value: 'reg/b:1' },
        { name: 'name', value: 'n' },
        { name: 'kind', value: kind },
      ],
    });
    const newTask = { name: 't', taskSpec: { metadata: {}, spec: null, steps: [{ ...written, computeResources: resources }] } };
    expect(taken(old('Pipeline', spec))).toEqual({
      apiVersion: 'tekton.dev/v1',
      kind: 'Pipeline',
      metadata: { name: 'x' },
      spec: {
        tasks: [
          newTask,
          { name: 'b', taskRef: bundle('task') },
          { name: 'g', taskRef: { resolver: 'git', params: [{ name: 'url', value: 'u' }] } },
          {
            name: 'c',
            pipelineSpec: { tasks: [{ ...newTask, taskSpec: { ...newTask.taskSpec, stepTemplate: { computeResources: resources } } }] },
          },
          { name: 'd', pipelineRef: bundle('pipeline') },
        ],
        finally: [{ ...newTask, name: 'f' }],
      },
    });
  });

  it('TaskRun, status and earlier attempts included', () => {
    const spec = {
      taskRef: { name: 'n', bundle: 'b' },
      debug: { breakpoints: { onFailure: 'enabled' } },
      podTemplate: { hostNetwork: true },
      serviceAccountName: 'sa',
      stepOverrides: [{ name: 's', resources }],
      sidecarOverrides: [{ name: 'c', resources }],
      timeout: '0',
    };
    const attempt = { taskResults: [{ name: 'r', type: 'string', value: 'v' }], taskSpec: { steps: [{ image: 'i', resources }] } };
    const status = { ...attempt, retriesStatus: [attempt], cloudEvents: [{ target: 'http://a' }], resourcesResult: [{ key: 'k' }] };
    const newAttempt = {
      results: [{ name: 'r', type: 'string', value: 'v' }],
      taskSpec: { steps: [{ image: 'i', computeResources: resources }] },
    };
    expect(taken(old('TaskRun', spec, { status }))).toEqual({
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: {
        name: 'x',
        labels: { 'app.kubernetes.io/managed-by': 'tekton-pipelines' },
        annotations: {
          'tekton.dev/v1beta1CloudEvents': '[{"target":"http://a"}]',
          'tekton.dev/v1beta1ResourcesResult': '[{"key":"k"}]',
        },
      },
      spec: {
        taskRef: {
          resolver: 'bundles',
          params: [
            { name: 'bundle', value: 'b' },
            { name: 'name', value: 'n' },
            { name: 'kind', value: 'task' },
          ],
        },
        debug: { breakpoints: { onFailure: 'enabled' } },
        podTemplate: { hostNetwork: true },
        serviceAccountName: 'sa',
        stepSpecs: [{ name: 's', computeResources: resources }],
        sidecarSpecs: [{ name: 'c', computeResources: resources }],
        timeout: '0s',
      },
      status: { ...newAttempt, retriesStatus: [newAttempt] },
    });
  });

  it('PipelineRun', () => {
    const spec = {
      pipelineRef: { name: 'n', bundle: 'b' },
      params: [{ name: 'p', value: 1 }],
      serviceAccountName: 'sa',
      podTemplate: { hostNetwork: true },
      timeout: '2h',
      taskRunSpecs: [
        {
          pipelineTaskName: 't',
          taskServiceAccountName: 'own',
          taskPodTemplate: { hostNetwork: false },
          stepOverrides: [{ name: 's', resources }],
          sidecarOverrides: [{ name: 'c', resources }],
          metadata: { labels: { a: 'b' } },
          timeout: '1h',
        },
      ],
      managedBy: 'tekton.dev/pipeline',
    };
    const status = {
      pipelineResults: [{ name: 'r', value: 'v' }],
      taskRuns: { gone: {} },
      runs: { gone: {} },
      pipelineSpec: { tasks: [{ name: 't', taskSpec: { steps: [{ image: 'i', resources }] } }] },
    };
    expect(taken(old('PipelineRun', spec, { status }))).toEqual({
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: { name: 'x' },
      spec: {
        pipelineRef: {
          resolver: 'bundles',
          params: [
            { name: 'bundle', value: 'b' },
            { name: 'name', value: 'n' },
            { name: 'kind', value: 'pipeline' },
          ],
        },
        params: [{ name: 'p', value: '1' }],
        taskRunTemplate: { serviceAccountName: 'sa', podTemplate: { hostNetwork: true } },
        timeouts: { pipeline: '2h0m0s' },
        taskRunSpecs: [
          {
            pipelineTaskName: 't',
            serviceAccountName: 'own',
            podTemplate: { hostNetwork: false },
            stepSpecs: [{ name: 's', computeResources: resources }],
            sidecarSpecs: [{ name: 'c', computeResources: resources }],
            metadata: { labels: { a: 'b' } },
            timeout: '1h0m0s',
          },
        ],
        managedBy: 'tekton.dev/pipeline',
      },
      status: {
        results: [{ name: 'r', value: 'v' }],
        pipelineSpec: { tasks: [{ name: 't', taskSpec: { steps: [{ image: 'i', computeResources: resources }] } }] },
      },
    });
  });

  it('timeouts by their own names, and StepAction of v1alpha1', () => {
    expect(taken(old('PipelineRun', { pipelineRef: { name: 'n' }, timeouts: { pipeline: '2h', tasks: '1h' } }))).toMatchObject({
      spec: { timeouts: { pipeline: '2h0m0s', tasks: '1h0m0s' } },
    });
    const action = { apiVersion: 'tekton.dev/v1alpha1', kind: 'StepAction', metadata: { name: 'x' }, spec: { image: 'i' } };
    expect(taken(admit(action, config))).toMatchObject({ ...action, apiVersion: 'tekton.dev/v1beta1' });
  });
});

describe('fields of v1beta1 that v1 has no place for', () => {
  it('are kept as one annotation of JSON: what steps could have', () => {
    const spec = {
      steps: [
        { image: 'i', tty: true, livenessProbe: { periodSeconds: 1 }, stdin: false },
        { image: 'i', TerminationMessagePath: '/t' },
      ],
      stepTemplate: { name: 'n', ports: [{ containerPort: 1 }] },
    };
    const task = taken(old('Task', spec));
    expect(task).toMatchObject({ spec: { steps: [written, written], stepTemplate: { computeResources: {} } } });
    expect(JSON.parse((task as { metadata: { annotations: Record<string, string> } }).metadata.annotations[key] ?? '')).toEqual({
      x: {
        deprecatedSteps: [
          { name: '', resources: {}, livenessProbe: { periodSeconds: 1 }, tty: true },
          { name: '', resources: {}, terminationMessagePath: '/t' },
        ],
        deprecatedStepTemplate: { name: 'n', ports: [{ containerPort: 1 }], resources: {} },
      },
    });
  });

  it('by the name of their task within a pipeline, and beside annotations that are there', () => {
    const steps = [{ image: 'i', tty: true }];
    const pipelineSpec = { tasks: [{ name: 't', taskSpec: { steps } }], finally: [{ name: 'f', taskSpec: { steps } }] };
    const run = old('PipelineRun', { pipelineSpec }, { metadata: { name: 'x', annotations: { a: 'b' } } });
    const kept = { deprecatedSteps: [{ name: '', resources: {}, tty: true }] };
    expect(run.ok && run.object.metadata.annotations).toEqual({ a: 'b', [key]: JSON.stringify({ t: kept, f: kept }) });
  });

  const key = 'tekton.dev/v1beta1.task-deprecations';
  const steps = [{ image: 'i' }];
  const tasks = [{ name: 't', taskRef: { name: 'n' } }];

  it.each([
    ['resources of a Task', old('Task', { steps, resources: {} }), 'must not set the field(s): spec.resources'],
    [
      'resources of a Pipeline and its tasks',
      old('Pipeline', { resources: [{ name: 'r', type: 'git' }], tasks: [{ ...tasks[0], resources: { inputs: [] } }] }),
      'must not set the field(s): spec.resources, spec.tasks[0].resources',
    ],
    [
      'resources of an embedded task',
      old('Pipeline', { tasks: [{ name: 't', taskSpec: { steps, resources: {} } }] }),
      'must not set the field(s): spec.tasks[0].taskSpec.resources',
    ],
    ['resources of a TaskRun', old('TaskRun', { taskRef: { name: 'n' }, resources: {} }), 'must not set the field(s): spec.resources'],
    [
      'resources of a PipelineRun',
      old('PipelineRun', { pipelineRef: { name: 'n' }, resources: [{ name: 'r' }] }),
      'must not set the field(s): spec.resources',
    ],
    [
      'one timeout twice',
      old('PipelineRun', { pipelineRef: { name: 'n' }, timeout: '1h', timeouts: { tasks: '1m' } }),
      'must not set the field(s): spec.timeout, spec.timeouts',
    ],
    ['names of v1', old('Task', { steps: [{ image: 'i', computeResources: {} }] }), unknown('computeResources', 'spec.steps[0].')],
    ['names of v1, run', old('PipelineRun', { pipelineRef: { name: 'n' }, taskRunTemplate: {} }), unknown('taskRunTemplate', 'spec.')],
    ['names of v1, overrides', old('TaskRun', { taskRef: { name: 'n' }, stepSpecs: [] }), unknown('stepSpecs', 'spec.')],
    ['names of neither', old('Task', { steps: [{ image: 'i', nope: 1 }] }), unknown('nope', 'spec.steps[0].')],
    ['an empty list of resources, which is none', old('Pipeline', { resources: [], tasks }), 'taken'],
  ])('refused as upstream: %s', (_what, admission, expected) => {
    expect(refused(admission)).toBe(expected);
  });

  it.each([
    ['Task', { steps: [{ image: 'i', resources: {} }] }, unknown('resources', 'spec.steps[0].')],
    ['Task', { steps: [{ image: 'i', tty: true }] }, unknown('tty', 'spec.steps[0].')],
    ['Task', { steps, stepTemplate: { name: 'n' } }, unknown('name', 'spec.stepTemplate.')],
    ['TaskRun', { taskRef: { name: 'n', bundle: 'b' } }, unknown('bundle', 'spec.taskRef.')],
    ['TaskRun', { taskRef: { name: 'n' }, stepOverrides: [] }, unknown('stepOverrides', 'spec.')],
    ['PipelineRun', { pipelineRef: { name: 'n' }, timeout: '1h' }, /^json: unknown field "timeout": spec\.timeout/],
    [
      'PipelineRun',
      { pipelineRef: { name: 'n' }, taskRunSpecs: [{ taskPodTemplate: {} }] },
      unknown('taskPodTemplate', 'spec.taskRunSpecs[0].'),
    ],
  ])('unknown in v1: %s %j', (kind, spec, expected) => {
    const admission = admit({ apiVersion: 'tekton.dev/v1', kind, metadata: { name: 'x' }, spec }, config);
    expect(refused(admission)).toMatch(expected);
    expect(admission.ok || admission.undecoded).toBe(true);
  });

  function unknown(field: string, path: string): string {
    return `json: unknown field "${field}": ${path}${field}`;
  }
});
