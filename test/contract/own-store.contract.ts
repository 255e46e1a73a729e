import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import type { Ids } from '../../src/ports/ids.ts';
import type { Change, Store, WatchOptions } from '../../src/ports/store.ts';
import type { KubeObject, ObjectMeta, OwnerReference, Stored } from '../../src/resources/object.ts';
import { countingIds } from '../support/counting-ids.ts';
import { ManualClock } from '../support/manual-clock.ts';

export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
}

export interface StoreUnderTest {
  /** A new, empty store that keeps at least 100 changes for watches, and no more than `keepChanges` where that is given. */
  open(facts: { clock: Clock; ids: Ids }, options?: { keepChanges?: number }): Promise<OpenedStore>;
}

export const RUN = 'tekton.dev/PipelineRun';
export const TASK_RUN = 'tekton.dev/TaskRun';

export function run(name: string, rest: { metadata?: Partial<ObjectMeta>; spec?: unknown; status?: unknown } = {}): KubeObject {
  const { metadata, ...fields } = rest;
  return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name, namespace: 'ci', ...metadata }, ...fields };
}

export function taskRun(name: string, metadata: Partial<ObjectMeta> = {}): KubeObject {
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name, namespace: 'ci', ...metadata } };
}

export function ownedBy(owner: Stored, more: Partial<OwnerReference> = {}): { ownerReferences: OwnerReference[] } {
  const { apiVersion, kind } = owner;
  return { ownerReferences: [{ apiVersion, kind, name: owner.metadata.name, uid: owner.metadata.uid, ...more }] };
}

const runKey = (name: string) => ({ kind: RUN, namespace: 'ci', name });
const taskRunKey = (name: string) => ({ kind: TASK_RUN, namespace: 'ci', name });

/** The first `count` changes of a watch, as `TYPE name@version`. */
export async function take(changes: AsyncIterable<Change>, count: number): Promise<Change[]> {
  const taken: Change[] = [];
  if (count === 0) return taken;
  for await (const change of changes) {
    taken.push(change);
    if (taken.length === count) break;
  }
  return taken;
}

export const brief = ({ type, object }: Change) => `${type} ${object.metadata.name}@${object.metadata.resourceVersion}`;
const names = (list: { items: readonly Stored[] }) => list.items.map((item) => item.metadata.name);

