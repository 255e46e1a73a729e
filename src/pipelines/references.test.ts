import { expect, it } from 'vitest';
import type { Pipeline, PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun, PipelineRunSpec } from '../resources/pipeline-run/schema.ts';
import { referencedPipelineName, referencedTaskNames, taskReferenceKey } from './references.ts';

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

it('keys a remote reference by what makes it the same request', () => {
  expect(taskReferenceKey({ name: 'build' })).toBe('build');
  expect(taskReferenceKey({ resolver: 'git', params: [{ name: 'url', value: 'u' }] })).toBe('git:["",[{"name":"url","value":"u"}]]');
});
