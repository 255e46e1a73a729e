import { describe, expect, it } from 'vitest';
import type { Delivery } from '../ports/journal.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { eventSpans } from './event-spans.ts';

const delivery: Delivery = {
  eventId: '0193a3c4-7d5e-7abc-8def-0123456789ab',
  namespace: 'ci',
  listener: 'github',
  receivedAt: 1_000,
  method: 'POST',
  url: '/ci/github',
  headers: { Traceparent: [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`] },
  body: Buffer.from('{}'),
};
const base = { namespace: 'ci', chain: [], tookMs: 1 };
const verdicts: readonly TriggerVerdict[] = [
  {
    ...base,
    verdict: 'matched',
    trigger: 'push',
    tookMs: 4,
    chain: [
      { interceptor: 'github', outcome: 'continue', tookMs: 1 },
      { interceptor: 'cel', outcome: 'continue', tookMs: 2 },
    ],
    params: [],
    manifests: [],
    created: [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: 'ship-1' }],
  },
  { ...base, verdict: 'failed', trigger: 'broken', stage: 'bind', error: 'no such field' },
  { ...base, verdict: 'filtered', trigger: '', reason: 'the index', passedOver: 9_998 },
];

describe('the spans of an event', () => {
  const spans = eventSpans(delivery, verdicts, 1_010, 1_013);
  const named = (name: string) => spans.find((span) => span.name === name);

  it('are the event, its triggers with their interceptors, and what it created', () => {
    expect(spans.map(({ name }) => name)).toEqual([
      'event github',
      'trigger push',
      'interceptor github',
      'interceptor cel',
      'trigger broken',
      'create',
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(['0193a3c47d5e7abc8def0123456789ab']));
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    const [root] = spans;
    expect(root).toMatchObject({ kind: 'server', startedAt: 1_000, endedAt: 1_013, error: 'no such field' });
    for (const name of ['trigger push', 'trigger broken', 'create']) expect(named(name)?.parentSpanId).toBe(root?.spanId);
    expect(named('interceptor cel')?.parentSpanId).toBe(named('trigger push')?.spanId);
  });

  it('stand one after the other, and within what they are part of', () => {
    expect(named('trigger push')).toMatchObject({ startedAt: 1_006, endedAt: 1_010 });
    expect(named('interceptor github')).toMatchObject({ startedAt: 1_006, endedAt: 1_007 });
    expect(named('interceptor cel')).toMatchObject({ startedAt: 1_007, endedAt: 1_009 });
    expect(named('create')).toMatchObject({ startedAt: 1_010, endedAt: 1_013, attributes: { 'tekton.created': 'PipelineRun/ship-1' } });
  });

  it('name the sender’s own trace as a link only', () => {
    expect(spans[0]?.link).toEqual({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) });
  });
});
