import { describe, expect, it, onTestFinished } from 'vitest';
import { startHousekeeping } from '../../src/main/start-housekeeping.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { pipelineRun, taskSpec, type World, world } from './world.ts';

/** The keepers beside the engine, with a runtime whose claims are in use as long as the test says so. */
async function household(scripts?: Parameters<typeof world>[0]) {
  const made: World = await world(scripts);
  const freed: string[] = [];
  const inUse = new Set<string>();
  const releaseClaim = async (namespace: string, name: string): Promise<boolean> => {
    if (inUse.has(`${namespace}/${name}`)) return false;
    freed.push(`${namespace}/${name}`);
    return true;
  };
  const runtime: Runtime = new Proxy(made.runtime, {
    get: (target, name) => (name === 'releaseClaim' ? releaseClaim : Reflect.get(target, name, target)),
  });
  const keeper = await startHousekeeping({ store: made.store, clock: made.clock, logger: silentLogger, runtime });
  onTestFinished(() => keeper.close());
  return { ...made, freed, inUse };
}

const claim = (name: string, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

describe('a claim', () => {
  it('is bound, and freed when it is deleted', async () => {
    const { store, settle, get, freed } = await household();
    await store.create(claim('c'));
    await settle();
    expect((await get('PersistentVolumeClaim', 'c'))?.['status']).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
    });
    await store.delete({ kind: 'PersistentVolumeClaim', namespace: 'default', name: 'c' });
    await settle();
    expect(freed).toEqual(['default/c']);
  });

  it('that is in use is freed when it is not any more, unless its name has been taken again', async () => {
    const { store, settle, advance, freed, inUse } = await household();
    const key = (name: string) => ({ kind: 'PersistentVolumeClaim', namespace: 'default', name });
    await Promise.all([store.create(claim('c')), store.create(claim('d'))]);
    for (const name of ['default/c', 'default/d']) inUse.add(name);
    await settle();
    await Promise.all([store.delete(key('c')), store.delete(key('d'))]);
    await advance(1_000);
    expect(freed).toEqual([]);
    await store.create(claim('d'));
    inUse.clear();
    await advance(1_000);
    expect(freed).toEqual(['default/c']);
  });

  it('of a run goes with the run', async () => {
    const { apply, store, settle, list, freed } = await household();
    const { spec } = claim('x');
    const workspace = { name: 'w', volumeClaimTemplate: { spec } };
    const uses = { name: 'a', workspaces: [{ name: 'w' }], taskSpec: { ...taskSpec, workspaces: [{ name: 'w' }] } };
    await apply(pipelineRun('r', { workspaces: [{ name: 'w' }], tasks: [uses] }, { workspaces: [workspace] }));
    const [made, ...others] = await list('PersistentVolumeClaim');
    expect([made?.['status'], others]).toEqual([expect.objectContaining({ phase: 'Bound' }), []]);
    await store.delete({ kind: 'tekton.dev/PipelineRun', namespace: 'default', name: 'r' });
    await settle();
    expect(freed).toEqual([`default/${made?.metadata.name}`]);
  });
});

describe('a Namespace', () => {
  it('that is deleted is emptied and goes; others keep what they have', async () => {
    const { store, settle, list, apply, pods, freed } = await household(() => ({ neverEnds: true }));
    await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } });
    await settle();
    const doomed = pipelineRun('r', { tasks: [{ name: 'a', taskSpec }] });
    await apply({ ...doomed, metadata: { name: 'r', namespace: 'doomed' } }, pipelineRun('r', { tasks: [{ name: 'a', taskSpec }] }));
    await store.create(claim('c', 'doomed'));
    await settle();
    expect(Object.keys(await pods()).length).toBe(1);
    await store.delete({ kind: 'Namespace', name: 'doomed' });
    await settle();
    await settle();
    expect((await list('Namespace')).map(({ metadata }) => metadata.name)).toEqual([]);
    for (const kind of ['tekton.dev/PipelineRun', 'tekton.dev/TaskRun', 'Pod', 'Event', 'PersistentVolumeClaim']) {
      expect([kind, (await list(kind)).filter(({ metadata }) => metadata.namespace === 'doomed')]).toEqual([kind, []]);
    }
    expect([
      (await store.list('tekton.dev/PipelineRun')).items.length,
      freed,
      (await store.list('tekton.dev/TaskRun')).items.length,
    ]).toEqual([1, ['doomed/c'], 1]);
  });

  it('waits for what others hold', async () => {
    const { store, settle, advance, list } = await household();
    await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } });
    await store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'doomed', finalizers: ['a/b'] } });
    await settle();
    await store.delete({ kind: 'Namespace', name: 'doomed' });
    await advance(1_000);
    expect((await list('Namespace')).length).toBe(1);
    await store.patch({ kind: 'ConfigMap', namespace: 'doomed', name: 'm' }, { metadata: { finalizers: null } });
    await advance(1_000);
    expect(await list('Namespace')).toEqual([]);
  });
});
