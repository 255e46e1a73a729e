import type { Pace } from '../../src/controllers/pace.ts';
import { pipelineRun, task, taskSpec, type World, world } from './world.ts';

/** Results, guards, a retried task, an ignored failure, time passing within steps, finally: something of everything that leaves a trace. */
export const eventfulRun = pipelineRun('r', {
  tasks: [
    { name: 'emit', taskSpec: { ...taskSpec, results: [{ name: 'x' }] } },
    task('slow', { runAfter: ['emit'] }),
    task('flaky', { retries: 2 }),
    task('guarded', { when: [{ input: '$(tasks.emit.results.x)', operator: 'in', values: ['1'] }], runAfter: ['slow'] }),
    task('skipped', { when: [{ input: '$(tasks.emit.results.x)', operator: 'in', values: ['2'] }] }),
    task('fails', { onError: 'continue', runAfter: ['flaky'] }),
  ],
  finally: [task('last')],
});

/** Where it can be run to its end. */
export const eventfulWorld = (pace?: Pace): Promise<World> =>
  world(
    (pod) => {
      if (pod === 'r-emit-pod') return { results: { x: '1' } };
      if (pod === 'r-slow-pod') return { afterMs: 3_000 };
      if (pod === 'r-flaky-pod') return { exitCode: 1, afterMs: 1_000 };
      return pod === 'r-fails-pod' ? { exitCode: 1 } : undefined;
    },
    { pace },
  );

/** Each once. */
export const podsOfIt = ['r-emit-pod', 'r-fails-pod', 'r-flaky-pod', 'r-flaky-pod-retry1', 'r-guarded-pod', 'r-last-pod', 'r-slow-pod'];

/** All that users see of a run, but what differs by itself from one to the next. */
export async function picture({ list }: World): Promise<unknown> {
  const of = async (kind: string): Promise<unknown> =>
    (await list(kind)).map((object) => [object.metadata.name, withoutTimes(object['status'])]);
  return { runs: await of('tekton.dev/PipelineRun'), tasks: await of('tekton.dev/TaskRun'), pods: await of('Pod') };
}

/** The clock stands still while the engine is away, so only what a retried look stamps anew may differ: nothing does but these. */
function withoutTimes(status: unknown): unknown {
  return JSON.parse(JSON.stringify(status, (key, value) => (/Time$|At$/.test(key) ? undefined : value)));
}

export async function toEnd(made: World): Promise<void> {
  for (let second = 0; second < 6; second++) await made.advance(1_000);
}
