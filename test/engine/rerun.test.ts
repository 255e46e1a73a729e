import { describe, expect, it } from 'vitest';
import { startClaimKeeper } from '../../src/controllers/claim-keeper.ts';
import { prepareRerun, type RerunRequest } from '../../src/main/prepare-rerun.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { pipelineRun, type Scripts, task, type World, world } from './world.ts';

const RUN = 'tekton.dev/PipelineRun';

const results = [{ name: 'r', type: 'string' }];
const taskSpec = { results, steps: [{ name: 'do', image: 'any', script: 'true' }] };
const uses = (name: string, from: string, more: object = {}) => ({
  name,
  taskSpec,
  params: [{ name: 'p', value: `$(tasks.${from}.results.r)` }],
  ...more,
});

/** What to run again, and under which name: the store names what has none at random. */
async function rerun(made: World, name: string, request: RerunRequest, as = 'new'): Promise<string> {
  const { store } = made;
  const old = await made.get(RUN, name);
  if (old === undefined) throw new Error(`no run ${name}`);
  const reader = {
    get: (kind: string, namespace: string | undefined, each: string) => store.get({ kind, namespace, name: each }),
    list: (kind: string, namespace: string | undefined, query: { readonly labelSelector: string }) =>
      store.list(kind, { namespace, ...query }),
  };
  const prepared = await prepareRerun(reader, old, request);
  if (!prepared.ok) return prepared.message;
  const { generateName: _, ...metadata } = prepared.run.metadata;
  await made.apply({ ...prepared.run, metadata: { ...metadata, name: as } });
  return `again: ${prepared.again.join(' ')}; keep: ${prepared.keep.join(' ')}`;
}

async function told(made: World, name: string): Promise<readonly string[]> {
  const run = (await made.get(RUN, name)) as Stored<PipelineRun> | undefined;
  return (run?.status?.childReferences ?? []).map((child) => `${child.kind} ${child.name}`);
}

/** Pods whose names contain one of the words fail the first time they are met. */
function failing(...words: readonly string[]): { readonly scripts: Scripts; readonly mended: Set<string> } {
  const mended = new Set<string>();
  const scripts: Scripts = (pod) => {
    const word = words.find((each) => pod.includes(each) && !mended.has(each));
    if (word !== undefined) return { exitCode: 1 };
    return { results: { r: `of ${pod}` } };
  };
  return { scripts, mended };
}

const chain = {
  tasks: [{ name: 'a', taskSpec }, uses('b', 'a'), uses('c', 'b')],
  results: [{ name: 'first', value: '$(tasks.a.results.r)' }],
};

