import { describe, expect, it } from 'vitest';
import type { Stored } from '../resources/object.ts';
import { runContext, withSpanContext } from './run-context.ts';
import { parseTraceparent, spanIdOf, traceIdOf, traceparentOf } from './span-context.ts';

const EVENT = '0193a3c4-7d5e-7abc-8def-0123456789ab';
const THEIRS = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const carrier = JSON.stringify({ traceparent: traceparentOf(THEIRS) });

function run(kind: string, metadata: Partial<Stored['metadata']> = {}): Stored {
  return {
    apiVersion: 'tekton.dev/v1',
    kind,
    metadata: {
      name: 'r',
      namespace: 'ci',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
  };
}
const ownedBy = (uid: string) => ({
  ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: 'p', uid, controller: true }],
});
const nobody = (): undefined => undefined;

describe('where a run belongs', () => {
  it('is the trace of the event that made it, which is the event’s id', () => {
    const labels = { 'triggers.tekton.dev/triggers-eventid': EVENT };
    const traceId = '0193a3c47d5e7abc8def0123456789ab';
    expect(runContext(run('PipelineRun', { labels }), nobody)).toEqual({ traceId, parentSpanId: spanIdOf(EVENT) });
    expect(runContext(run('TaskRun', { labels, ...ownedBy('p') }), nobody)).toEqual({ traceId, parentSpanId: spanIdOf('p') });
  });

  it('is what its annotation says, for its children too', () => {
    const annotations = { 'tekton.dev/pipelinerunSpanContext': carrier };
    expect(runContext(run('PipelineRun', { annotations }), nobody)).toEqual({ traceId: THEIRS.traceId, parentSpanId: THEIRS.spanId });
    expect(runContext(run('TaskRun', { annotations, ...ownedBy('p') }), nobody)).toEqual({
      traceId: THEIRS.traceId,
      parentSpanId: spanIdOf('p'),
    });
    expect(runContext(run('TaskRun', { annotations: { 'tekton.dev/taskrunSpanContext': carrier } }), nobody).parentSpanId).toBe(
      THEIRS.spanId,
    );
  });

  it('is its own without either, and its children’s: a child of a child is told by whom its owner is', () => {
    expect(runContext(run('PipelineRun'), nobody)).toEqual({ traceId: traceIdOf('u'), parentSpanId: undefined });
    expect(runContext(run('TaskRun', ownedBy('u')), nobody)).toEqual({ traceId: traceIdOf('u'), parentSpanId: spanIdOf('u') });
    expect(runContext(run('TaskRun', ownedBy('inner')), () => traceIdOf('u')).traceId).toBe(traceIdOf('u'));
  });

  it.each([
    '',
    'no json',
    '[]',
    '{"traceparent": 1}',
    '{"traceparent": "00-0-0-01"}',
    `{"traceparent": "00-${'0'.repeat(32)}-${'b'.repeat(16)}-01"}`,
    '9'.repeat(5_000),
  ])('is not what nobody can read: %s', (text) => {
    expect(runContext(run('PipelineRun', { annotations: { 'tekton.dev/pipelinerunSpanContext': text } }), nobody).traceId).toBe(
      traceIdOf('u'),
    );
  });

  it('is written on a run that an event is about to create, unless it says so itself', () => {
    const labels = { 'triggers.tekton.dev/triggers-eventid': EVENT };
    const marked = withSpanContext({
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { name: 'r', labels, annotations: { a: 'b' } },
    });
    expect(marked.metadata.annotations).toEqual({
      a: 'b',
      'tekton.dev/taskrunSpanContext': `{"traceparent":"00-0193a3c47d5e7abc8def0123456789ab-${spanIdOf(EVENT)}-01"}`,
    });
    expect(withSpanContext(marked)).toBe(marked);
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels } };
    expect(withSpanContext(other)).toBe(other);
  });
});

describe('traceparent', () => {
  it('is read as W3C says', () => {
    expect(parseTraceparent(traceparentOf(THEIRS))).toEqual(THEIRS);
    expect(parseTraceparent(`01-${THEIRS.traceId}-${THEIRS.spanId}-00-more`)).toEqual(THEIRS);
    for (const text of [
      undefined,
      'x',
      `ff-${THEIRS.traceId}-${THEIRS.spanId}-01`,
      `00-${THEIRS.traceId.toUpperCase()}-${THEIRS.spanId}-01`,
    ])
      expect(parseTraceparent(text)).toBeUndefined();
  });
});
