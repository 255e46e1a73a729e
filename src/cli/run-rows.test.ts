import { describe, expect, it } from 'vitest';
import type { Stored } from '../resources/object.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { pipelineRunRows, type RunRow, taskRunRow } from './run-rows.ts';

const AT = '2026-01-01T00:00:00Z';
const ms = Date.parse(AT);

function taskRun(task: string, status: string, reason: string, message = '', more: Record<string, unknown> = {}): Stored<TaskRun> {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      name: `run-${task}`,
      namespace: 'default',
      uid: task,
      resourceVersion: '1',
      creationTimestamp: AT,
      labels: { 'tekton.dev/pipelineTask': task },
    },
    spec: {},
    status: { startTime: AT, conditions: [{ type: 'Succeeded', status, reason, message, lastTransitionTime: AT }], ...more },
  } as unknown as Stored<TaskRun>;
}

function run(status: string, skippedTasks: readonly { name: string; reason: string }[] = []): Stored<PipelineRun> {
  const task = (name: string, more: Record<string, unknown> = {}) => ({ name, taskRef: { name: 'x' }, ...more });
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name: 'run', namespace: 'default', uid: 'run', resourceVersion: '1', creationTimestamp: AT },
    spec: {
      pipelineSpec: {
        tasks: [
          task('clone'),
          task('test', { runAfter: ['clone'] }),
          task('report', { params: [{ name: 'p', value: '$(tasks.test.results.r)' }] }),
        ],
        finally: [task('notify')],
      },
    },
    status: { skippedTasks, conditions: [{ type: 'Succeeded', status, reason: 'x', lastTransitionTime: AT }] },
  } as unknown as Stored<PipelineRun>;
}

function row(task: string, state: RunRow['state'], note = '', more: Partial<RunRow> = {}): RunRow {
  return { task, state, final: task === 'notify', note, ...more };
}

const began = { startedAt: ms, endedAt: undefined };

describe('pipelineRunRows', () => {
  it('says of a rerun what it keeps', () => {
    const { metadata, ...rest } = run('Unknown', [{ name: 'test', reason: 'When Expressions evaluated to false' }]);
    const annotations = { 'tappet.dev/rerun-of': 'old', 'tappet.dev/reuse': '["clone","test"]' };
    expect(pipelineRunRows({ ...rest, metadata: { ...metadata, annotations } }, [])).toEqual([
      row('clone', 'kept', 'as in old'),
      row('test', 'skipped', 'When Expressions evaluated to false'),
      row('report', 'waiting'),
      row('notify', 'waiting'),
    ]);
  });

  it('says of each task what it waits for', () => {
    expect(pipelineRunRows(run('Unknown'), [taskRun('clone', 'Unknown', 'Running')])).toEqual([
      row('clone', 'running', '', began),
      row('test', 'waiting', 'waits for clone'),
      row('report', 'waiting', 'waits for test'),
      row('notify', 'waiting'),
    ]);
  });

  it('says why tasks were skipped, and those of an ended run wait no more', () => {
    const failed = taskRun('clone', 'False', 'StepFailed', 'exit 1', { completionTime: '2026-01-01T00:00:02Z' });
    expect(pipelineRunRows(run('False', [{ name: 'test', reason: 'PipelineRun was stopping' }]), [failed])).toEqual([
      row('clone', 'failed', 'StepFailed: exit 1', { startedAt: ms, endedAt: ms + 2_000 }),
      row('test', 'skipped', 'PipelineRun was stopping'),
      row('report', 'skipped'),
      row('notify', 'skipped'),
    ]);
  });
});

describe('taskRunRow', () => {
  it.each([
    [taskRun('t', 'Unknown', 'Pending', 'Pending'), row('t', 'pending', '', began)],
    [taskRun('t', 'Unknown', 'Pending', 'no room: 8 of 8 pods run'), row('t', 'pending', 'Pending: no room: 8 of 8 pods run', began)],
    [taskRun('t', 'Unknown', 'Started', 'Not all'), row('t', 'pending', '', began)],
    [taskRun('t', 'Unknown', 'Running', 'Not all', { retriesStatus: [{}] }), row('t', 'running', 'attempt 2', began)],
    [taskRun('t', 'True', 'Succeeded', 'All done'), row('t', 'succeeded', '', began)],
    [taskRun('t', 'False', 'TaskRunCancelled', 'by user'), row('t', 'cancelled', 'TaskRunCancelled: by user', began)],
    [taskRun('t', 'False', 'TaskRunTimeout'), row('t', 'failed', 'TaskRunTimeout', began)],
  ])('%#', (object, expected) => {
    expect(taskRunRow(object, 't', false)).toEqual(expected);
  });
});