describe('a rerun from what failed', () => {
  it('runs only that, with the results of what stays', async () => {
    const { scripts, mended } = failing('-b-');
    const made = await world(scripts);
    await made.apply(pipelineRun('old', chain));
    expect(await made.outcome(RUN, 'old')).toMatch(/^Failed: /);
    mended.add('-b-');
    expect(await rerun(made, 'old', { from: { type: 'failed' } })).toBe('again: b c; keep: a');
    expect(await made.outcome(RUN, 'new')).toBe('Succeeded: Tasks Completed: 3 (Failed: 0, Cancelled 0), Skipped: 0');
    expect(made.begun).toEqual(['old-a-pod', 'old-b-pod', 'new-b-pod', 'new-c-pod']);
    expect(await told(made, 'new')).toEqual(['TaskRun old-a', 'TaskRun new-b', 'TaskRun new-c']);
    expect((await made.get('tekton.dev/TaskRun', 'new-b'))?.['spec']).toMatchObject({ params: [{ name: 'p', value: 'of old-a-pod' }] });
    expect(((await made.get(RUN, 'new')) as Stored<PipelineRun>).status?.results).toEqual([{ name: 'first', value: 'of old-a-pod' }]);
    expect((await made.get('tekton.dev/TaskRun', 'new-b'))?.metadata.annotations ?? {}).not.toHaveProperty('tappet.dev/reuse');
  });

  it('goes on after a restart, also when the old run is gone but for what it keeps', async () => {
    let last = { neverEnds: true } as object;
    const made = await world((pod) => {
      if (pod === 'old-b-pod') return { exitCode: 1 };
      return pod === 'new-b-pod' ? last : { results: { r: pod } };
    });
    await made.apply(pipelineRun('old', chain));
    await rerun(made, 'old', { from: { type: 'failed' } });
    await made.close();
    await made.store.delete({ kind: RUN, namespace: 'default', name: 'old' }, { propagation: 'Orphan' });
    last = { results: { r: 'late' } };
    await made.start();
    await made.settle();
    expect(await made.outcome(RUN, 'new')).toMatch(/^Running: /);
    expect(made.begun).toEqual(['old-a-pod', 'old-b-pod', 'new-b-pod']);
  });

  it('goes on while it is in memory, and ends after a restart, when what it keeps is gone', async () => {
    const made = await world((pod) =>
      pod === 'old-b-pod' ? { exitCode: 1 } : pod === 'new-c-pod' ? { neverEnds: true } : { results: { r: pod } },
    );
    await made.apply(pipelineRun('old', chain));
    await rerun(made, 'old', { from: { type: 'failed' } });
    await made.store.delete({ kind: RUN, namespace: 'default', name: 'old' });
    await made.settle();
    expect(await made.outcome(RUN, 'new')).toMatch(/^Running: /);
    await made.close();
    await made.start();
    await made.settle();
    expect(await made.outcome(RUN, 'new')).toBe(
      'InvalidRerun: PipelineRun default/new cannot go on as a rerun: it keeps task "a", but TaskRun "old-a" is gone',
    );
    expect(await made.outcome('tekton.dev/TaskRun', 'new-c')).toMatch(/^TaskRunCancelled: /);
  });

  it('of a rerun keeps what that kept', async () => {
    const { scripts, mended } = failing('-b-', '-c-');
    const made = await world(scripts);
    await made.apply(pipelineRun('old', chain));
    mended.add('-b-');
    await rerun(made, 'old', { from: { type: 'failed' } }, 'second');
    mended.add('-c-');
    expect(await rerun(made, 'second', { from: { type: 'failed' } }, 'third')).toBe('again: c; keep: a b');
    expect(await told(made, 'third')).toEqual(['TaskRun old-a', 'TaskRun second-b', 'TaskRun third-c']);
    expect(await made.outcome(RUN, 'third')).toMatch(/^Succeeded: /);
  });

  it('keeps matrices and custom tasks', async () => {
    const made = await world((pod) => (pod === 'old-last-pod' ? { exitCode: 1 } : { results: { r: pod } }));
    const tasks = [
      { name: 'm', taskSpec, matrix: { params: [{ name: 'n', value: ['1', '2'] }] } },
      { name: 'custom', taskRef: { apiVersion: 'example.dev/v1', kind: 'Wait', name: 'w' } },
      {
        name: 'last',
        taskSpec,
        runAfter: ['m', 'custom'],
        params: [
          { name: 'all', value: ['$(tasks.m.results.r[*])'] },
          { name: 'x', value: '$(tasks.custom.results.x)' },
        ],
      },
    ];
    await made.apply(pipelineRun('old', { tasks }));
    const custom = (await made.get('tekton.dev/CustomRun', 'old-custom')) as Stored;
    const conditions = [{ type: 'Succeeded', status: 'True', reason: 'Done' }];
    await made.store.updateStatus({ ...custom, status: { conditions, results: [{ name: 'x', value: 'custom' }] } } as Stored);
    await made.settle();
    expect(await made.outcome(RUN, 'old')).toMatch(/^Failed: /);
    expect(await rerun(made, 'old', { from: { type: 'failed' } })).toBe('again: last; keep: m custom');
    expect(await told(made, 'new')).toEqual(['TaskRun old-m-0', 'TaskRun old-m-1', 'CustomRun old-custom', 'TaskRun new-last']);
    expect((await made.get('tekton.dev/TaskRun', 'new-last'))?.['spec']).toMatchObject({
      params: [
        { name: 'all', value: ['old-m-0-pod', 'old-m-1-pod'] },
        { name: 'x', value: 'custom' },
      ],
    });
    expect((await made.list('tekton.dev/CustomRun')).map(({ metadata }) => metadata.name)).toEqual(['old-custom']);
  });
});

