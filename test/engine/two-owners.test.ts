import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { type Pace, promptPace, sparingPace } from '../../src/controllers/pace.ts';
import { sharedRuntime } from '../../src/main/shared-runtime.ts';
import { startEngine } from '../../src/main/start-engine.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { type Store, StoreError } from '../../src/ports/store.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { eventfulRun, eventfulWorld, picture, podsOfIt, toEnd } from './eventful-run.ts';
import { pipelineRun, task, taskRun, taskSpec, type World, world } from './world.ts';

type Delays = readonly number[];

/** Writes that the other one had done already, or that were over an older version than its. */
let met = 0;

/** Requests that take their time: as many turns of the loop as the list says, in a circle. */
function slow<T extends object>(port: T, delays: Delays): T {
  let call = 0;
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      if (name === 'onChange' || name === 'watch' || name === 'logs') return method.bind(target);
      return async (...args: unknown[]) => {
        const turns = delays[call++ % delays.length] ?? 0;
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
        return Promise.resolve(Reflect.apply(method, target, args)).catch((error: unknown) => {
          if (error instanceof StoreError && (error.code === 'Conflict' || error.code === 'AlreadyExists')) met++;
          throw error;
        });
      };
    },
  });
}

/** A second replica that takes the same namespace for its own: its own memory, the same store and pods. Ends the one of before. */
async function withTwo({ store, runtime, clock, config }: World, delays: Delays, pace?: Pace): Promise<{ close(): Promise<void> }> {
  const engine = await startEngine({
    store: slow<Store>(store, delays),
    runtime: slow<Runtime>(sharedRuntime(runtime), delays.toReversed()),
    clock,
    logger: silentLogger,
    config,
    pace,
    resolvers: { resolvers: [], cache: { maxSize: 0, ttlMs: 0 }, requirePinned: false },
  });
  onTestFinished(() => engine.close());
  return engine;
}

const delays = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 12 });

it.each([
  ['statuses written at once', promptPace],
  ['statuses in hand', sparingPace],
])(
  'two replicas that both own a namespace make each child and pod once, and the run ends as with one; %s',
  async (_, pace) => {
    const alone = await eventfulWorld(pace);
    await alone.apply(eventfulRun);
    await toEnd(alone);
    const expected = { picture: await picture(alone), begun: podsOfIt };
    await alone.close();
    const property = fc.asyncProperty(delays, delays, async (ones, others) => {
      const made = await eventfulWorld(pace);
      await made.close();
      await made.start((store, runtime) => ({ store: slow(store, ones), runtime: slow(runtime, others) }));
      const second = await withTwo(made, others, pace);
      await made.apply(eventfulRun);
      await toEnd(made);
      await second.close();
      await made.close();
      expect({ picture: await picture(made), begun: made.begun.toSorted() }).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 15 });
    expect(met).toBeGreaterThan(50);
  },
  60_000,
);

it('one of them may begin in the middle, and the other end', async () => {
  const alone = await eventfulWorld();
  await alone.apply(eventfulRun);
  await toEnd(alone);
  const expected = { picture: await picture(alone), begun: podsOfIt };
  await alone.close();
  const property = fc.asyncProperty(delays, fc.nat({ max: 40 }), fc.nat({ max: 40 }), async (some, beginsAt, endsAfter) => {
    const made = await eventfulWorld();
    await Promise.all([made.apply(eventfulRun), turns(beginsAt)]);
    const second = await withTwo(made, some);
    await turns(endsAfter);
    await made.close();
    for (let second = 0; second < 6; second++) {
      made.clock.advance(1_000);
      await turns(200);
    }
    await second.close();
    expect({ picture: await picture(made), begun: made.begun.toSorted() }).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 20 });
}, 60_000);

it('a cancel that both carry out ends each pod, and once', async () => {
  const made = await world(() => ({ neverEnds: true }));
  const second = await withTwo(made, [1, 0, 2]);
  await made.apply(pipelineRun('r', { tasks: [task('a'), task('b')] }), taskRun('t', { taskSpec }));
  await made.settle();
  expect(made.begun.toSorted()).toEqual(['r-a-pod', 'r-b-pod', 't-pod']);
  await made.store.patch({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' }, { spec: { status: 'Cancelled' } });
  await made.settle();
  await second.close();
  expect(await made.pods()).toEqual({ 'r-a-pod': 'Failed', 'r-b-pod': 'Failed', 't-pod': 'Running' });
  expect(await made.outcome('tekton.dev/PipelineRun', 'r')).toBe('Cancelled: PipelineRun "r" was cancelled');
  expect(made.begun).toHaveLength(3);
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
