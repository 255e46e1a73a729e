import { describe, expect, it } from 'vitest';
import type { Stored } from '../resources/object.ts';
import { RunTracer } from './run-tracer.ts';
import type { Span } from './span.ts';
import { spanIdOf, traceIdOf } from './span-context.ts';

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const step = (name: string, from: number, to: number, exitCode = 0) => ({
  name,
  terminated: { exitCode, reason: 'Completed', startedAt: at(from), finishedAt: at(to) },
});

function run(kind: string, uid: string, owner?: string, status?: object, labels?: Record<string, string>): Stored {
  const ownerReferences =
    owner === undefined ? undefined : [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: owner, uid: owner, controller: true }];
  const metadata = {
    name: uid,
    namespace: 'ci',
    uid,
    labels,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: at(0),
    ownerReferences,
  };
  return { apiVersion: 'tekton.dev/v1', kind, metadata, status };
}
const ended = (outcome: 'True' | 'False', more: object = {}) => ({
  startTime: at(1),
  completionTime: at(9),
  conditions: [{ type: 'Succeeded', status: outcome, reason: outcome === 'True' ? 'Succeeded' : 'Failed', message: 'so it is' }],
  ...more,
});

function hear(...objects: readonly Stored[]): readonly Span[] {
  const spans: Span[] = [];
  const tracer = new RunTracer((more) => spans.push(...more));
  for (const object of objects) tracer.changed(object, undefined);
  return spans;
}

describe('RunTracer', () => {
  it('makes a trace of runs within runs, down to their steps', () => {
    const steps = [step('clone', 2, 4), step('build', 4, 8, 3), { name: 'never', waiting: { reason: 'x' } }];
    const spans = hear(
      run('PipelineRun', 'outer'),
      run('PipelineRun', 'inner', 'outer'),
      run('TaskRun', 'task', 'inner'),
      run('TaskRun', 'task', 'inner', ended('False', { steps, retriesStatus: [{ steps: [step('clone', 1, 2, 1)] }] }), {
        'tekton.dev/pipelineTask': 'compile',
      }),
      run('PipelineRun', 'inner', 'outer', ended('False')),
      run('PipelineRun', 'outer', undefined, ended('True'), { 'tekton.dev/pipeline': 'ship' }),
    );
    expect(spans.map(({ name }) => name)).toEqual([
      'TaskRun compile',
      'step clone',
      'step clone',
      'step build',
      'PipelineRun',
      'PipelineRun ship',
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf('outer')]));
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([...['inner', 'task', 'task', 'task', 'outer'].map(spanIdOf), undefined]);
    expect(spans[0]).toMatchObject({ error: 'so it is', startedAt: Date.parse(at(1)), endedAt: Date.parse(at(9)) });
    expect(spans[3]).toMatchObject({ error: 'exit code 3', startedAt: Date.parse(at(4)), endedAt: Date.parse(at(8)) });
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  });

  it('tells a run once, and nothing of one that had ended before', () => {
    const done = run('TaskRun', 'task', undefined, ended('True'));
    expect(hear(done)).toEqual([]);
    expect(hear(run('TaskRun', 'task'), done, done).length).toBe(1);
  });

  it('forgets a run that is deleted', () => {
    const spans: Span[] = [];
    const tracer = new RunTracer((more) => spans.push(...more));
    tracer.changed(run('TaskRun', 'task'), undefined);
    tracer.changed(undefined, run('TaskRun', 'task'));
    tracer.changed(run('TaskRun', 'task', undefined, ended('True')), undefined);
    expect(spans).toEqual([]);
  });
});