describe('the workspaces of a rerun', () => {
  const template = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
  const workspaces = [{ name: 'source', volumeClaimTemplate: template }];
  const pipeline = { workspaces: [{ name: 'source' }], tasks: [task('a'), task('b', { runAfter: ['a'] })] };

  async function failedRun(): Promise<{ readonly made: World; readonly claim: KubeObject }> {
    const made = await world((pod) => (pod === 'old-b-pod' ? { exitCode: 1 } : undefined));
    await made.apply(pipelineRun('old', pipeline, { workspaces }));
    const [claim] = await made.list('PersistentVolumeClaim');
    if (claim === undefined) throw new Error('no claim');
    return { made, claim };
  }

  it('are those of the old run, whose claims then go with the last of the two', async () => {
    const { made, claim } = await failedRun();
    const { name = '' } = claim.metadata;
    await rerun(made, 'old', { from: { type: 'failed' } });
    expect((await made.list('PersistentVolumeClaim')).map(({ metadata }) => metadata.name)).toEqual([name]);
    expect(((await made.get(RUN, 'new')) as Stored<PipelineRun>).spec.workspaces).toEqual([
      { name: 'source', persistentVolumeClaim: { claimName: name } },
    ]);
    const remove = (run: string) => made.store.delete({ kind: RUN, namespace: 'default', name: run });
    await remove('old');
    expect(await made.get('PersistentVolumeClaim', name)).toBeDefined();
    await remove('new');
    expect(await made.get('PersistentVolumeClaim', name)).toBeUndefined();
  });

  it('are refused when their claim is gone, unless fresh ones will do', async () => {
    const { made, claim } = await failedRun();
    const { name = '' } = claim.metadata;
    await made.store.delete({ kind: 'PersistentVolumeClaim', namespace: 'default', name });
    expect(await rerun(made, 'old', { from: { type: 'failed' } })).toBe(
      `workspace source: its claim ${name} is gone, and with it what the tasks that are kept left there ` +
        '(--fresh-workspaces: go on with an empty one; without --from, --from-failed and --only all tasks run again)',
    );
    expect(await rerun(made, 'old', { from: { type: 'failed' }, freshWorkspaces: true })).toBe('again: b; keep: a');
    const [fresh] = await made.list('PersistentVolumeClaim');
    expect(fresh?.metadata.name).not.toBe(name);
    expect(fresh?.metadata.ownerReferences?.map((owner) => owner.name)).toEqual(['new']);
  });

  it('are fresh when all of it runs again', async () => {
    const { made } = await failedRun();
    await rerun(made, 'old', { from: { type: 'all' } });
    expect((await made.list('PersistentVolumeClaim')).length).toBe(2);
  });

  it('are kept by the keeper of claims as long as one of the runs is there', async () => {
    const { made, claim } = await failedRun();
    const keeper = await startClaimKeeper({ store: made.store, clock: made.clock, logger: silentLogger, runtime: made.runtime });
    await rerun(made, 'old', { from: { type: 'failed' } });
    expect((await made.get('PersistentVolumeClaim', claim.metadata.name ?? ''))?.['status']).toMatchObject({ phase: 'Bound' });
    await keeper.close();
  });
});

describe('fail-fast', () => {
  it('ends running siblings, and finally tasks still run', async () => {
    const made = await world((pod) => (pod.includes('bad') ? { exitCode: 1 } : pod.includes('slow') ? { neverEnds: true } : undefined));
    const run = pipelineRun('run', { tasks: [task('bad', { retries: 1 }), task('slow')], finally: [task('end')] });
    await made.apply({ ...run, metadata: { ...run.metadata, annotations: { 'tappet.dev/fail-fast': 'true' } } });
    await made.settle();
    expect(await made.outcome(RUN, 'run')).toBe('Failed: Tasks Completed: 3 (Failed: 1, Cancelled 1), Skipped: 0');
    expect(await made.outcome('tekton.dev/TaskRun', 'run-slow')).toBe(
      'TaskRunCancelled: TaskRun "run-slow" was cancelled. TaskRun cancelled as another task of the PipelineRun it belongs to has failed.',
    );
    expect(made.begun).toEqual(['run-bad-pod', 'run-slow-pod', 'run-bad-pod-retry1', 'run-end-pod']);
  });
});
