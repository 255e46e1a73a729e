import { expect, it } from 'vitest';
import type { Param } from '../resources/params.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun, TaskRunSpec } from '../resources/task-run/schema.ts';
import { remoteStepActions, remoteTask, requestBase, stepActionNames, taskRefName, wantsDefinitions } from './references.ts';

function taskRun(spec: TaskRunSpec, more: Partial<TaskRun> = {}): TaskRun {
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'run', namespace: 'ns' }, spec, ...more };
}

const param = (name: string, value: Param['value']): Param => ({ name, value });

it('asks for a remote task with the run’s params and contexts replaced; objects stay as they are written, as upstream', () => {
  const taskRef = {
    resolver: 'git',
    params: [
      param('url', '$(params.host)/$(context.taskRun.namespace)/$(context.taskRun.name)'),
      param('task', '[$(context.task.name)]'),
      param('list', ['$(params.many[*])']),
      param('object', '$(params.object[*])'),
      param('unknown', '$(params.unknown)'),
    ],
  };
  const params = [param('host', 'https://x'), param('many', ['a', 'b']), param('object', { k: 'v' })];
  const asking = taskRun({ taskRef, params });
  expect(remoteTask(asking)).toEqual({
    resolver: 'git',
    params: [
      param('url', 'https://x/ns/run'),
      param('task', '[]'),
      param('list', ['a', 'b']),
      param('object', '$(params.object[*])'),
      param('unknown', '$(params.unknown)'),
    ],
  });
  expect(taskRefName(asking)).toBeUndefined();
  expect(remoteTask(taskRun({ taskRef }, { status: { taskSpec: {} } }))).toBeUndefined();
  expect(remoteTask(taskRun({ taskRef: { name: 'build' } }))).toBeUndefined();
  expect(remoteTask(taskRun({ taskSpec: {} }))).toBeUndefined();
});

it('asks with a name that is a URL', () => {
  const asking = taskRun({ taskRef: { resolver: 'http', name: 'https://x/$(params.v)' }, params: [param('v', '1')] });
  expect(remoteTask(asking)).toEqual({ resolver: 'http', params: [], url: 'https://x/1' });
});

it('asks for the StepActions of its steps with the task’s params, each once', () => {
  const ref = (path: string) => ({ resolver: 'git', params: [param('pathInRepo', path)] });
  const spec: TaskSpec = {
    params: [{ name: 'path', default: 'default' }, { name: 'own' }],
    steps: [
      { ref: ref('$(params.path)') },
      { ref: ref('$(params.own)') },
      { ref: ref('$(params.own)') },
      { ref: { name: 'local' } },
      { ref: { resolver: 'http', name: 'https://x/$(params.own)' } },
      { image: 'plain' },
    ],
  };
  const asked = remoteStepActions(spec, taskRun({ params: [param('own', 'mine')] }));
  expect([...asked.values()]).toEqual([
    { resolver: 'git', params: [param('pathInRepo', 'default')] },
    { resolver: 'git', params: [param('pathInRepo', 'mine')] },
    { resolver: 'http', params: [], url: 'https://x/$(params.own)' },
  ]);
  expect(stepActionNames(spec)).toEqual(['local']);
});

it('asks under the name of the pipeline task’s first TaskRun, so that all of a matrix get the same answer', () => {
  const owner = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: 'pr', uid: 'u', controller: true };
  const child = (name: string) => ({ name, labels: { 'tekton.dev/pipelineTask': 'build' }, ownerReferences: [owner] });
  expect(['pr-build-0', 'pr-build-1'].map((name) => requestBase(taskRun({}, { metadata: child(name) })))).toEqual(['pr-build', 'pr-build']);
  expect(requestBase(taskRun({}, { metadata: { name: 'free', labels: { 'tekton.dev/pipelineTask': 'build' } } }))).toBe('free');
});

it.each<[string, TaskRunSpec, boolean]>([
  ['any', {}, true],
  ['another’s', { managedBy: 'somebody.else/x' }, false],
  ['pending', { status: 'TaskRunPending' }, false],
  ['cancelled', { status: 'TaskRunCancelled' }, false],
])('says whether anything is to be fetched: a run that is %s', (_, spec, wanted) => {
  expect(wantsDefinitions(taskRun(spec))).toBe(wanted);
});
