import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Delivery } from '../ports/journal.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import type { TriggerVerdict } from '../triggers/verdict.ts';
import { listenerEvents } from './listener-events.ts';

const base = { namespace: 'ns', chain: [], tookMs: 0 };
const matched: TriggerVerdict = {
  ...base,
  trigger: 'a',
  verdict: 'matched',
  params: [],
  manifests: [],
  created: [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name: 'made' }],
};
const failed: TriggerVerdict = { ...base, trigger: 'c', verdict: 'failed', stage: 'bind', error: 'a is not found' };
const listener = { metadata: { name: 'el', namespace: 'ns', uid: 'u' } } as unknown as Stored<EventListener>;
const delivery = (eventId: string) => ({ eventId }) as Delivery;

function recording(which: 'failed' | 'all' | 'none') {
  const clock = new ManualClock();
  const told: string[] = [];
  const events = listenerEvents({
    clock,
    which,
    record: async (_about, { type, reason, message }) => void told.push(`${type} ${reason}: ${message}`),
  });
  return { clock, told, events };
}

describe('Kubernetes Events on a listener', () => {
  it('of triggers that failed', () => {
    const { told, events } = recording('failed');
    events.processed(listener, delivery('e1'), [matched, failed]);
    expect(told).toEqual(['Warning dev.tekton.event.triggers.failed.v1: event e1: trigger c: a is not found']);
  });

  it('of all, when asked for', () => {
    const { told, events } = recording('all');
    events.processed(listener, delivery('e1'), [matched]);
    expect(told).toEqual([
      'Normal dev.tekton.event.triggers.started.v1: event e1',
      'Normal dev.tekton.event.triggers.successful.v1: event e1: trigger a created ConfigMap ns/made',
      'Normal dev.tekton.event.triggers.done.v1: event e1: 1 triggers fired, 0 failed',
    ]);
  });

  it('of none', () => {
    const { told, events } = recording('none');
    events.processed(listener, delivery('e1'), [failed]);
    expect(told).toEqual([]);
  });

  it('of a burst the first, and again a second later', () => {
    const { clock, told, events } = recording('failed');
    for (const id of ['e1', 'e2']) events.processed(listener, delivery(id), [failed]);
    clock.advance(1_000);
    events.processed(listener, delivery('e3'), [failed]);
    expect(told.map((line) => /event (e\d)/.exec(line)?.[1])).toEqual(['e1', 'e3']);
  });
});
