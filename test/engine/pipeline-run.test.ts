import { describe, expect, it } from 'vitest';
import { definition, pipelineRun, succeeded, task, taskRun, taskSpec, world } from './world.ts';

const emits = { steps: taskSpec.steps, results: [{ name: 'verdict' }] };

describe('a run', () => {
  it('with results, guards and finally goes to its end, and says what came out', async () => {
    const { apply, get, outcome, begun, list } = await world((pod) =>
      pod === 'r-judge-pod' ? { results: { verdict: 'ship' } } : undefined,
    );
    await apply(
      pipelineRun('r', {
        tasks: [
          { name: 'judge', taskSpec: emits },
          task('ship', { when: [{ input: '$(tasks.judge.results.verdict)', operator: 'in', values: ['ship'] }] }),
          task('hold', { when: [{ input: '$(tasks.judge.results.verdict)', operator: 'in', values: ['hold'] }] }),
          task('after', { runAfter: ['ship'] }),
        ],
        finally: [task('tell')],
        results: [{ name: 'verdict', value: '$(tasks.judge.results.verdict)' }],
      }),
    );
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toBe('Completed: Tasks Completed: 4 (Failed: 0, Cancelled 0), Skipped: 1');
    expect((await get('tekton.dev/PipelineRun', 'r'))?.['status']).toMatchObject({
      results: [{ name: 'verdict', value: 'ship' }],
      skippedTasks: [{ name: 'hold', reason: 'When Expressions evaluated to false' }],
      childReferences: ['judge', 'ship', 'after', 'tell'].map((name) => ({ name: `r-${name}`, pipelineTaskName: name })),
    });
    expect(begun).toEqual(['r-judge-pod', 'r-ship-pod', 'r-after-pod', 'r-tell-pod']);
    expect((await list('Pod')).map(({ metadata, status }) => [metadata.name, (status as { phase: string }).phase])).toEqual(
      begun.toSorted().map((name) => [name, 'Succeeded']),
    );
  });

  it('that is pending waits until it is let go', async () => {
    const { apply, outcome, store, settle, begun } = await world();
    await apply(pipelineRun('r', { tasks: [task('a')] }, { status: 'PipelineRunPending' }));
    expect([await outcome('tekton.dev/PipelineRun', 'r'), begun]).toEqual(['PipelineRunPending: PipelineRun "r" is pending', []]);
    await store.patch({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' }, { spec: { status: null } });
    await settle();
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
  });

  it('tries a failing task again, each attempt with a pod of its own', async () => {
    const { apply, get, outcome, begun } = await world((pod) => (pod === 'r-a-pod-retry2' ? undefined : { exitCode: 1 }));
    await apply(pipelineRun('r', { tasks: [task('a', { retries: 3 })] }));
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
    expect(begun).toEqual(['r-a-pod', 'r-a-pod-retry1', 'r-a-pod-retry2']);
    expect((await get('tekton.dev/TaskRun', 'r-a'))?.['status']).toMatchObject({
      podName: 'r-a-pod-retry2',
      retriesStatus: [{ podName: 'r-a-pod' }, { podName: 'r-a-pod-retry1' }],
    });
  });

  it('begins the next attempt of a task only when the pod of the last one is at its end', async () => {
    const { apply, start, close, advance, begun, pods, outcome, settle } = await world(() => ({ neverEnds: true }));
    await close();
    let release = (): void => undefined;
    await start((store, runtime) => ({
      store,
      runtime: Object.assign(Object.create(runtime), bound(runtime), {
        stop: async (uid: string, options: { readonly graceMs: number }) => {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          await runtime.stop(uid, options);
        },
      }),
    }));
    await apply(taskRun('t', { taskSpec, retries: 1, timeout: '10s' }));
    await advance(11_000);
    expect([begun, await outcome('tekton.dev/TaskRun', 't')]).toEqual([
      ['t-pod'],
      'ToBeRetried: TaskRun "t" failed to finish within "10s"',
    ]);
    release();
    await settle();
    expect(await pods()).toEqual({ 't-pod': 'Failed', 't-pod-retry1': 'Running' });
    release();
    await close();
  });

  it('ends by its timeout, and stops what runs', async () => {
    const { apply, advance, outcome, pods } = await world(() => ({ neverEnds: true }));
    await apply(pipelineRun('r', { tasks: [task('a'), task('b')] }, { timeouts: { pipeline: '1m' } }));
    await advance(59_000);
    expect(await pods()).toEqual({ 'r-a-pod': 'Running', 'r-b-pod': 'Running' });
    await advance(2_000);
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toBe('PipelineRunTimeout: PipelineRun "r" failed to finish within "1m0s"');
    expect(await outcome('tekton.dev/TaskRun', 'r-a')).toMatch(/^TaskRunCancelled: /);
    expect(await pods()).toEqual({ 'r-a-pod': 'Failed', 'r-b-pod': 'Failed' });
  });

  it('fails with a task that ran out of its time, by turning the clock only', async () => {
    const { apply, advance, outcome, pods, list } = await world(() => ({ neverEnds: true }));
    await apply(pipelineRun('r', { tasks: [task('a', { timeout: '30s' })] }));
    await advance(31_000);
    expect(await outcome('tekton.dev/TaskRun', 'r-a')).toBe('TaskRunTimeout: TaskRun "r-a" failed to finish within "30s"');
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Failed: /);
    expect(await pods()).toEqual({ 'r-a-pod': 'Failed' });
    expect((await list('Pod')).map(({ status }) => (status as { phase: string }).phase)).toEqual(['Failed']);
  });

  it.each([
    ['Cancelled', { ran: ['r-a-pod'], pods: { 'r-a-pod': 'Failed' }, reason: 'Cancelled' }],
    ['CancelledRunFinally', { ran: ['r-a-pod', 'r-f-pod'], pods: { 'r-a-pod': 'Failed', 'r-f-pod': 'Succeeded' }, reason: 'Cancelled' }],
  ])('%s: stops its pods', async (status, expected) => {
    const { apply, store, settle, begun, pods, get } = await world((pod) => (pod === 'r-a-pod' ? { neverEnds: true } : undefined));
    await apply(pipelineRun('r', { tasks: [task('a'), task('b', { runAfter: ['a'] })], finally: [task('f')] }));
    await store.patch({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' }, { spec: { status } });
    await settle();
    const reason = succeeded(await get('tekton.dev/PipelineRun', 'r'))?.reason;
    expect({ ran: begun, pods: await pods(), reason }).toEqual(expected);
  });

  it('StoppedRunFinally: lets run what runs, then only finally', async () => {
    const { apply, store, advance, settle, begun, pods, outcome } = await world((pod) =>
      pod === 'r-a-pod' ? { afterMs: 5_000 } : undefined,
    );
    await apply(pipelineRun('r', { tasks: [task('a'), task('b', { runAfter: ['a'] })], finally: [task('f')] }));
    await store.patch({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' }, { spec: { status: 'StoppedRunFinally' } });
    await settle();
    expect(await pods()).toEqual({ 'r-a-pod': 'Running' });
    await advance(5_000);
    expect([begun, await outcome('tekton.dev/PipelineRun', 'r')]).toEqual([
      ['r-a-pod', 'r-f-pod'],
      'Cancelled: PipelineRun "r" was cancelled',
    ]);
  });

  it('that is deleted takes its pods and everything it owned with it', async () => {
    const { apply, store, settle, pods, list, begun } = await world(() => ({ neverEnds: true }));
    await apply(pipelineRun('r', { tasks: [task('a'), task('b')] }));
    expect(begun.length).toBe(2);
    await store.delete({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' });
    await settle();
    expect(await pods()).toEqual({});
    for (const kind of ['tekton.dev/PipelineRun', 'tekton.dev/TaskRun', 'Pod', 'Event'])
      expect([kind, await list(kind)]).toEqual([kind, []]);
  });

  it('of many tasks has its status written now and then, and at the end with all that is in it', async () => {
    const made = await world();
    await made.close();
    let writes = 0;
    await made.start((store, runtime) => ({
      runtime,
      store: {
        ...store,
        updateStatus: (object) => {
          if (object.kind === 'PipelineRun') writes++;
          return store.updateStatus(object);
        },
      },
    }));
    const tasks = Array.from({ length: 120 }, (_, index) => task(`t${index}`, index < 4 ? {} : { runAfter: [`t${index - 4}`] }));
    await made.apply(pipelineRun('r', { tasks }));
    expect(await made.outcome('tekton.dev/PipelineRun', 'r')).toBe('Succeeded: Tasks Completed: 120 (Failed: 0, Cancelled 0), Skipped: 0');
    const { status } = (await made.get('tekton.dev/PipelineRun', 'r')) as unknown as { status: { childReferences: readonly unknown[] } };
    expect([status.childReferences.length, made.begun.length]).toEqual([120, 120]);
    expect(writes).toBeLessThan(10);
  });

  it('is held in memory while it goes on, its children with it, and not when it is done; nor are done ones after a restart', async () => {
    const { apply, advance, held, close, start, settle } = await world((pod) => (pod === 'r-b-pod' ? { afterMs: 1_000 } : undefined));
    await apply(pipelineRun('r', { tasks: [task('a'), task('b', { runAfter: ['a'] })], finally: [task('c')] }), taskRun('t', { taskSpec }));
    const during = held();
    await advance(1_000);
    const after = held();
    await close();
    await start();
    await settle();
    expect({ during, after, restarted: held() }).toEqual({ during: 3, after: 0, restarted: 0 });
  });

  it('and its namesake right behind it are two runs', async () => {
    const { apply, store, settle, pods, outcome, begun } = await world((_pod, step) => (step === 'wait' ? { neverEnds: true } : undefined));
    const wait = { name: 'a', taskSpec: { steps: [{ name: 'wait', image: 'any' }] } };
    await apply(pipelineRun('r', { tasks: [wait] }));
    void store.delete({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' });
    await apply(pipelineRun('r', { tasks: [task('a')] }));
    await settle();
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
    expect([begun, await pods()]).toEqual([['r-a-pod', 'r-a-pod'], { 'r-a-pod': 'Succeeded' }]);
  });
});

describe('definitions', () => {
  it('that were applied in the same breath as their run are found', async () => {
    const { apply, outcome } = await world();
    await apply(
      definition('StepAction', 'act', { image: 'any', command: ['true'] }),
      definition('Task', 'work', { steps: [{ name: 'do', ref: { name: 'act' } }] }),
      definition('Pipeline', 'line', { tasks: [{ name: 'a', taskRef: { name: 'work' } }] }),
      pipelineRun('r', 'line'),
    );
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
  });

  it('that are not there fail a run at once, as upstream does, and coming late does not mend it', async () => {
    const { apply, outcome, begun } = await world();
    await apply(pipelineRun('no-line', 'line'), pipelineRun('no-work', { tasks: [{ name: 'a', taskRef: { name: 'work' } }] }));
    await apply(
      taskRun('no-task', { taskRef: { name: 'work' } }),
      taskRun('no-act', { taskSpec: { steps: [{ name: 'do', ref: { name: 'act' } }] } }),
    );
    const outcomes = async (): Promise<readonly string[]> => [
      await outcome('tekton.dev/PipelineRun', 'no-line'),
      await outcome('tekton.dev/PipelineRun', 'no-work'),
      await outcome('tekton.dev/TaskRun', 'no-task'),
      await outcome('tekton.dev/TaskRun', 'no-act'),
    ];
    const before = await outcomes();
    expect(before).toEqual([
      expect.stringMatching(/^CouldntGetPipeline: .*pipelines.tekton.dev "line" not found$/),
      expect.stringMatching(/^CouldntGetTask: .*tasks.tekton.dev "work" not found$/),
      expect.stringMatching(/^TaskRunResolutionFailed: .*tasks.tekton.dev "work" not found$/),
      expect.stringMatching(/^TaskRunResolutionFailed: .*stepactions.tekton.dev "act" not found/),
    ]);
    await apply(definition('Task', 'work', taskSpec), definition('Pipeline', 'line', { tasks: [task('a')] }));
    expect([await outcomes(), begun]).toEqual([before, []]);
  });

  it('that a resolver has to fetch are waited for', async () => {
    const { apply, outcome } = await world();
    await apply(taskRun('t', { taskRef: { resolver: 'git', params: [{ name: 'url', value: 'x' }] } }));
    expect(await outcome('tekton.dev/TaskRun', 't')).toBe('ResolvingTaskRef: TaskRun default/t awaiting remote resource');
  });

  it('may go while their run goes on, also over a restart', async () => {
    const { apply, store, close, start, advance, outcome } = await world(() => ({ afterMs: 1_000 }));
    await apply(
      definition('Task', 'work', taskSpec),
      pipelineRun('r', { tasks: [{ name: 'a', taskRef: { name: 'work' } }, task('b', { runAfter: ['a'] })] }),
    );
    await store.delete({ kind: 'tekton.dev/Task', namespace: 'default', name: 'work' });
    await close();
    await start();
    await advance(1_000);
    await advance(1_000);
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
  });
});

/** A runtime's methods, so that a copy with others beside them still reaches its private state. */
function bound(runtime: object): object {
  const prototype = Object.getPrototypeOf(runtime);
  return Object.fromEntries(
    Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const method: unknown = Reflect.get(runtime, name);
      return typeof method === 'function' && name !== 'constructor' ? [[name, method.bind(runtime)]] : [];
    }),
  );
}
