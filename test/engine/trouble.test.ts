import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/ports/runtime.ts';
import type { Store } from '../../src/ports/store.ts';
import { pipelineRun, succeeded, task, taskRun, taskSpec, world } from './world.ts';

const runKey = (name: string) => ({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name });

describe('writes of others', () => {
  it('to metadata, in the same breath as each of ours, stay and hold up nothing', async () => {
    const made = await world();
    await made.close();
    let patches = 0;
    // Before every write of a status somebody else writes metadata of the same object: the engine's write is outdated when it comes.
    await made.start((store, runtime) => ({
      runtime,
      store: {
        ...store,
        updateStatus: async (object) => {
          const { name, namespace } = object.metadata;
          if (object.kind !== 'Pod' && patches < 12) {
            const patch = { metadata: { annotations: { [`test/n${patches++}`]: 'x' } } };
            await store.patch({ kind: `tekton.dev/${object.kind}`, namespace, name: name ?? '' }, patch);
          }
          return store.updateStatus(object);
        },
      },
    }));
    await made.apply(pipelineRun('r', { tasks: [task('a'), task('b', { runAfter: ['a'] })] }));
    expect(await made.outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
    expect(made.begun).toEqual(['r-a-pod', 'r-b-pod']);
    const objects = [...(await made.list('tekton.dev/TaskRun')), ...(await made.list('tekton.dev/PipelineRun'))];
    const notes = objects.flatMap(({ metadata }) => Object.keys(metadata.annotations ?? {})).filter((key) => key.startsWith('test/'));
    expect(notes.length).toBeGreaterThanOrEqual(patches);
  });

  it('to a status are written over by what is so', async () => {
    const { apply, store, settle, advance, outcome } = await world(() => ({ afterMs: 1_000 }));
    await apply(pipelineRun('r', { tasks: [task('a')] }));
    const lie = { status: { conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'Lie', message: 'x' }] } };
    await store.patch(runKey('r'), lie, { subresource: 'status' });
    await settle();
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Running: /);
    await advance(1_000);
    expect(await outcome('tekton.dev/PipelineRun', 'r')).toMatch(/^Succeeded: /);
  });
});

describe('the record of a pod that is stopped', () => {
  it('tells the end, also when somebody has written to it in the same breath', async () => {
    const made = await world(() => ({ neverEnds: true }));
    await made.close();
    let writes = 0;
    await made.start((store, runtime) => ({
      runtime,
      store: {
        ...store,
        updateStatus: async (object) => {
          const ends = object.kind === 'Pod' && (object['status'] as { readonly phase: string }).phase === 'Failed';
          if (ends && writes < 2) {
            const patch = { metadata: { annotations: { [`test/n${writes++}`]: 'x' } } };
            await store.patch({ kind: 'Pod', namespace: 'default', name: object.metadata.name ?? '' }, patch);
          }
          return store.updateStatus(object);
        },
      },
    }));
    await made.apply(taskRun('t', { taskSpec }));
    await made.store.patch({ kind: 'tekton.dev/TaskRun', namespace: 'default', name: 't' }, { spec: { status: 'TaskRunCancelled' } });
    await made.settle();
    expect([writes, (await made.get('Pod', 't-pod'))?.['status']]).toMatchObject([2, { phase: 'Failed' }]);
  });
});

