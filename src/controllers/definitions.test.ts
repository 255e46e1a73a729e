import { expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Store } from '../ports/store.ts';
import { StoreError } from '../ports/store.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { Definitions } from './definitions.ts';
import { promptPace, sparingPace } from './pace.ts';

const key = { kind: 'tekton.dev/Task', namespace: 'ci', name: 'build' };
const task = (step: string): KubeObject => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'Task',
  metadata: { name: 'build', namespace: 'ci' },
  spec: { steps: [{ name: step }] },
});

async function setUp(pace = sparingPace) {
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  let reads = 0;
  let broken = false;
  const counting = new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (name !== 'get') return method;
      return (...args: Parameters<Store['get']>) => {
        reads++;
        return broken ? Promise.reject(new StoreError('Unavailable', 'away')) : target.get(...args);
      };
    },
  });
  const definitions = new Definitions({ store: counting, clock, pace });
  const run = (name: string, owner?: Stored): Promise<Stored> =>
    store.create({
      apiVersion: 'tekton.dev/v1',
      kind: owner === undefined ? 'PipelineRun' : 'TaskRun',
      metadata: {
        name,
        namespace: 'ci',
        ...(owner && {
          ownerReferences: [{ apiVersion: owner.apiVersion, kind: owner.kind, name: 'r', uid: owner.metadata.uid, controller: true }],
        }),
      },
    });
  const step = async (by: Stored): Promise<unknown> => {
    const found = await definitions.resolve<KubeObject & { spec: { steps: { name: string }[] } }>(by, key);
    return found.type === 'found' ? found.object.spec.steps[0]?.name : found;
  };
  return { clock, store, definitions, run, step, reads: () => reads, breakOff: (now: boolean) => (broken = now) };
}

it('is read once for a run and its children, also when they ask at the same time; another run reads anew', async () => {
  const { store, run, step, reads, clock } = await setUp();
  await store.create(task('old'));
  const parent = await run('r');
  const children = await Promise.all(['a', 'b', 'c'].map((name) => run(name, parent)));
  expect(await Promise.all([parent, ...children].map(step))).toEqual(['old', 'old', 'old', 'old']);
  expect(reads()).toBe(1);
  await store.update({ ...task('new') });
  expect(await step(await run('other'))).toBe('new');
  expect(await step(parent)).toBe('old');
  clock.advance(5_000);
  expect(await step(parent)).toBe('new');
  expect(reads()).toBe(3);
});

it('what is not there, or could not be read, is asked for again', async () => {
  const { store, run, step, breakOff } = await setUp();
  const parent = await run('r');
  expect(await step(parent)).toEqual({ type: 'missing', message: 'tasks.tekton.dev "build" not found' });
  await store.create(task('made'));
  breakOff(true);
  await expect(step(parent)).rejects.toThrow('away');
  breakOff(false);
  expect(await step(parent)).toBe('made');
});

it('on one machine it is read each time', async () => {
  const { store, run, step } = await setUp(promptPace);
  await store.create(task('old'));
  const parent = await run('r');
  expect(await step(parent)).toBe('old');
  await store.update(task('new'));
  expect(await step(parent)).toBe('new');
});
