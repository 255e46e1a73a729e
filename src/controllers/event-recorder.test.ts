import { describe, expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import type { RunEvent } from './condition-event.ts';
import { EventRecorder } from './event-recorder.ts';

async function setUp(wrap: (store: Store) => Store = (store) => store) {
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  const run = await store.create({ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 't', namespace: 'ns' } });
  const recorder = new EventRecorder({ store: wrap(store), clock, logger: silentLogger });
  const told = async () =>
    (await store.list('Event')).items.map(({ metadata: { name }, ...event }) => [name, event['reason'], event['message'], event['count']]);
  return { clock, store, run, recorder, told };
}

const running = (message: string): RunEvent => ({ type: 'Normal', reason: 'Running', message });
const error: RunEvent = { type: 'Warning', reason: 'Error', message: 'no' };

describe('the recorder', () => {
  it('writes one Event an object and reason; a transition decided twice counts once, an occurrence each time', async () => {
    const { run, recorder, told, clock, store } = await setUp();
    for (const message of ['1', '1', '2']) await recorder.transition(run, running(message));
    clock.advance(5_000);
    for (let n = 0; n < 3; n++) await recorder.occurrence(run, error);
    const name = expect.stringMatching(/^t\.[0-9a-f]{16}$/);
    expect((await told()).toSorted(([, a], [, b]) => String(a).localeCompare(String(b)))).toEqual([
      [name, 'Error', 'no', 3],
      [name, 'Running', '2', 2],
    ]);
    const [one] = (await store.list('Event', { fieldSelector: 'involvedObject.name=t,reason=Error' })).items;
    expect(one).toMatchObject({
      involvedObject: { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', namespace: 'ns', name: 't', uid: run.metadata.uid },
      metadata: { namespace: 'ns', ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name: 't', uid: run.metadata.uid }] },
      firstTimestamp: '2026-11-23T12:00:05Z',
      source: { component: 'TaskRun' },
    });
    await store.delete({ kind: 'tekton.dev/TaskRun', namespace: 'ns', name: 't' });
    expect(await told()).toEqual([]);
  });

  it('cuts what is longer than Kubernetes takes, and never rejects', async () => {
    const { run, recorder, store } = await setUp();
    await recorder.occurrence(run, { ...error, message: 'x'.repeat(5_000) });
    expect(String((await store.list('Event')).items[0]?.['message']).length).toBe(1_024);
    const broken = await setUp((inner) => ({ ...inner, get: () => Promise.reject(new StoreError('Unavailable', 'the disk is full')) }));
    await expect(broken.recorder.occurrence(broken.run, error)).resolves.toBeUndefined();
  });
});