describe('a poisoned object', () => {
  const events = async (
    made: { list(kind: string): Promise<readonly unknown[]> },
    reason: string,
  ): Promise<readonly Record<string, unknown>[]> =>
    ((await made.list('Event')) as readonly Record<string, unknown>[]).filter((event) => event['reason'] === reason);

  it('of our own making does not hold up the others, says what is wrong with it in one Event, and is tried on', async () => {
    const made = await world();
    const bad = pipelineRun('bad', { tasks: [task('a')] });
    // What admission would never let in, but a restored backup or another program may bring.
    await made.store.create({ ...bad, status: { childReferences: 'nonsense', startTime: '2026-11-23T12:00:00Z' } });
    await made.store.create({ ...taskRun('worse', { taskSpec }), status: { retriesStatus: [], steps: 'nonsense', startTime: 7 } });
    await made.apply(pipelineRun('good', { tasks: [task('a')] }));
    expect(await made.outcome('tekton.dev/PipelineRun', 'good')).toMatch(/^Succeeded: /);

    for (let n = 0; n < 12; n++) await made.advance(60_000);
    await made.apply(pipelineRun('later', { tasks: [task('a')] }));
    expect(await made.outcome('tekton.dev/PipelineRun', 'later')).toMatch(/^Succeeded: /);
    const told = await events(made, 'Error');
    expect(told.map((event) => [event['involvedObject'], event['type'], event['message'], event['count']])).toEqual([
      [expect.objectContaining({ kind: 'PipelineRun', name: 'bad' }), 'Warning', expect.stringMatching(/./), 10],
      [expect.objectContaining({ kind: 'TaskRun', name: 'worse' }), 'Warning', expect.stringMatching(/./), 10],
    ]);
  });

  it('for which the runtime cannot be asked is told about with a growing count, and mended when the runtime is', async () => {
    const made = await world();
    await made.close();
    let broken = true;
    await made.start((store: Store, runtime: Runtime) => ({
      store,
      runtime: new Proxy(runtime, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== 'function') return method;
          return (...args: readonly { readonly name?: string }[]) => {
            if (broken && name === 'start' && args[0]?.name === 'bad-pod') return Promise.reject(new Error('no room on the disk'));
            return Reflect.apply(method, target, args);
          };
        },
      }),
    }));
    await made.apply(taskRun('bad', { taskSpec }), taskRun('good', { taskSpec }));
    expect(await made.outcome('tekton.dev/TaskRun', 'good')).toMatch(/^Succeeded: /);
    for (let n = 0; n < 6; n++) await made.advance(1_000);
    const [event, ...others] = await events(made, 'Error');
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      involvedObject: { kind: 'TaskRun', name: 'bad', namespace: 'default' },
      type: 'Warning',
      message: 'no room on the disk',
      source: { component: 'TaskRun' },
    });
    expect(Number(event?.['count'])).toBeGreaterThan(1);
    broken = false;
    await made.advance(30_000);
    expect(await made.outcome('tekton.dev/TaskRun', 'bad')).toMatch(/^Succeeded: /);
  });
});

describe('a child seen only after its run was cancelled', () => {
  it('is cancelled too', async () => {
    const made = await world(() => ({ neverEnds: true }));
    await made.apply(pipelineRun('r', { tasks: [task('a')] }));
    const run = await made.get('tekton.dev/PipelineRun', 'r');
    await made.store.patch(runKey('r'), { spec: { status: 'Cancelled' } });
    await made.settle();
    const { name, uid } = run?.metadata ?? { name: '', uid: '' };
    await made.store.create({
      ...taskRun('r-late', { taskSpec }),
      metadata: {
        name: 'r-late',
        namespace: 'default',
        ownerReferences: [{ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', name, uid, controller: true }],
      },
    });
    await made.settle();
    expect(succeeded(await made.get('tekton.dev/TaskRun', 'r-late'))?.reason).toBe('TaskRunCancelled');
    expect(await made.pods()).toEqual({ 'r-a-pod': 'Failed', 'r-late-pod': 'Failed' });
  });
});

describe('Events', () => {
  it('tell of a run as upstream does, one a reason with a count', async () => {
    const { apply, advance, list, clock } = await world((pod) => (pod === 'r-a-pod' ? { afterMs: 1_000 } : { exitCode: 1 }));
    const began = new Date(clock.now()).toISOString().replace('.000', '');
    await apply(pipelineRun('r', { tasks: [task('a'), task('b', { runAfter: ['a'] })] }));
    await advance(100);
    await advance(900);
    const events = (await list('Event')).map((event) => {
      const { kind, name } = event['involvedObject'] as { kind: string; name: string };
      return [`${kind}/${name}`, event['type'], event['reason'], event['message'], event['count']];
    });
    const running = 'Not all Steps in the Task have finished executing';
    expect(events.toSorted()).toEqual(
      [
        ['PipelineRun/r', 'Normal', 'Started', '', 1],
        ['PipelineRun/r', 'Normal', 'Running', 'Tasks Completed: 1 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0', 2],
        ['PipelineRun/r', 'Warning', 'Failed', 'Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 0', 1],
        ['TaskRun/r-a', 'Normal', 'Started', '', 1],
        ['TaskRun/r-a', 'Normal', 'Running', running, 1],
        ['TaskRun/r-a', 'Normal', 'Succeeded', 'All Steps have completed executing', 1],
        ['TaskRun/r-b', 'Normal', 'Started', '', 1],
        ['TaskRun/r-b', 'Warning', 'Failed', '"step-do" exited with code 1: Error', 1],
      ].toSorted(),
    );
    const [first] = await list('Event');
    expect(first).toMatchObject({
      apiVersion: 'v1',
      metadata: { namespace: 'default', ownerReferences: [{ kind: expect.any(String) }] },
      firstTimestamp: expect.stringContaining(began.slice(0, 16)),
      lastTimestamp: expect.any(String),
    });
  });
});
