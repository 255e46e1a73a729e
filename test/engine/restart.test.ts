import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptPace, sparingPace } from '../../src/controllers/pace.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { type Store, StoreError } from '../../src/ports/store.ts';
import type { Stored } from '../../src/resources/object.ts';
import { fakeResolver } from '../support/fake-resolver.ts';
import { eventfulRun, eventfulWorld, picture, podsOfIt, toEnd } from './eventful-run.ts';
import { pipeline, ref, remoteRun, task as remoteTask } from './remote.ts';
import { pipelineRun, task, world } from './world.ts';

/** What a killed process does to its ports: after so many calls, and what else belongs to the turn of the last, nothing gets through. */
function mortal(calls: number) {
  let left = calls;
  let dead = false;
  const wrap = (store: Store, runtime: Runtime) => ({ store: guard(store), runtime: guard(runtime) });
  const guard = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        if (name === 'onChange' || name === 'watch' || name === 'list') return method.bind(target);
        return (...args: unknown[]) => {
          if (left-- === 0)
            setImmediate(() => {
              dead = true;
            });
          return dead ? Promise.reject(new StoreError('Unavailable', 'killed')) : Reflect.apply(method, target, args);
        };
      },
    });
  return { wrap, died: () => dead };
}

describe('a restart', () => {
  it.each([
    ['as on one machine', promptPace],
    ['as on a cluster, statuses in hand', sparingPace],
  ])(
    'at any point of a run changes nothing: same end, nothing runs twice; %s',
    async (_where, pace) => {
      const undisturbed = await eventfulWorld(pace);
      await undisturbed.apply(eventfulRun);
      await toEnd(undisturbed);
      const expected = await picture(undisturbed);
      const pods = undisturbed.begun.toSorted();
      expect(pods).toEqual(podsOfIt);

      let deaths = 0;
      const property = fc.asyncProperty(fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 4 }), async (cuts) => {
        const made = await eventfulWorld(pace);
        await made.close();
        const [first = 0, ...later] = cuts;
        let life = mortal(first);
        await made.start(life.wrap);
        await made.apply(eventfulRun);
        for (const cut of later) {
          // It lives until it dies, or for a while.
          for (let second = 0; second < 3 && !life.died(); second++) await made.advance(1_000);
          if (life.died()) deaths++;
          await made.close();
          life = mortal(cut);
          await made.start(life.wrap);
        }
        await made.close();
        await made.start();
        await toEnd(made);
        expect({ picture: await picture(made), begun: made.begun.toSorted() }).toEqual({ picture: expected, begun: pods });
        await made.close();
      });
      await fc.assert(property, { numRuns: 60 });
      expect(deaths).toBeGreaterThan(0);
    },
    60_000,
  );

  it('at each of the first calls in turn', async () => {
    for (let cut = 0; cut < 120; cut += 3) {
      const made = await eventfulWorld();
      await made.close();
      const life = mortal(cut);
      await made.start(life.wrap);
      await made.apply(eventfulRun);
      for (let second = 0; second < 4 && !life.died(); second++) await made.advance(1_000);
      await made.close();
      await made.start();
      await toEnd(made);
      expect([cut, await made.outcome('tekton.dev/PipelineRun', 'r'), made.begun.length]).toEqual([
        cut,
        'Completed: Tasks Completed: 6 (Failed: 1 (Ignored: 1), Cancelled 0), Skipped: 1',
        7,
      ]);
      await made.close();
    }
  }, 60_000);

  it('at each call of a run whose pipeline, tasks and steps are fetched: same end, same sources', async () => {
    const steps = [{ name: 'do', ref: ref('step') }];
    const tasks = [
      { name: 'a', taskRef: ref('build') },
      { name: 'b', runAfter: ['a'], taskSpec: { steps } },
    ];
    const step = { apiVersion: 'tekton.dev/v1beta1', kind: 'StepAction', metadata: { name: 's' }, spec: { image: 'i', command: ['true'] } };
    const fetched = () => {
      const resolver = fakeResolver('fake', { p: pipeline('p', tasks), build: remoteTask('build'), step: { resource: step } });
      return world(() => ({ afterMs: 500 }), { fetching: { resolvers: [resolver] } });
    };
    const undisturbed = await fetched();
    await undisturbed.apply(remoteRun('r', 'p'));
    await toEnd(undisturbed);
    const expected = [await picture(undisturbed), undisturbed.begun.toSorted()];
    expect(JSON.stringify(expected)).toContain('"uri":"fake:step"');
    expect(await undisturbed.outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
    await undisturbed.close();
    for (let cut = 0; cut < 80; cut += 2) {
      const made = await fetched();
      await made.close();
      const life = mortal(cut);
      await made.start(life.wrap);
      await made.apply(remoteRun('r', 'p'));
      for (let second = 0; second < 3 && !life.died(); second++) await made.advance(500);
      await made.close();
      await made.start();
      await toEnd(made);
      expect([cut, await picture(made), made.begun.toSorted()]).toEqual([cut, ...expected]);
      await made.close();
    }
  }, 60_000);

  it('during a cancel leaves nothing running', async () => {
    for (let cut = 0; cut < 24; cut++) {
      const made = await world(() => ({ neverEnds: true }));
      await made.apply(pipelineRun('r', { tasks: [task('a'), task('b')] }));
      await made.close();
      const life = mortal(cut);
      await made.start(life.wrap);
      await made.store.patch({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' }, { spec: { status: 'Cancelled' } });
      await made.settle();
      await made.close();
      await made.start();
      await made.settle();
      expect([cut, await made.pods(), reasons(await made.list('tekton.dev/TaskRun'))]).toEqual([
        cut,
        { 'r-a-pod': 'Failed', 'r-b-pod': 'Failed' },
        ['TaskRunCancelled', 'TaskRunCancelled'],
      ]);
      await made.close();
    }
  });
});

function reasons(objects: readonly Stored[]): readonly (string | undefined)[] {
  return objects.map((object) => (object['status'] as { conditions?: readonly { reason?: string }[] }).conditions?.[0]?.reason);
}
