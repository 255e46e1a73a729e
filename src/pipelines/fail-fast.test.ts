import { describe, expect, it } from 'vitest';
import { type ChildScript, PipelineSimulator } from '../../test/support/pipeline-simulator.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

const taskSpec = { steps: [{ image: 'busybox', script: 'true' }] };
const custom = { name: 'custom', taskRef: { apiVersion: 'example.dev/v1', kind: 'Wait', name: 'w' } };
const matrix = { params: [{ name: 'n', value: ['1', '2', '3'] }] };
const hangs: ChildScript = { outcome: 'hangs' };
const failsLater: ChildScript = { outcome: 'fails', after: 5 };

function play(
  tasks: readonly object[],
  script: Readonly<Record<string, ChildScript>>,
  {
    annotations = { 'tappet.dev/fail-fast': 'true' },
    named = false,
  }: { readonly annotations?: Readonly<Record<string, string>>; readonly named?: boolean } = {},
): PipelineSimulator {
  const pipelineSpec = { tasks, finally: [{ name: 'last', taskSpec }] };
  const run = {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name: 'run', namespace: 'ci', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z', annotations: named ? {} : annotations },
    spec: { timeouts: { pipeline: '1h' }, ...(named ? { pipelineRef: { name: 'p' } } : { pipelineSpec }) },
  } as unknown as PipelineRun;
  const pipeline = {
    apiVersion: 'tekton.dev/v1' as const,
    kind: 'Pipeline' as const,
    metadata: { name: 'p', annotations },
    spec: pipelineSpec,
  };
  const world = new PipelineSimulator({
    run,
    pipelines: named ? [pipeline as never] : [],
    script: (task, name) => script[name] ?? script[task],
    cachePlan: true,
  });
  world.runToEnd();
  return world;
}

function ends(world: PipelineSimulator): unknown {
  return {
    ...{ reason: world.condition?.reason, message: world.condition?.message },
    children: world.children.map((child) => {
      const { status } = child as unknown as { readonly status: { readonly conditions: readonly { readonly reason?: string }[] } };
      return `${child.metadata.name}: ${status.conditions[0]?.reason}`;
    }),
  };
}

describe('fail-fast', () => {
  it('cancels what runs beside the failure, starts nothing more, and runs finally', () => {
    const world = play([{ name: 'a', taskSpec }, { name: 'b', taskSpec }, custom, { name: 'c', taskSpec, runAfter: ['b'] }], {
      a: failsLater,
      b: hangs,
      custom: hangs,
    });
    expect(ends(world)).toEqual({
      reason: 'Failed',
      message: 'Tasks Completed: 4 (Failed: 1, Cancelled 2), Skipped: 1',
      children: ['run-a: Failed', 'run-b: TaskRunCancelled', 'run-custom: CustomRunCancelled', 'run-last: Succeeded'],
    });
    expect(
      world.log.flatMap((decision) => (decision.type === 'cancel-child' ? [[decision.name, decision.status, decision.statusMessage]] : [])),
    ).toEqual([
      ['run-b', 'TaskRunCancelled', 'TaskRun cancelled as another task of the PipelineRun it belongs to has failed.'],
      ['run-custom', 'RunCancelled', 'CustomRun cancelled as another task of the PipelineRun it belongs to has failed.'],
    ]);
    expect(world.run.status?.skippedTasks).toEqual([{ name: 'c', reason: 'PipelineRun was stopping' }]);
  });

  it('ends a matrix with the first that fails, and counts it as failed', () => {
    const world = play(
      [
        { name: 'm', taskSpec, matrix },
        { name: 'b', taskSpec },
      ],
      { m: hangs, 'run-m-1': failsLater, b: hangs },
    );
    expect(ends(world)).toEqual({
      reason: 'Failed',
      message: 'Tasks Completed: 3 (Failed: 1, Cancelled 1), Skipped: 0',
      children: [
        'run-m-0: TaskRunCancelled',
        'run-m-1: Failed',
        'run-m-2: TaskRunCancelled',
        'run-b: TaskRunCancelled',
        'run-last: Succeeded',
      ],
    });
  });

  it('is for a Pipeline too', () => {
    const world = play(
      [
        { name: 'a', taskSpec },
        { name: 'b', taskSpec },
      ],
      { a: failsLater, b: hangs },
      { named: true },
    );
    expect(world.condition?.message).toBe('Tasks Completed: 3 (Failed: 1, Cancelled 1), Skipped: 0');
  });

  it('is not for failures that are allowed, and not for finally tasks', () => {
    const world = play(
      [
        { name: 'a', taskSpec, onError: 'continue' },
        { name: 'b', taskSpec },
      ],
      { a: failsLater, b: { after: 60 }, last: failsLater },
    );
    expect(world.condition?.message).toBe('Tasks Completed: 3 (Failed: 2 (Ignored: 1), Cancelled 0), Skipped: 0');
  });

  it.each<Readonly<Record<string, string>>>([{}, { 'tappet.dev/fail-fast': 'false' }])('is off with %j', (annotations) => {
    const world = play(
      [
        { name: 'a', taskSpec },
        { name: 'b', taskSpec },
      ],
      { a: failsLater, b: { after: 60 } },
      { annotations },
    );
    expect(world.condition?.message).toBe('Tasks Completed: 3 (Failed: 1, Cancelled 0), Skipped: 0');
  });
});
