import { describe, expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { EventListener } from '../resources/event-listener/schema.ts';
import type { Stored } from '../resources/object.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { ListenerReadiness } from './listener-readiness.ts';

const KIND = 'triggers.tekton.dev/EventListener';
const draft: EventListener = {
  apiVersion: 'triggers.tekton.dev/v1beta1',
  kind: 'EventListener',
  metadata: { name: 'el', namespace: 'ns' },
  spec: { triggers: [] },
};

async function setUp() {
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  await store.create(draft);
  const judged = { defects: [] as string[], warnings: [] as string[] };
  const current = async (): Promise<Stored<EventListener>> => {
    const found = await store.get<EventListener>({ kind: KIND, namespace: 'ns', name: 'el' });
    if (found === undefined) throw new Error('gone');
    return found;
  };
  let listener = await current();
  const readiness = new ListenerReadiness({
    store,
    clock,
    logger: silentLogger,
    listeners: () => [listener],
    judge: () => judged,
    url: ({ metadata }) => `http://host/${metadata.namespace}/${metadata.name}`,
  });
  const look = async (): Promise<Stored<EventListener>> => {
    readiness.changed();
    clock.advance(1_000);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    listener = await current();
    return listener;
  };
  return { clock, store, judged, readiness, look };
}

describe('readiness of a listener', () => {
  it('tells where it is reached and that its triggers can fire', async () => {
    const { look } = await setUp();
    expect((await look()).status).toEqual({
      address: { url: 'http://host/ns/el' },
      conditions: [{ type: 'Ready', status: 'True', reason: 'Serving', message: '', lastTransitionTime: '2026-11-23T12:00:01Z' }],
    });
  });

  it('tells what keeps a trigger from firing, and takes it back', async () => {
    const { judged, look } = await setUp();
    judged.defects.push('Trigger a: cannot fire: no template');
    expect((await look()).status?.conditions).toMatchObject([
      { status: 'False', reason: 'TriggersCannotFire', message: 'Trigger a: cannot fire: no template' },
    ]);
    judged.defects.pop();
    judged.warnings.push('Trigger a: unsigned');
    expect((await look()).status?.conditions).toMatchObject([{ status: 'True', reason: 'Serving', message: 'Trigger a: unsigned' }]);
  });

  it('writes nothing when nothing is new, and leaves conditions of others alone', async () => {
    const { store, look } = await setUp();
    const first = await look();
    await store.updateStatus({
      ...first,
      status: { ...first.status, conditions: [...(first.status?.conditions ?? []), { type: 'Other', status: 'True' }] },
    });
    const second = await look();
    expect(second.status?.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Other']);
    expect((await look()).metadata.resourceVersion).toBe(second.metadata.resourceVersion);
  });
});
