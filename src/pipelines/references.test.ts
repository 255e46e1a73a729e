import { expect, it } from 'vitest';
import type { Pipeline, PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun, PipelineRunSpec } from '../resources/pipeline-run/schema.ts';
import { referencedPipelineName, referencedTaskNames, remotePipeline, remoteTasks, taskKey, wantsDefinitions } from './references.ts';

const tasks: PipelineTask[] = [
  { name: 'a', taskRef: { name: 'build', kind: 'Task' } },
  { name: 'b', taskRef: { name: 'build', kind: 'Task' } },
  { name: 'c', taskRef: { name: '$(params.flavour)-$(context.pipelineRun.name)', kind: 'Task' } },
  { name: 'custom', taskRef: { name: 'wait', apiVersion: 'example.dev/v1', kind: 'Wait' } },
  { name: 'remote', taskRef: { resolver: 'git', params: [{ name: 'url', value: 'u' }] } },
  { name: 'embedded', taskSpec: { steps: [] } },
];

function run(spec: PipelineRunSpec, status?: PipelineRun['status']): PipelineRun {
  return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: 'run' }, spec, status };
}

const pipeline: Pipeline = {
  apiVersion: 'tekton.dev/v1',
  kind: 'Pipeline',
  metadata: { name: 'p' },
  spec: { params: [{ name: 'flavour', default: 'plain' }], tasks, finally: [{ name: 'last', taskRef: { name: 'report' } }] },
};

it('names the Pipeline until the run has it in its status', () => {
  expect(referencedPipelineName(run({ pipelineRef: { name: 'p' } }))).toBe('p');
  expect(referencedPipelineName(run({ pipelineRef: { name: 'p' } }, { pipelineSpec: {} }))).toBeUndefined();
  expect(referencedPipelineName(run({ pipelineSpec: {} }))).toBeUndefined();
});

it('names the Tasks with params and contexts replaced, each once, custom and remote ones apart', () => {
  const referring = run({ pipelineRef: { name: 'p' } });
  expect(referencedTaskNames(referring, { type: 'found', object: pipeline })).toEqual(['build', 'plain-run', 'report']);
  expect(referencedTaskNames(run({ pipelineSpec: { tasks: tasks.slice(0, 2) } }))).toEqual(['build']);
  expect(referencedTaskNames(referring, { type: 'missing', message: '' })).toEqual([]);
});

it('asks for a remote Pipeline with the run’s own params and contexts, until the run has it in its status', () => {
  const pipelineRef = {
    resolver: 'git',
    params: [
      { name: 'url', value: '$(params.url)/$(context.pipelineRun.name)' },
      { name: 'paths', value: ['$(params.paths[*])', '$(params.flavour)$(context.pipeline.name)'] },
    ],
  };
  const params = [
    { name: 'url', value: 'https://x' },
    { name: 'paths', value: ['a', 'b'] },
  ];
  const asking = run({ pipelineRef, params });
  expect(remotePipeline(asking)).toEqual({
    resolver: 'git',
    params: [
      { name: 'url', value: 'https://x/run' },
      { name: 'paths', value: ['a', 'b', '$(params.flavour)'] },
    ],
  });
  expect(referencedPipelineName(asking)).toBeUndefined();
  expect(remotePipeline({ ...asking, status: { pipelineSpec: {} } })).toBeUndefined();
  expect(remotePipeline(run({ pipelineRef: { name: 'p' } }))).toBeUndefined();
});

it('asks with a name that is a URL, and not with another', () => {
  const ask = (name: string) => remotePipeline(run({ pipelineRef: { resolver: 'http', name }, params: [{ name: 'v', value: '1' }] }));
  expect(ask('https://x/$(params.v).yaml')).toEqual({ resolver: 'http', params: [], url: 'https://x/1.yaml' });
  expect(ask('plain-$(params.v)')).toEqual({ resolver: 'http', params: [] });
});

it('asks for each remote task under the name of its TaskRun to come, custom tasks apart', () => {
  const spec = {
    tasks: [...tasks, { name: 'twin', taskRef: { resolver: 'git', params: [{ name: 'url', value: 'u' }] } }],
    finally: [{ name: 'last', taskRef: { resolver: 'http', apiVersion: 'x/v1', kind: 'Custom' } }],
  };
  const reference = { resolver: 'git', params: [{ name: 'url', value: 'u' }] };
  expect(remoteTasks(run({}), spec)).toEqual([
    { key: 'task remote', base: 'run-remote', reference },
    { key: 'task twin', base: 'run-twin', reference },
  ]);
  expect(tasks.slice(0, 5).map(taskKey)).toEqual([
    'build',
    'build',
    '$(params.flavour)-$(context.pipelineRun.name)',
    'wait',
    'task remote',
  ]);
});

it.each<[string, PipelineRunSpec, PipelineRun['status'], boolean]>([
  ['any', {}, undefined, true],
  ['ours by name', { managedBy: 'tekton.dev/pipeline' }, undefined, true],
  ['another’s', { managedBy: 'kueue.x-k8s.io/multikueue' }, undefined, false],
  ['pending', { status: 'PipelineRunPending' }, undefined, false],
  ['pending too late', { status: 'PipelineRunPending' }, { startTime: '2026-01-01T00:00:00Z' }, true],
  ['cancelled', { status: 'Cancelled' }, undefined, false],
  ['cancelled with finally tasks to run', { status: 'CancelledRunFinally' }, undefined, true],
])('says whether anything is to be fetched: a run that is %s', (_, spec, status, wanted) => {
  expect(wantsDefinitions(run(spec, status))).toBe(wanted);
});
