import { describe, expect, it } from 'vitest';
import { sparingPace } from '../../src/controllers/pace.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import type { Store } from '../../src/ports/store.ts';
import { definition, pipelineRun, taskRun, type World, type Wrap, world } from './world.ts';

/** Requests a cluster's API server would get, by verb and kind: a pod is one to be made, and its record is the cluster's own. */
function counted(): { readonly wrap: Wrap; readonly counts: Map<string, number>; total(): number } {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const watchStore = (store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        if (name === 'watch' || name === 'list' || name === 'close') return method.bind(target);
        return (first: { readonly kind: string }, ...rest: unknown[]) => {
          count(`${String(name)} ${first.kind.slice(first.kind.indexOf('/') + 1)}`);
          return Reflect.apply(method, target, [first, ...rest]);
        };
      },
    });
  const watchRuntime = (runtime: Runtime): Runtime =>
    new Proxy(runtime, {
      get(target, name) {
        if (name === 'recordsPods') return true;
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          if (name === 'start') count('create Pod');
          return Reflect.apply(method, target, args);
        };
      },
    });
  return {
    wrap: (store, runtime) => ({ store: watchStore(store), runtime: watchRuntime(runtime) }),
    counts,
    total: () => [...counts.values()].reduce((sum, each) => sum + each, 0),
  };
}

const build = definition('Task', 'build', { steps: [{ name: 'do', image: 'any', command: ['true'] }] });
const tasksOf = (count: number, inSequence: boolean) =>
  Array.from({ length: count }, (_, index) => ({
    name: `t${index}`,
    taskRef: { name: 'build' },
    ...(inSequence && index > 0 && { runAfter: [`t${index - 1}`] }),
  }));

async function play(made: World, seconds: number): Promise<void> {
  for (let tenth = 0; tenth < seconds * 10; tenth++) await made.advance(100);
}

describe('the pace of a cluster', () => {
  it('spends at most 30 requests on a run of three tasks in sequence', async () => {
    const { wrap, counts, total } = counted();
    const made = await world(() => ({ afterMs: 2_300 }), { pace: sparingPace, wrap });
    await made.store.create(build);
    await made.apply(pipelineRun('r', { tasks: tasksOf(3, true) }));
    await play(made, 8);
    expect(await made.outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
    expect(total(), JSON.stringify([...counts])).toBeLessThanOrEqual(30);
  });

  it('spends at most 300 on one of fifty side by side, whose pods wait for room', async () => {
    const { wrap, counts, total } = counted();
    let pods = 0;
    const made = await world(() => ({ afterMs: 2_000 + 900 * pods++ }), { pace: sparingPace, wrap });
    await made.store.create(build);
    await made.apply(pipelineRun('r', { tasks: tasksOf(50, false) }));
    await play(made, 60);
    expect(await made.outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
    expect(total(), JSON.stringify([...counts])).toBeLessThanOrEqual(300);
  });

  it('says what goes on within a second, with the instant at which it began, and at once that it has ended', async () => {
    const made = await world(() => ({ afterMs: 3_500 }), { pace: sparingPace });
    const began = made.clock.now();
    await made.apply(taskRun('t', { taskSpec: { steps: [{ name: 'do', image: 'any', command: ['true'] }] } }));
    const status = async () => (await made.get('tekton.dev/TaskRun', 't'))?.['status'] as Record<string, string> | undefined;
    expect(made.begun).toEqual(['t-pod']);
    expect(await status()).toBeUndefined();
    await play(made, 1);
    expect(await status()).toMatchObject({ podName: 't-pod', startTime: new Date(began).toISOString().replace('.000', '') });
    await play(made, 2.5);
    expect(await made.outcome('tekton.dev/TaskRun', 't')).toMatch(/^Succeeded: /);
    expect(await status()).toMatchObject({ startTime: new Date(began).toISOString().replace('.000', '') });
  });

  it('does not hold up a cancel, nor a retry', async () => {
    const made = await world((pod) => (pod === 'n-pod' ? { neverEnds: true } : { exitCode: pod.endsWith('retry1') ? 0 : 1 }), {
      pace: sparingPace,
    });
    const taskSpec = { steps: [{ name: 'do', image: 'any', command: ['true'] }] };
    await made.apply(taskRun('n', { taskSpec }), taskRun('again', { taskSpec, retries: 1 }));
    expect(made.begun.toSorted()).toEqual(['again-pod', 'again-pod-retry1', 'n-pod']);
    expect(await made.outcome('tekton.dev/TaskRun', 'again')).toMatch(/^Succeeded: /);
    await made.store.patch({ kind: 'tekton.dev/TaskRun', namespace: 'default', name: 'n' }, { spec: { status: 'TaskRunCancelled' } });
    await made.settle();
    expect(await made.outcome('tekton.dev/TaskRun', 'n')).toMatch(/^TaskRunCancelled: /);
    expect((await made.get('tekton.dev/TaskRun', 'n'))?.['status']).toMatchObject({ podName: 'n-pod' });
    expect(await made.pods()).toMatchObject({ 'n-pod': 'Failed' });
  });
});
