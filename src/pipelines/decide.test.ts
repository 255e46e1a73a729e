import { expect, it } from 'vitest';
import { PipelineSimulator } from '../../test/support/pipeline-simulator.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

const run: PipelineRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'PipelineRun',
  metadata: { name: 'line', namespace: 'default', uid: 'run-uid', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    pipelineSpec: {
      tasks: ['a', 'b', 'c'].map((name, index, all) => ({
        name,
        taskSpec: { steps: [{ name: 'run', image: 'alpine', script: `echo ${name}` }] },
        ...(index > 0 && { runAfter: [all[index - 1] ?? ''] }),
      })),
    },
  },
};

it('runs a line of tasks one after the other to Succeeded', () => {
  const world = new PipelineSimulator({ run, script: () => ({ after: 5 }) });
  world.runToEnd();
  expect(world.log.flatMap((decision) => (decision.type === 'create-child' ? [decision.child.metadata.name] : []))).toEqual([
    'line-a',
    'line-b',
    'line-c',
  ]);
  expect(world.run.status).toMatchObject({
    startTime: '2026-01-01T00:00:00Z',
    completionTime: '2026-01-01T00:00:15Z',
    conditions: [
      {
        type: 'Succeeded',
        status: 'True',
        reason: 'Succeeded',
        message: 'Tasks Completed: 3 (Failed: 0, Cancelled 0), Skipped: 0',
        lastTransitionTime: '2026-01-01T00:00:15Z',
      },
    ],
    childReferences: ['a', 'b', 'c'].map((task) => ({
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      name: `line-${task}`,
      pipelineTaskName: task,
    })),
  });
  expect(world.peek()).toEqual([]);
});

it('creates again what is missing of a matrix, and waits for it', () => {
  const matrix = { params: [{ name: 'n', value: ['0', '1', '2'] }] };
  const taskSpec = { params: [{ name: 'n', type: 'string' }], steps: [{ image: 'alpine', script: 'true' }] };
  const pipelineSpec = {
    tasks: [
      { name: 'fan', matrix, taskSpec },
      { name: 'next', runAfter: ['fan'], taskSpec: { steps: taskSpec.steps } },
    ],
  };
  const world = new PipelineSimulator({ run: { ...run, spec: { pipelineSpec } }, cachePlan: true, script: () => ({ after: 5 }) });
  world.settle();
  world.deleteChild('line-fan-1');
  world.advance(5);
  world.settle();
  expect(world.children.map((child) => child.metadata.name)).toEqual(['line-fan-0', 'line-fan-2', 'line-fan-1']);
  world.runToEnd();
  expect(world.condition).toMatchObject({ status: 'True', message: 'Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0' });
  expect(world.run.status?.childReferences?.map((reference) => reference.name)).toEqual([
    'line-fan-0',
    'line-fan-1',
    'line-fan-2',
    'line-next',
  ]);
});
