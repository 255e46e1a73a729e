import { describe, expect, it } from 'vitest';
import { type EventEntry, eventText } from './event.ts';
import { widthOf } from './fit.ts';
import { terminalOf } from './terminal.ts';

const terminal = terminalOf({ isTTY: true, columns: 80, rows: 24 } as NodeJS.WriteStream, { NO_COLOR: '1' });
const SOURCE = "body.action == 'opened' && !body.draft";

function entry(more: Partial<EventEntry>): EventEntry {
  return {
    sequence: 1,
    eventId: 'e4b9baf3-fb8c-4580-a372-0c300f84ce3d',
    namespace: 'default',
    listener: 'github',
    state: 'processed',
    receivedAt: 0,
    processedAt: 12,
    attempts: 0,
    verdicts: [],
    ...more,
  } as EventEntry;
}

const base = { namespace: 'default', tookMs: 1.25 };
const HEAD =
  'Event     e4b9baf3-fb8c-4580-a372-0c300f84ce3d\nListener  default/github\nReceived  1970-01-01T00:00:00.000Z, processed in 12 ms\n';

const leaf = (source: string, value: string, operation = 'variable') => ({ source, start: 0, end: 0, operation, value, children: [] });

function filtered(draft: { readonly value: string } | { readonly error: string }) {
  const select = { source: 'body.draft', start: 0, end: 0, operation: 'select', ...draft, children: [leaf('body', '{2 keys}')] };
  const not = {
    source: '!body.draft',
    start: 0,
    end: 0,
    operation: '!',
    ...('value' in draft ? { value: 'false' } : draft),
    children: [select],
  };
  const equals = {
    source: "body.action == 'opened'",
    start: 0,
    end: 0,
    operation: '==',
    value: 'true',
    children: [
      { ...leaf('body.action', '"opened"', 'select'), children: [leaf('body', '{2 keys}')] },
      leaf("'opened'", '"opened"', 'literal'),
    ],
  };
  return { source: SOURCE, start: 0, end: 0, operation: '&&', ...('value' in draft ? { value: 'false' } : draft), children: [equals, not] };
}

describe('eventText', () => {
  it('says which of several secrets verified it, when all is to be explained', () => {
    const chain = [{ interceptor: 'github', outcome: 'continue' as const, verifiedBy: 'hook/next', tookMs: 0 }];
    const verdict = { ...base, verdict: 'matched' as const, trigger: 'push', chain, params: [], manifests: [], created: [] };
    expect(eventText({ terminal }, entry({ verdicts: [verdict] }), true)).toBe(
      `${HEAD}
✓ matched  push  1.3 ms
    github: continue, 0.0 ms; verified by secret hook/next
`,
    );
    expect(eventText({ terminal }, entry({ verdicts: [verdict] }), false)).not.toContain('hook/next');
  });

  it('says which sub-expression filtered it, and its values', () => {
    const chain = [
      { interceptor: 'github', outcome: 'continue' as const, tookMs: 0.4, verifiedBy: 'hook/token' },
      {
        interceptor: 'cel',
        outcome: 'stop' as const,
        message: 'the filter is false',
        tookMs: 1,
        filter: filtered({ value: 'true' }),
        because: { source: '!body.draft', values: { 'body.draft': 'true' } },
      },
    ];
    const verdict = { ...base, verdict: 'filtered' as const, trigger: 'pull-request', reason: 'the filter is false', chain };
    expect(eventText({ terminal }, entry({ verdicts: [verdict] }), false)).toBe(
      `${HEAD}
– filtered  pull-request  1.3 ms
    the filter is false
    because !body.draft is false
      body.draft = true
`,
    );
    expect(eventText({ terminal }, entry({ verdicts: [verdict] }), true)).toBe(
      `${HEAD}
– filtered  pull-request  1.3 ms
    the filter is false
    github: continue, 0.4 ms; verified by secret hook/token
    cel: stop, 1.0 ms
      body.action == 'opened' && !body.draft = false
        body.action == 'opened' = true
          body.action = "opened"
        !body.draft = false ← decided
          body.draft = true
`,
    );
  });

  it('tells an error in the filter from a filter that is false', () => {
    const chain = [
      {
        interceptor: 'cel',
        outcome: 'stop' as const,
        tookMs: 1,
        filter: filtered({ error: 'no such key: draft' }),
        because: { source: 'body.draft', values: { body: '{}' } },
      },
    ];
    expect(
      eventText(
        { terminal },
        entry({ verdicts: [{ ...base, verdict: 'filtered', trigger: '', reason: 'failed to evaluate', chain }] }),
        false,
      ),
    ).toBe(
      `${HEAD}
– filtered  (unnamed trigger)  1.3 ms
    failed to evaluate
    because body.draft failed: no such key: draft
      body = {}
`,
    );
  });

  it('names the stage that failed, what was created, what was not, and what was passed over', () => {
    const verdicts: EventEntry['verdicts'] = [
      { ...base, verdict: 'failed', trigger: 'a', stage: 'bind', error: 'no such field', chain: [] },
      {
        ...base,
        verdict: 'matched',
        trigger: 'b',
        chain: [],
        manifests: [],
        params: [{ name: 'title', value: 'x' }],
        created: [
          { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'one' },
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'two', error: 'refused' },
        ],
      },
      { ...base, verdict: 'filtered', trigger: '', reason: 'another event type', passedOver: 40, chain: [] },
    ];
    expect(eventText({ terminal }, entry({ deliveryId: 'd', verdicts }), false)).toBe(
      `${HEAD}Delivery  d

✗ failed  a  1.3 ms
    could not bind its params: no such field

✓ matched  b  1.3 ms
    param title = x
    created ConfigMap default/one
    could not create ConfigMap two: refused

– filtered  40 other triggers  1.3 ms
    another event type
`,
    );
  });

  it('tells a rejection, and that no trigger is concerned', () => {
    expect([
      eventText({ terminal }, entry({ state: 'rejected', processedAt: undefined, rejection: 'no signature' }), false),
      eventText({ terminal }, entry({}), false),
    ]).toEqual([
      'Event     e4b9baf3-fb8c-4580-a372-0c300f84ce3d\nListener  default/github\nReceived  1970-01-01T00:00:00.000Z, rejected\nRejected  no signature\n',
      `${HEAD}\nNo trigger of the listener is concerned.\n`,
    ]);
  });

  it('fits the terminal, and nothing foreign rewrites it', () => {
    const hostile = `evil \u001b]0;x\u0007\u001b[2J\n${'long '.repeat(60)}`;
    const chain = [
      {
        interceptor: hostile,
        outcome: 'stop' as const,
        message: hostile,
        tookMs: 1,
        filter: { ...leaf(hostile, hostile), children: [{ ...leaf(hostile, hostile), error: hostile }] },
        because: { source: hostile, values: { [hostile]: hostile } },
      },
    ];
    const text = eventText(
      { terminal },
      entry({
        deliveryId: hostile,
        rejection: hostile,
        verdicts: [
          { ...base, verdict: 'filtered', trigger: 't', reason: 'no', chain },
          { ...base, verdict: 'matched', trigger: 't', chain: [], manifests: [], params: [{ name: 'p', value: hostile }], created: [] },
        ],
      }),
      true,
    );
    expect(text.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
