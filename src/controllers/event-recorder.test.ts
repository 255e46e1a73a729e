import { describe, expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import type { RunEvent } from './condition-event.ts';
import { EventRecorder } from './event-recorder.ts';

async function setUp(wrap: (store: Store) => Store = (store) => store, pace?: { eventsMs: number; childEventsMs: number }) {
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  const run = await store.create({ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 't', namespace: 'ns' } });
  const recorder = new EventRecorder({ store: wrap(store), clock, logger: silentLogger, pace });
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

  it('keeps back what goes on, tells the last of each reason, and of what has ended only that', async () => {
    const { run, recorder, told, clock, store } = await setUp(undefined, { eventsMs: 5_000, childEventsMs: 60_000 });
    const said = async () => (await told()).map(([, reason, message, count]) => `${reason} ${message} ${count}`).toSorted();
    const goesOn = (reason: string, message: string): RunEvent => ({ type: 'Normal', reason, message, goesOn: true });
    const ended: RunEvent = { type: 'Normal', reason: 'Succeeded', message: 'done' };
    for (const event of [goesOn('Started', ''), goesOn('Running', '1'), goesOn('Running', '2')]) await recorder.transition(run, event);
    expect(await said()).toEqual([]);
    clock.advance(5_000);
    await expect.poll(said).toEqual(['Running 2 1', 'Started  1']);
    await recorder.transition(run, goesOn('Running', '3'));
    await recorder.transition(run, ended);
    clock.advance(60_000);
    await expect.poll(said).toEqual(['Running 2 1', 'Started  1', 'Succeeded done 1']);

    const parent = await store.create({ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: 'p', namespace: 'ns' } });
    const owner = { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name: 'p', uid: parent.metadata.uid, controller: true };
    const child = await store.create({ ...run, metadata: { name: 'c', namespace: 'ns', ownerReferences: [owner] } });
    await recorder.transition(child, goesOn('Started', ''));
    clock.advance(59_999);
    expect(await said()).toHaveLength(3);
    await recorder.close();
    expect(await said()).toHaveLength(4);
    expect(clock.next).toBeUndefined();
  });

  it('asks nobody for what it has written itself, and writes anew what is there no more', async () => {
    const asked: string[] = [];
    const { run, recorder, told, store } = await setUp(
      (inner) =>
        new Proxy(inner, {
          get(target, name) {
            const method: unknown = Reflect.get(target, name);
            return (...args: unknown[]) => {
              asked.push(String(name));
              return Reflect.apply(method as () => unknown, target, args);
            };
          },
        }),
    );
    for (let n = 0; n < 3; n++) await recorder.occurrence(run, error);
    await recorder.transition(run, running('1'));
    await recorder.transition(run, running('1'));
    expect(asked).toEqual(['create', 'patch', 'patch', 'create']);
    const [one] = (await store.list('Event', { fieldSelector: 'reason=Error' })).items;
    await store.delete({ kind: 'Event', namespace: 'ns', name: one?.metadata.name ?? '' });
    await recorder.occurrence(run, error);
    expect((await told()).map(([, reason, , count]) => [reason, count])).toContainEqual(['Error', 1]);
  });

  it('cuts what is longer than Kubernetes takes, and never rejects', async () => {
    const { run, recorder, store } = await setUp();
    await recorder.occurrence(run, { ...error, message: 'x'.repeat(5_000) });
    expect(String((await store.list('Event')).items[0]?.['message']).length).toBe(1_024);
    const broken = await setUp((inner) => ({ ...inner, get: () => Promise.reject(new StoreError('Unavailable', 'the disk is full')) }));
    await expect(broken.recorder.occurrence(broken.run, error)).resolves.toBeUndefined();
  });
});