/** What our own stores promise besides what every store does (`store.contract.ts`): to the version, to the write, in which order. */
export function ownStoreContract(name: string, subject: StoreUnderTest): void {
  describe(`store of our own: ${name}`, () => {
    let clock: ManualClock;
    let opened: OpenedStore;
    let store: Store;

    beforeEach(async () => {
      clock = new ManualClock(Date.UTC(2026, 10, 23, 12, 0, 0, 750));
      opened = await subject.open({ clock, ids: countingIds() });
      store = opened.store;
    });
    afterEach(async () => {
      await opened.close();
    });

    describe('create', () => {
      it('fills what the server owns and keeps the rest, status included', async () => {
        const created = await store.create(
          run('build', {
            metadata: {
              labels: { app: 'x' },
              uid: 'mine',
              resourceVersion: '99',
              generation: 7,
              deletionTimestamp: '2020-01-01T00:00:00Z',
            },
            spec: { params: [] },
            status: { phase: 'new' },
          }),
        );
        const expected = {
          apiVersion: 'tekton.dev/v1',
          kind: 'PipelineRun',
          metadata: {
            name: 'build',
            namespace: 'ci',
            labels: { app: 'x' },
            uid: '00000000-0000-4000-8000-000000000001',
            resourceVersion: '1',
            generation: 1,
            creationTimestamp: '2026-11-23T12:00:00Z',
          },
          spec: { params: [] },
          status: { phase: 'new' },
        };
        expect(created).toEqual(expected);
        expect(await store.get(runKey('build'))).toEqual(expected);
      });

      it('refuses a name that is taken, and takes it in another namespace and kind', async () => {
        await store.create(run('build'));
        await expect(store.create(run('build'))).rejects.toMatchObject({
          code: 'AlreadyExists',
          message: 'tekton.dev/PipelineRun ci/build already exists',
        });
        await store.create(run('build', { metadata: { namespace: 'other' } }));
        await store.create(taskRun('build'));
        await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'build' } });
        expect(await store.get({ kind: 'Namespace', name: 'build' })).toMatchObject({ metadata: { name: 'build', resourceVersion: '4' } });
      });

      it('knows one object under every version of its group', async () => {
        await store.create(run('build'));
        await expect(store.create({ ...run('build'), apiVersion: 'tekton.dev/v1beta1' })).rejects.toMatchObject({ code: 'AlreadyExists' });
      });

      it('makes names from generateName: 58 characters of it and five more, and steps past a taken one', async () => {
        const long = 'x'.repeat(80);
        const generated = () => ({ ...run('y'), metadata: { generateName: long, namespace: 'ci' } });
        await store.create(run(`${'x'.repeat(58)}bbbbb`));
        const first = await store.create(generated());
        const second = await store.create(generated());
        expect([first, second].map((made) => made.metadata.name)).toEqual([`${'x'.repeat(58)}bbbbc`, `${'x'.repeat(58)}bbbbd`]);
        expect(first.metadata.generateName).toBe(long);
      });

      it.each([
        ['no name', { namespace: 'ci' }, 'metadata.name: name or generateName is required'],
        ['a name with a slash', { name: 'a/b' }, 'metadata.name: "a/b" is not a name'],
        ['a name with NUL', { name: 'a\0b' }, 'is not a name'],
        ['a label that is no string', { name: 'a', labels: { x: 1 } as never }, 'metadata.labels: expected an object of strings'],
        ['an owner without uid', { name: 'a', ownerReferences: [{ kind: 'x' }] as never }, 'metadata.ownerReferences: expected'],
      ])('refuses %s', async (_, metadata, message) => {
        await expect(store.create({ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata })).rejects.toMatchObject({
          code: 'Invalid',
          message: expect.stringContaining(message),
        });
      });

      it('refuses what JSON cannot hold, with its path', async () => {
        await expect(store.create(run('a', { spec: { list: [1, Number.NaN] } }))).rejects.toMatchObject({
          code: 'Invalid',
          message: 'spec.list.1: NaN is not a number JSON can hold',
        });
        await expect(store.create(run('a', { spec: new Map() }))).rejects.toMatchObject({
          code: 'Invalid',
          message: 'spec: a Map cannot be stored',
        });
        let deep: unknown = 1;
        for (let i = 0; i < 5_000; i++) deep = [deep];
        await expect(store.create(run('a', { spec: deep }))).rejects.toMatchObject({ code: 'Invalid' });
      });

      it('keeps hostile keys and texts as plain data', async () => {
        const spec = JSON.parse('{"__proto__": {"polluted": true}, "constructor": "c", "text": "a\\u0000b\\ud800 \\u2028 😀"}') as unknown;
        await store.create(run('a', { spec }));
        const read = await store.get(runKey('a'));
        expect(JSON.stringify(read?.['spec'])).toBe(JSON.stringify(spec));
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      });
    });

    describe('what is handed out', () => {
      it('cannot be changed, and later changes to what was handed in do not show', async () => {
        const spec = { params: [{ name: 'a' }] };
        const pending = store.create(run('build', { spec }));
        spec.params.push({ name: 'b' });
        const created = await pending;
        spec.params.push({ name: 'c' });
        expect(() => (created['spec'] as typeof spec).params.push({ name: 'd' })).toThrow(TypeError);
        expect((await store.get(runKey('build')))?.['spec']).toEqual({ params: [{ name: 'a' }] });
      });
    });

    describe('update', () => {
      it('changes all but status, and counts a generation only for more than metadata', async () => {
        const created = await store.create(run('build', { spec: { a: 1 }, status: { s: 1 } }));
        const labelled = await store.update({ ...created, metadata: { ...created.metadata, labels: { x: 'y' } }, status: { s: 2 } });
        expect(labelled).toEqual({ ...created, metadata: { ...created.metadata, labels: { x: 'y' }, resourceVersion: '2' } });
        const changed = await store.update({ ...labelled, spec: { a: 2 } });
        expect(changed).toEqual({ ...labelled, spec: { a: 2 }, metadata: { ...labelled.metadata, resourceVersion: '3', generation: 2 } });
        expect(await store.get(runKey('build'))).toEqual(changed);
        const { spec: _, ...without } = changed;
        expect(await store.update(without)).toEqual({ ...without, metadata: { ...changed.metadata, resourceVersion: '4', generation: 3 } });
      });

      it('refuses an old version and another uid; overwrites without a version', async () => {
        const created = await store.create(run('build', { spec: 1 }));
        await store.update({ ...created, spec: 2 });
        await expect(store.update({ ...created, spec: 3 })).rejects.toMatchObject({
          code: 'Conflict',
          message:
            'tekton.dev/PipelineRun ci/build: resourceVersion 1 was expected, but it is 2: somebody else changed it; read it again and repeat the change',
        });
        await expect(store.update(run('build', { metadata: { uid: 'other' } }))).rejects.toMatchObject({ code: 'Conflict' });
        expect(await store.update(run('build', { spec: 4 }))).toMatchObject({
          spec: 4,
          metadata: { uid: created.metadata.uid, resourceVersion: '3' },
        });
        await expect(store.update(run('none'))).rejects.toMatchObject({
          code: 'NotFound',
          message: 'tekton.dev/PipelineRun ci/none not found',
        });
      });

      it('keeps what the server owns', async () => {
        const created = await store.create(run('build'));
        const metadata = {
          ...created.metadata,
          generation: 9,
          creationTimestamp: '2000-01-01T00:00:00Z',
          deletionTimestamp: '2000-01-01T00:00:00Z',
        };
        expect(await store.update({ ...created, metadata })).toEqual(created);
      });

      it('two writers of one version: one wins', async () => {
        const created = await store.create(run('build'));
        const outcomes = await Promise.allSettled([1, 2].map((spec) => store.update({ ...created, spec })));
        expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
        expect((await store.get(runKey('build')))?.['spec']).toBe(1);
      });

      it('is no write when nothing changes, whatever the order of keys', async () => {
        const created = await store.create(run('build', { spec: { a: 1, b: [{ c: 2, d: undefined }] }, status: { x: 1, y: 2 } }));
        const changes = store.watch(RUN);
        expect(await store.update(run('build', { spec: { b: [{ c: 2 }], a: 1 } }))).toEqual(created);
        expect(await store.updateStatus(run('build', { status: { y: 2, x: 1 } }))).toEqual(created);
        expect(await store.patch(runKey('build'), { spec: { a: 1, gone: null } })).toEqual(created);
        await store.create(run('next'));
        expect((await take(changes, 1)).map(brief)).toEqual(['ADDED next@2']);
      });
    });

    describe('updateStatus', () => {
      it('changes only status, without a generation', async () => {
        const created = await store.create(run('build', { spec: 1 }));
        const updated = await store.updateStatus({
          ...created,
          spec: 2,
          metadata: { ...created.metadata, labels: { no: 'no' } },
          status: { done: true },
        });
        expect(updated).toEqual({ ...created, status: { done: true }, metadata: { ...created.metadata, resourceVersion: '2' } });
        await expect(store.updateStatus({ ...created, status: {} })).rejects.toMatchObject({ code: 'Conflict' });
        expect(await store.updateStatus({ ...updated, status: undefined })).toEqual({
          ...created,
          metadata: { ...created.metadata, resourceVersion: '3' },
        });
      });
    });

    describe('patch', () => {
      it('merges all but status, or status alone', async () => {
        const created = await store.create(
          run('build', { metadata: { labels: { a: '1', b: '2' } }, spec: { keep: 1, drop: 2, list: [1, 2] }, status: { s: 1 } }),
        );
        const patched = await store.patch(runKey('build'), {
          metadata: { labels: { a: null, c: '3' } },
          spec: { drop: null, list: [3], add: { x: null, y: 1 } },
          status: { s: 9 },
        });
        expect(patched).toEqual({
          ...created,
          metadata: { ...created.metadata, labels: { b: '2', c: '3' }, resourceVersion: '2', generation: 2 },
          spec: { keep: 1, list: [3], add: { y: 1 } },
        });
        expect(await store.patch(runKey('build'), { spec: { keep: 9 }, status: { t: 2 } }, { subresource: 'status' })).toEqual({
          ...patched,
          metadata: { ...patched.metadata, resourceVersion: '3' },
          status: { s: 1, t: 2 },
        });
      });

      it('honours a resourceVersion, and refuses to rename', async () => {
        await store.create(run('build'));
        await expect(store.patch(runKey('build'), { metadata: { resourceVersion: '7' } })).rejects.toMatchObject({ code: 'Conflict' });
        await expect(store.patch(runKey('build'), { metadata: { name: 'other' } })).rejects.toMatchObject({ code: 'Invalid' });
        await expect(store.patch(runKey('build'), { metadata: null })).rejects.toMatchObject({ code: 'Invalid' });
        await expect(store.patch(runKey('none'), {})).rejects.toMatchObject({ code: 'NotFound' });
      });
    });

    describe('delete', () => {
      it('gives the last state under the version of the deletion; of nothing, undefined', async () => {
        const created = await store.create(run('build'));
        expect(await store.delete(runKey('build'))).toEqual({ ...created, metadata: { ...created.metadata, resourceVersion: '2' } });
        expect(await store.get(runKey('build'))).toBeUndefined();
        expect(await store.delete(runKey('build'))).toBeUndefined();
        expect((await store.create(run('build'))).metadata).toMatchObject({
          resourceVersion: '3',
          uid: '00000000-0000-4000-8000-000000000002',
        });
      });

      it('honours preconditions', async () => {
        const created = await store.create(run('build'));
        await expect(store.delete(runKey('build'), { uid: 'other' })).rejects.toMatchObject({ code: 'Conflict' });
        await expect(store.delete(runKey('build'), { resourceVersion: '7' })).rejects.toMatchObject({ code: 'Conflict' });
        await store.delete(runKey('build'), { uid: created.metadata.uid, resourceVersion: '1' });
        expect(await store.get(runKey('build'))).toBeUndefined();
      });

      it('waits for finalizers', async () => {
        await store.create(run('build', { metadata: { finalizers: ['a', 'b'] } }));
        const changes = store.watch(RUN);
        const terminating = await store.delete(runKey('build'));
        expect(terminating?.metadata).toMatchObject({
          deletionTimestamp: '2026-11-23T12:00:00Z',
          deletionGracePeriodSeconds: 0,
          generation: 1,
        });
        clock.advance(5_000);
        expect(await store.delete(runKey('build'))).toEqual(terminating);
        await expect(store.patch(runKey('build'), { metadata: { finalizers: ['a', 'b', 'c'] } })).rejects.toMatchObject({
          code: 'Invalid',
        });
        await store.patch(runKey('build'), { metadata: { finalizers: ['a'] } });
        const last = await store.patch(runKey('build'), { metadata: { finalizers: [] } });
        expect(last.metadata.resourceVersion).toBe('4');
        expect(await store.get(runKey('build'))).toBeUndefined();
        expect((await take(changes, 3)).map(brief)).toEqual(['MODIFIED build@2', 'MODIFIED build@3', 'DELETED build@4']);
      });
    });

    describe('garbage collection', () => {
      it('Background: what was owned goes too, all the way down, and the owner first', async () => {
        const owner = await store.create(run('build'));
        const child = await store.create(run('child', { metadata: ownedBy(owner) }));
        await store.create(run('grandchild', { metadata: ownedBy(child) }));
        await store.create(run('stranger'));
        const changes = store.watch(RUN);
        await store.delete(runKey('build'));
        expect(names(await store.list(RUN))).toEqual(['stranger']);
        expect((await take(changes, 3)).map(brief)).toEqual(['DELETED build@5', 'DELETED child@6', 'DELETED grandchild@7']);
      });

      it('a dependent with another living owner stays and loses the reference', async () => {
        const [a, b] = [await store.create(run('a')), await store.create(run('b'))];
        await store.create(taskRun('t', { ownerReferences: [...ownedBy(a).ownerReferences, ...ownedBy(b).ownerReferences] }));
        await store.delete(runKey('a'));
        expect((await store.get(taskRunKey('t')))?.metadata.ownerReferences).toEqual(ownedBy(b).ownerReferences);
        await store.delete(runKey('b'));
        expect(await store.get(taskRunKey('t'))).toBeUndefined();
      });

      it('a dependent with finalizers is marked and goes later', async () => {
        const owner = await store.create(run('build'));
        await store.create(taskRun('t', { ...ownedBy(owner), finalizers: ['x'] }));
        await store.delete(runKey('build'));
        expect((await store.get(taskRunKey('t')))?.metadata.deletionTimestamp).toBe('2026-11-23T12:00:00Z');
        await store.patch(taskRunKey('t'), { metadata: { finalizers: null } });
        expect(await store.get(taskRunKey('t'))).toBeUndefined();
      });

      it('Orphan: dependents stay, without the reference', async () => {
        const owner = await store.create(run('build'));
        const child = await store.create(taskRun('t', ownedBy(owner)));
        await store.delete(runKey('build'), { propagation: 'Orphan' });
        const { ownerReferences: _, ...metadata } = child.metadata;
        expect(await store.get(taskRunKey('t'))).toEqual({ ...child, metadata: { ...metadata, resourceVersion: '3' } });
      });

      it('Foreground: dependents first, then the owner', async () => {
        const owner = await store.create(run('build'));
        await store.create(run('child', { metadata: ownedBy(owner, { blockOwnerDeletion: true }) }));
        const changes = store.watch(RUN);
        await store.delete(runKey('build'), { propagation: 'Foreground' });
        expect((await take(changes, 4)).map(brief)).toEqual(['MODIFIED build@3', 'DELETED child@4', 'MODIFIED build@5', 'DELETED build@6']);
        expect(names(await store.list(RUN))).toEqual([]);
      });

      it('Foreground: an owner waits for a blocking dependent that finalizers hold', async () => {
        const owner = await store.create(run('build'));
        await store.create(taskRun('t', { ...ownedBy(owner, { blockOwnerDeletion: true }), finalizers: ['x'] }));
        const waiting = await store.delete(runKey('build'), { propagation: 'Foreground' });
        expect(waiting?.metadata).toMatchObject({ finalizers: ['foregroundDeletion'], deletionTimestamp: '2026-11-23T12:00:00Z' });
        expect(names(await store.list(RUN))).toEqual(['build']);
        await store.patch(taskRunKey('t'), { metadata: { finalizers: null } });
        expect(names(await store.list(RUN))).toEqual([]);
      });

      it('Foreground: an owner whose dependents all have other owners goes at once', async () => {
        const [a, b] = [await store.create(run('a')), await store.create(run('b'))];
        await store.create(
          taskRun('t', { ownerReferences: [...ownedBy(a, { blockOwnerDeletion: true }).ownerReferences, ...ownedBy(b).ownerReferences] }),
        );
        await store.delete(runKey('a'), { propagation: 'Foreground' });
        expect(names(await store.list(RUN))).toEqual(['b']);
        expect(names(await store.list(TASK_RUN))).toEqual(['t']);
      });

      it.each([1, 2, 3])('Foreground: a circle of %i owners goes', async (length) => {
        const made: Stored[] = [];
        for (let i = 0; i < length; i++) made.push(await store.create(run(`r${i}`)));
        for (const [i, object] of made.entries()) {
          const owner = made[(i + 1) % length];
          if (owner !== undefined)
            await store.patch(runKey(object.metadata.name), { metadata: ownedBy(owner, { blockOwnerDeletion: true }) });
        }
        await store.delete(runKey('r0'), { propagation: 'Foreground' });
        expect(names(await store.list(RUN))).toEqual([]);
      });

      it('an object whose owner is gone, or was never there under that uid, goes at once', async () => {
        const owner = await store.create(run('build'));
        const late = taskRun('late', ownedBy(owner));
        await store.create(taskRun('foreign', { ownerReferences: [{ ...ownedBy(owner).ownerReferences[0]!, uid: 'another' }] }));
        await store.delete(runKey('build'));
        const changes = store.watch(TASK_RUN);
        expect((await store.create(late)).metadata.name).toBe('late');
        expect(names(await store.list(TASK_RUN))).toEqual([]);
        expect((await take(changes, 2)).map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
      });

      it('owners may be cluster-scoped, may own in circles, and in long chains', async () => {
        const namespace = await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } });
        let last: Stored = await store.create(run('c0', { metadata: ownedBy(namespace) }));
        for (let i = 1; i < 100; i++) last = await store.create(run(`c${i}`, { metadata: ownedBy(last) }));
        const references = [...ownedBy(namespace).ownerReferences, ...ownedBy(last).ownerReferences];
        await store.patch(runKey('c0'), { metadata: { ownerReferences: references } });
        await store.delete(runKey('c7'));
        expect((await store.list(RUN)).items).toHaveLength(7);
        await store.delete({ kind: 'Namespace', name: 'ns' });
        expect((await store.list(RUN)).items).toEqual([]);
      });
    });

    describe('list', () => {
      const seed = async () => {
        for (const [namespace, name, labels] of [
          ['b', 'r1', { app: 'web', tier: 'front' }],
          ['a', 'r2', { app: 'web' }],
          ['a', 'r10', { app: 'api', 'tekton.dev/pipelineRun': 'p' }],
          ['b', 'r3', {}],
          ['a', 'r4', { 'tekton.dev/pipelineRun': 'p', n: '7' }],
        ] as const) {
          await store.create(run(name, { metadata: { namespace, labels }, spec: { serviceAccountName: `sa-${name}`, on: true } }));
        }
      };

      it('is ordered by namespace and name, within one namespace or all, with the version to watch from', async () => {
        await seed();
        expect(names(await store.list(RUN))).toEqual(['r10', 'r2', 'r4', 'r1', 'r3']);
        expect(names(await store.list(RUN, { namespace: 'b' }))).toEqual(['r1', 'r3']);
        expect(await store.list(TASK_RUN)).toEqual({ items: [], resourceVersion: '5' });
      });

      it.each([
        ['app=web', ['r2', 'r1']],
        ['app==web,tier!=front', ['r2']],
        ['app in (web, api)', ['r10', 'r2', 'r1']],
        ['app notin (web)', ['r10', 'r4', 'r3']],
        ['app', ['r10', 'r2', 'r1']],
        ['!app', ['r4', 'r3']],
        ['! app , n', ['r4']],
        ['n>6', ['r4']],
        ['n<7', []],
        ['tekton.dev/pipelineRun=p', ['r10', 'r4']],
        ['tekton.dev/pipelineRun=p,app=api', ['r10']],
        ['tekton.dev/pipelineRun in (p,q)', ['r10', 'r4']],
        ['app=', []],
        ['', ['r10', 'r2', 'r4', 'r1', 'r3']],
      ])('label selector %j', async (labelSelector, expected) => {
        await seed();
        expect(names(await store.list(RUN, { labelSelector }))).toEqual(expected);
      });

      it.each([
        ['metadata.name=r1', ['r1']],
        ['metadata.name!=r1,metadata.namespace=b', ['r3']],
        ['metadata.namespace==a,metadata.name=r4', ['r4']],
        ['spec.serviceAccountName=sa-r2', ['r2']],
        ['spec.on=true,spec.missing=', ['r10', 'r2', 'r4', 'r1', 'r3']],
        ['spec=x', []],
      ])('field selector %j', async (fieldSelector, expected) => {
        await seed();
        expect(names(await store.list(RUN, { fieldSelector }))).toEqual(expected);
      });

      it.each([
        [{ labelSelector: 'a b' }, 'label selector "a b"'],
        [{ labelSelector: 'a in (b' }, 'label selector'],
        [{ labelSelector: '=x' }, 'label selector'],
        [{ fieldSelector: 'name' }, 'field selector "name"'],
        [{ continue: 'rubbish' }, 'continue: not a token of this store'],
      ])('refuses %j', async (options, message) => {
        await expect(store.list(RUN, options)).rejects.toMatchObject({ code: 'Invalid', message: expect.stringContaining(message) });
      });

      it('goes page by page, under the version of the first page', async () => {
        await seed();
        const first = await store.list(RUN, { limit: 2 });
        expect(first).toMatchObject({ resourceVersion: '5', remainingItemCount: 3 });
        await store.delete({ kind: RUN, namespace: 'a', name: 'r2' });
        const second = await store.list(RUN, { limit: 2, continue: first.continue });
        const third = await store.list(RUN, { limit: 2, continue: second.continue });
        expect([first, second, third].map(names)).toEqual([['r10', 'r2'], ['r4', 'r1'], ['r3']]);
        expect([second.resourceVersion, third.resourceVersion, third.continue]).toEqual(['5', '5', undefined]);
        const labelled = await store.list(RUN, { limit: 1, labelSelector: 'tekton.dev/pipelineRun' });
        expect(names(labelled)).toEqual(['r10']);
        expect(names(await store.list(RUN, { limit: 1, labelSelector: 'tekton.dev/pipelineRun', continue: labelled.continue }))).toEqual([
          'r4',
        ]);
        const indexed = await store.list(RUN, { limit: 1, labelSelector: 'tekton.dev/pipelineRun=p' });
        expect(names(await store.list(RUN, { labelSelector: 'tekton.dev/pipelineRun=p', continue: indexed.continue }))).toEqual(['r4']);
        expect(indexed.remainingItemCount).toBeUndefined();
        expect((await store.list(RUN, { limit: 4 })).continue).toBeUndefined();
      });
    });

    describe('watch', () => {
      const watch = (options?: WatchOptions) => store.watch(RUN, options);

      it('yields every later change of the kind in commit order', async () => {
        await store.create(run('before'));
        const changes = watch();
        const a = await store.create(run('a'));
        await store.create(taskRun('other-kind'));
        await Promise.all([store.create(run('b')), store.update({ ...a, spec: 1 }), store.delete(runKey('before'))]);
        const seen = await take(changes, 4);
        expect(seen.map(brief)).toEqual(['ADDED a@2', 'ADDED b@4', 'MODIFIED a@5', 'DELETED before@6']);
        expect(seen[2]?.object['spec']).toBe(1);
      });

      it('wakes up a reader that waits', async () => {
        const first = take(watch(), 1);
        await store.create(run('a'));
        expect((await first).map(brief)).toEqual(['ADDED a@1']);
      });

      it('continues from a version: everything after a list and nothing of it', async () => {
        const a = await store.create(run('a'));
        const list = await store.list(RUN);
        await store.update({ ...a, spec: 1 });
        await store.update(run('a', { spec: 2 }));
        await store.delete(runKey('a'));
        const seen = await take(watch({ resourceVersion: list.resourceVersion }), 3);
        expect(seen.map(brief)).toEqual(['MODIFIED a@2', 'MODIFIED a@3', 'DELETED a@4']);
        expect(seen.map(({ object }) => object['spec'])).toEqual([1, 2, 2]);
      });

      it('heeds the namespace, and shows objects that begin or cease to match as added or deleted', async () => {
        const changes = watch({ namespace: 'ci', labelSelector: 'on=yes', fieldSelector: 'spec.n!=3' });
        await store.create(run('a', { spec: { n: 1 } }));
        await store.patch(runKey('a'), { metadata: { labels: { on: 'yes' } } });
        await store.patch(runKey('a'), { spec: { n: 2 } });
        await store.patch(runKey('a'), { spec: { n: 3 } });
        await store.create(run('a', { metadata: { namespace: 'elsewhere', labels: { on: 'yes' } } }));
        await store.patch(runKey('a'), { spec: { n: 4 } });
        await store.delete(runKey('a'));
        const seen = await take(changes, 5);
        expect(seen.map(brief)).toEqual(['ADDED a@2', 'MODIFIED a@3', 'DELETED a@4', 'ADDED a@6', 'DELETED a@7']);
        expect(seen[2]?.object['spec']).toEqual({ n: 2 });
      });

      it('is Gone for a version that is no longer kept, or that never was', async () => {
        const small = await subject.open({ clock, ids: countingIds() }, { keepChanges: 100 });
        const lagging = small.store.watch(RUN)[Symbol.asyncIterator]();
        await Promise.all(Array.from({ length: 500 }, (_, i) => small.store.create(run(`r${i}`))));
        const gone = { code: 'Gone', message: expect.stringContaining('list again') };
        await expect(take(small.store.watch(RUN, { resourceVersion: '3' }), 1)).rejects.toMatchObject(gone);
        await expect(lagging.next()).rejects.toMatchObject(gone);
        await expect(take(small.store.watch(RUN, { resourceVersion: '501' }), 1)).rejects.toMatchObject(gone);
        await expect(take(small.store.watch(RUN, { resourceVersion: 'x' }), 1)).rejects.toMatchObject({ code: 'Invalid' });
        expect((await take(small.store.watch(RUN, { resourceVersion: '410' }), 90)).map(brief).at(-1)).toBe('ADDED r499@500');
        await small.close();
      });

      it('a slow reader does not lose what is still kept', async () => {
        const iterator = watch()[Symbol.asyncIterator]();
        for (let i = 0; i < 90; i++) await store.create(run(`r${i}`));
        const seen = await take({ [Symbol.asyncIterator]: () => iterator }, 90);
        expect(seen.map(brief)).toEqual(Array.from({ length: 90 }, (_, i) => `ADDED r${i}@${i + 1}`));
      });
    });

    it('writes of one turn succeed and fail each on its own', async () => {
      await store.create(run('taken'));
      const outcomes = await Promise.allSettled([
        store.create(run('a')),
        store.create(run('taken')),
        store.update(run('none')),
        store.create(run('b')),
      ]);
      expect(
        outcomes.map((outcome) =>
          outcome.status === 'fulfilled' ? outcome.value.metadata.name : (outcome.reason as { code: string }).code,
        ),
      ).toEqual(['a', 'AlreadyExists', 'NotFound', 'b']);
      expect(names(await store.list(RUN))).toEqual(['a', 'b', 'taken']);
    });
  });
}
