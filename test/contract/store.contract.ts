import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Store, WatchOptions } from '../../src/ports/store.ts';
import type { KubeObject, ObjectMeta, OwnerReference, Stored } from '../../src/resources/object.ts';

export interface StoreInUse {
  readonly store: Store;
  /** Two that are there and empty, in the order of their names. */
  readonly namespaces: readonly [string, string];
  close(): Promise<void>;
}

export interface AnyStore {
  /** Nothing of the kinds of this suite is in the namespaces it gives. */
  open(): Promise<StoreInUse>;
  /** A version that is no longer kept, or never was: a watch from it is `Gone`. */
  readonly goneVersion: string;
}

const RUN = 'tekton.dev/CustomRun';
const CONFIG = 'ConfigMap';

/** Of all kinds the one whose content is anybody's, so that every API server keeps it as it is. */
const contentOf = (object: Stored | undefined): unknown => {
  const spec = object?.['spec'] as { readonly customSpec?: { readonly spec?: unknown } } | undefined;
  return spec?.customSpec?.spec;
};
const specOf = (content: object) => ({
  customSpec: { apiVersion: 'example.dev/v1', kind: 'Example', metadata: {}, spec: content },
  serviceAccountName: 'default',
});
const statusOf = (extra: object) => ({ extraFields: extra });
const brief = ({ type, object }: Change): string => `${type} ${object.metadata.name}`;
const names = (list: { readonly items: readonly Stored[] }): readonly string[] => list.items.map(({ metadata }) => metadata.name);
const versionless = ({ resourceVersion: _, ...metadata }: ObjectMeta): ObjectMeta => metadata;

function ownedBy(owner: Stored, more: Partial<OwnerReference> = {}): { ownerReferences: OwnerReference[] } {
  const { apiVersion, kind, metadata } = owner;
  return { ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, ...more }] };
}

async function take(changes: AsyncIterable<Change>, count: number): Promise<readonly Change[]> {
  const taken: Change[] = [];
  for await (const change of changes) if (taken.push(change) === count) break;
  return taken;
}

/**
 * What every store promises, a cluster's API server included: versions are opaque there, uids its own, and what an object owned goes when its collector
 * comes by. What ours promise besides is in `own-store.contract.ts`.
 */
export function storeContract(name: string, subject: AnyStore): void {
  describe(`any store: ${name}`, () => {
    let opened: StoreInUse;
    let store: Store;
    let ci: string;
    let other: string;

    beforeEach(async () => {
      opened = await subject.open();
      store = opened.store;
      [ci, other] = opened.namespaces;
    });
    afterEach(async () => {
      await opened.close();
    });

    interface Parts {
      readonly content?: object;
      readonly status?: object;
      readonly metadata?: Partial<ObjectMeta>;
    }
    const run = (runName: string, { content = {}, status, metadata }: Parts = {}): KubeObject => ({
      apiVersion: 'tekton.dev/v1beta1',
      kind: 'CustomRun',
      metadata: { name: runName, namespace: ci, ...metadata },
      spec: specOf(content),
      ...(status !== undefined && { status: statusOf(status) }),
    });
    const config = (configName: string, metadata: Partial<ObjectMeta> = {}): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: configName, namespace: ci, ...metadata },
    });
    const key = (objectName: string, kind = RUN) => ({ kind, namespace: ci, name: objectName });
    const gone = (objectName: string, kind = RUN) =>
      expect.poll(() => store.get(key(objectName, kind)), { timeout: 30_000, interval: 20 }).toBeUndefined();

    describe('create', () => {
      it('fills what the server owns and keeps the rest, status included', async () => {
        const owned = { uid: 'mine', resourceVersion: '99', generation: 7, deletionTimestamp: '2020-01-01T00:00:00Z' };
        const created = await store.create(
          run('build', {
            content: { a: [1, 'b'] },
            status: { s: 1 },
            metadata: { labels: { app: 'x' }, annotations: { y: 'z' }, ...owned },
          }),
        );
        expect(created).toEqual({
          ...run('build', { content: { a: [1, 'b'] }, status: { s: 1 } }),
          metadata: {
            name: 'build',
            namespace: ci,
            labels: { app: 'x' },
            annotations: { y: 'z' },
            uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
            resourceVersion: expect.stringMatching(/^\d+$/),
            generation: 1,
            creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          },
        });
        expect(await store.get(key('build'))).toEqual(created);
        expect(await store.get(key('none'))).toBeUndefined();
      });

      it('refuses a name that is taken, and takes it in another namespace and kind', async () => {
        await store.create(run('build'));
        await expect(store.create(run('build'))).rejects.toMatchObject({
          code: 'AlreadyExists',
          message: expect.stringMatching(/build"? already exists/),
        });
        await store.create(run('build', { metadata: { namespace: other } }));
        await store.create(config('build'));
        expect(await store.get({ kind: 'Namespace', name: ci })).toMatchObject({ kind: 'Namespace', metadata: { name: ci } });
      });

      it('makes names from generateName', async () => {
        const generated = () => ({ ...run('y'), metadata: { generateName: 'made-', namespace: ci } });
        const [first, second] = [await store.create(generated()), await store.create(generated())];
        expect(first.metadata).toMatchObject({ generateName: 'made-', name: expect.stringMatching(/^made-[a-z0-9]{5}$/) });
        expect(second.metadata.name).not.toBe(first.metadata.name);
      });

      it.each([
        ['no name', {}],
        ['a name with a slash', { name: 'a/b' }],
        ['a label that is no string', { name: 'a', labels: { x: 1 } as never }],
        ['an owner without uid', { name: 'a', ownerReferences: [{ kind: 'x' }] as never }],
      ])('refuses %s', async (_, metadata) => {
        const object = { ...run('x'), metadata: { namespace: ci, ...metadata } };
        await expect(store.create(object)).rejects.toMatchObject({ code: 'Invalid' });
      });

      it('refuses what JSON cannot hold', async () => {
        for (const content of [{ n: Number.NaN }, { m: new Map() }])
          await expect(store.create(run('a', { content }))).rejects.toMatchObject({ code: 'Invalid' });
      });

      it('keeps hostile keys and texts as plain data', async () => {
        const content = JSON.parse('{"constructor": "c", "hasOwnProperty": {"polluted": true}, "text": "a\\u0000b \\u2028 😀"}') as object;
        await store.create(run('a', { content }));
        expect(JSON.parse(JSON.stringify(contentOf(await store.get(key('a')))))).toEqual(content);
      });

      it('takes the object as it is at the call', async () => {
        const content = { list: [1] };
        const pending = store.create(run('build', { content }));
        content.list.push(2);
        await pending;
        expect(contentOf(await store.get(key('build')))).toEqual({ list: [1] });
      });
    });

    describe('update', () => {
      it('changes all but status, and counts a generation only for more than metadata', async () => {
        const created = await store.create(run('build', { content: { a: 1 }, status: { s: 1 } }));
        const metadata = { ...created.metadata, labels: { x: 'y' } };
        const labelled = await store.update({ ...created, metadata, status: statusOf({ s: 2 }) });
        expect(labelled).toEqual({ ...created, metadata: { ...metadata, resourceVersion: labelled.metadata.resourceVersion } });
        const changed = await store.update({ ...labelled, spec: specOf({ a: 2 }) });
        expect(changed.metadata.generation).toBe((created.metadata.generation ?? 0) + 1);
        expect(changed).toMatchObject({ spec: specOf({ a: 2 }), status: statusOf({ s: 1 }) });
        expect(await store.get(key('build'))).toEqual(changed);
      });

      it('refuses an old version and another uid; overwrites without a version', async () => {
        const created = await store.create(run('build', { content: { n: 1 } }));
        await store.update({ ...created, spec: specOf({ n: 2 }) });
        await expect(store.update({ ...created, spec: specOf({ n: 3 }) })).rejects.toMatchObject({ code: 'Conflict' });
        await expect(store.update(run('build', { metadata: { uid: 'other' } }))).rejects.toMatchObject({ code: 'Conflict' });
        const overwritten = await store.update(run('build', { content: { n: 4 } }));
        expect(overwritten).toMatchObject({ spec: specOf({ n: 4 }), metadata: { uid: created.metadata.uid } });
        await expect(store.update(run('none'))).rejects.toMatchObject({ code: 'NotFound' });
      });

      it('keeps what the server owns', async () => {
        const created = await store.create(run('build'));
        const owned = { generation: 9, creationTimestamp: '2000-01-01T00:00:00Z', deletionTimestamp: '2000-01-01T00:00:00Z' };
        expect(await store.update({ ...created, metadata: { ...created.metadata, ...owned } })).toEqual(created);
      });

      it('of two writers of one version one wins; without a version both do', async () => {
        const created = await store.create(run('build'));
        const outcomes = await Promise.allSettled([1, 2].map((n) => store.update({ ...created, spec: specOf({ n }) })));
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        await Promise.all([3, 4, 5].map((n) => store.update(run('build', { content: { n } }))));
        expect([3, 4, 5].map((n) => ({ n }))).toContainEqual(contentOf(await store.get(key('build'))));
      });

      it('is no write when nothing changes, whatever the order of keys', async () => {
        const created = await store.create(run('build', { content: { a: 1, b: [{ c: 2 }] }, status: { x: 1, y: 2 } }));
        const changes = store.watch(RUN, { namespace: ci });
        expect(await store.update(run('build', { content: { b: [{ c: 2 }], a: 1 } }))).toEqual(created);
        expect(await store.updateStatus(run('build', { status: { y: 2, x: 1 } }))).toEqual(created);
        expect(await store.patch(key('build'), { spec: { customSpec: { spec: { a: 1, gone: null } } } })).toEqual(created);
        await store.create(run('next'));
        expect((await take(changes, 1)).map(brief)).toEqual(['ADDED next']);
      });

      it('of status changes only status, without a generation', async () => {
        const created = await store.create(run('build', { content: { n: 1 } }));
        const updated = await store.updateStatus({
          ...created,
          spec: specOf({ n: 2 }),
          metadata: { ...created.metadata, labels: { no: 'no' } },
          status: statusOf({ done: true }),
        });
        const { resourceVersion } = updated.metadata;
        expect(updated).toEqual({ ...created, status: statusOf({ done: true }), metadata: { ...created.metadata, resourceVersion } });
        await expect(store.updateStatus({ ...created, status: statusOf({}) })).rejects.toMatchObject({ code: 'Conflict' });
        const without = await store.updateStatus({ ...updated, status: undefined });
        expect(without['status']).toBeUndefined();
      });
    });

    describe('patch', () => {
      it('merges all but status, or status alone', async () => {
        const created = await store.create(
          run('build', { content: { keep: 1, drop: 2, list: [1, 2] }, status: { s: 1 }, metadata: { labels: { a: '1', b: '2' } } }),
        );
        const patched = await store.patch(key('build'), {
          metadata: { labels: { a: null, c: '3' } },
          spec: { customSpec: { spec: { drop: null, list: [3], add: { x: null, y: 1 } } } },
          status: statusOf({ s: 9 }),
        });
        expect(patched.metadata).toMatchObject({ labels: { b: '2', c: '3' }, generation: (created.metadata.generation ?? 0) + 1 });
        expect(contentOf(patched)).toEqual({ keep: 1, list: [3], add: { y: 1 } });
        expect(patched['status']).toEqual(statusOf({ s: 1 }));
        const told = await store.patch(key('build'), { spec: specOf({}), status: statusOf({ t: 2 }) }, { subresource: 'status' });
        expect(told).toMatchObject({ spec: patched['spec'] as object, status: statusOf({ s: 1, t: 2 }) });
      });

      it('honours a resourceVersion, and refuses to rename', async () => {
        await store.create(run('build'));
        const labels = { a: 'b' };
        await expect(store.patch(key('build'), { metadata: { resourceVersion: '7', labels } })).rejects.toMatchObject({ code: 'Conflict' });
        await expect(store.patch(key('build'), { metadata: { name: 'other' } })).rejects.toMatchObject({ code: 'Invalid' });
        await expect(store.patch(key('build'), { metadata: null })).rejects.toMatchObject({ code: 'Invalid' });
        await expect(store.patch(key('none'), { metadata: { labels } })).rejects.toMatchObject({ code: 'NotFound' });
      });
    });

    describe('delete', () => {
      it('gives the last state; of nothing, undefined', async () => {
        const created = await store.create(run('build', { content: { n: 1 } }));
        const last = await store.delete(key('build'));
        expect({ ...last, metadata: versionless(last?.metadata ?? {}) }).toEqual({ ...created, metadata: versionless(created.metadata) });
        expect(await store.get(key('build'))).toBeUndefined();
        expect(await store.delete(key('build'))).toBeUndefined();
        expect((await store.create(run('build'))).metadata.uid).not.toBe(created.metadata.uid);
      });

      it('honours preconditions', async () => {
        const { metadata } = await store.create(run('build'));
        await expect(store.delete(key('build'), { uid: 'other' })).rejects.toMatchObject({ code: 'Conflict' });
        await expect(store.delete(key('build'), { resourceVersion: '7' })).rejects.toMatchObject({ code: 'Conflict' });
        await store.delete(key('build'), { uid: metadata.uid, resourceVersion: metadata.resourceVersion });
        expect(await store.get(key('build'))).toBeUndefined();
      });

      it('waits for finalizers', async () => {
        await store.create(run('build', { metadata: { finalizers: ['x.dev/a', 'x.dev/b'] } }));
        const changes = store.watch(RUN, { namespace: ci });
        const terminating = await store.delete(key('build'));
        expect(terminating?.metadata.deletionTimestamp).toBeDefined();
        expect(await store.delete(key('build'))).toEqual(terminating);
        const more = store.patch(key('build'), { metadata: { finalizers: ['x.dev/a', 'x.dev/b', 'x.dev/c'] } });
        await expect(more).rejects.toMatchObject({ code: 'Invalid' });
        await store.patch(key('build'), { metadata: { finalizers: ['x.dev/a'] } });
        await store.patch(key('build'), { metadata: { finalizers: [] } });
        expect(await store.get(key('build'))).toBeUndefined();
        expect((await take(changes, 3)).map(brief)).toEqual(['MODIFIED build', 'MODIFIED build', 'DELETED build']);
      });

      it('what was owned goes too, all the way down; what another owns as well stays, without the reference', async () => {
        const [owner, second] = [await store.create(run('owner')), await store.create(run('second'))];
        const child = await store.create(config('child', ownedBy(owner)));
        await store.create(config('grandchild', ownedBy(child)));
        await store.create(config('shared', { ownerReferences: [...ownedBy(owner).ownerReferences, ...ownedBy(second).ownerReferences] }));
        await store.delete(key('owner'));
        await gone('child', CONFIG);
        await gone('grandchild', CONFIG);
        await expect
          .poll(async () => (await store.get(key('shared', CONFIG)))?.metadata.ownerReferences, { timeout: 30_000, interval: 20 })
          .toEqual(ownedBy(second).ownerReferences);
      });

      it('Orphan leaves what was owned, Foreground waits for it', async () => {
        const [a, b] = [await store.create(run('a')), await store.create(run('b'))];
        await store.create(config('of-a', ownedBy(a)));
        await store.create(config('of-b', { ...ownedBy(b, { blockOwnerDeletion: true }), finalizers: ['x.dev/held'] }));
        await store.delete(key('a'), { propagation: 'Orphan' });
        await gone('a');
        expect((await store.get(key('of-a', CONFIG)))?.metadata.ownerReferences).toBeUndefined();
        await store.delete(key('b'), { propagation: 'Foreground' });
        await expect
          .poll(async () => (await store.get(key('of-b', CONFIG)))?.metadata.deletionTimestamp, { timeout: 30_000, interval: 20 })
          .toBeDefined();
        expect((await store.get(key('b')))?.metadata.finalizers).toEqual(['foregroundDeletion']);
        await store.patch(key('of-b', CONFIG), { metadata: { finalizers: null } });
        await gone('b');
      });

      it('what nobody owns any more goes, also when it was made too late', async () => {
        const owner = await store.create(run('owner'));
        await store.delete(key('owner'));
        expect((await store.create(config('late', ownedBy(owner)))).metadata.name).toBe('late');
        await gone('late', CONFIG);
      });
    });

    describe('list', () => {
      const seed = async () => {
        for (const [namespace, runName, labels] of [
          [other, 'r1', { app: 'web', tier: 'front' }],
          [ci, 'r2', { app: 'web' }],
          [ci, 'r10', { app: 'api', 'tekton.dev/pipelineRun': 'p' }],
          [other, 'r3', {}],
          [ci, 'r4', { 'tekton.dev/pipelineRun': 'p', n: '7' }],
        ] as const)
          await store.create(run(runName, { content: { of: runName, on: true }, metadata: { namespace, labels } }));
      };
      /** What is in the two namespaces, of all: others may be at work in the same cluster. */
      const found = async (options: { readonly labelSelector?: string; readonly fieldSelector?: string } = {}) => {
        const { items } = await store.list(RUN, options);
        return names({ items: items.filter(({ metadata: { namespace } }) => namespace === ci || namespace === other) });
      };

      it('is ordered by namespace and name, within one namespace or all', async () => {
        await seed();
        expect(await found()).toEqual(['r10', 'r2', 'r4', 'r1', 'r3']);
        expect(names(await store.list(RUN, { namespace: other }))).toEqual(['r1', 'r3']);
        expect((await store.list(CONFIG, { namespace: ci, labelSelector: 'none' })).items).toEqual([]);
      });

      it('selects by labels and fields', async () => {
        await seed();
        for (const [labelSelector, expected] of [
          ['app=web', ['r2', 'r1']],
          ['app==web,tier!=front', ['r2']],
          ['app in (web, api)', ['r10', 'r2', 'r1']],
          ['app notin (web)', ['r10', 'r4', 'r3']],
          ['!app', ['r4', 'r3']],
          ['n>6', ['r4']],
          ['n<7', []],
          ['tekton.dev/pipelineRun in (p,q),app=api', ['r10']],
          ['', ['r10', 'r2', 'r4', 'r1', 'r3']],
        ] as const)
          expect([labelSelector, await found({ labelSelector })]).toEqual([labelSelector, expected]);
        for (const [fieldSelector, expected] of [
          ['metadata.name=r1', ['r1']],
          [`metadata.name!=r1,metadata.namespace=${other}`, ['r3']],
          ['spec.customSpec.spec.of=r2', ['r2']],
          ['spec.customSpec.spec.on=true,spec.missing=,metadata.name!=r3', ['r10', 'r2', 'r4', 'r1']],
          ['spec=x', []],
        ] as const)
          expect([fieldSelector, await found({ fieldSelector })]).toEqual([fieldSelector, expected]);
      });

      it.each([{ labelSelector: 'a b' }, { labelSelector: 'a in (b' }, { fieldSelector: 'name' }, { continue: 'rubbish' }])(
        'refuses %j',
        async (options) => {
          await expect(store.list(RUN, options)).rejects.toMatchObject({ code: 'Invalid' });
        },
      );

      it('goes page by page, under one version from which a watch misses nothing', async () => {
        for (const n of [1, 2, 3, 4, 5]) await store.create(run(`r${n}`));
        const first = await store.list(RUN, { namespace: ci, limit: 2 });
        await store.delete(key('r1'));
        const second = await store.list(RUN, { namespace: ci, limit: 2, continue: first.continue });
        const third = await store.list(RUN, { namespace: ci, limit: 2, continue: second.continue });
        expect([first, second, third].map(names)).toEqual([['r1', 'r2'], ['r3', 'r4'], ['r5']]);
        expect([second.resourceVersion, third.resourceVersion, third.continue]).toEqual([
          first.resourceVersion,
          first.resourceVersion,
          undefined,
        ]);
        const { resourceVersion } = third;
        expect((await take(store.watch(RUN, { namespace: ci, resourceVersion }), 1)).map(brief)).toEqual(['DELETED r1']);
        expect((await store.list(RUN, { namespace: ci, limit: 4 })).continue).toBeUndefined();
      });
    });

    describe('watch', () => {
      const watch = (options?: WatchOptions) => store.watch(RUN, { namespace: ci, ...options });

      it('yields every later change of the kind in the order of the writes', async () => {
        await store.create(run('before'));
        const changes = watch();
        const a = await store.create(run('a'));
        await store.create(config('other-kind'));
        await store.update({ ...a, spec: specOf({ n: 1 }) });
        await store.create(run('b'));
        await store.delete(key('before'));
        const seen = await take(changes, 4);
        expect(seen.map(brief)).toEqual(['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED before']);
        expect(seen[0]?.object).toEqual(a);
        expect(contentOf(seen[1]?.object)).toEqual({ n: 1 });
        const versions = seen.map(({ object }) => BigInt(object.metadata.resourceVersion));
        expect(versions).toEqual(versions.toSorted((x, y) => (x < y ? -1 : 1)));
      });

      it('wakes up a reader that waits, and tells how far it is', async () => {
        const changes = watch();
        const first = take(changes, 1);
        const { metadata } = await store.create(run('a'));
        expect((await first).map(brief)).toEqual(['ADDED a']);
        expect(changes.position()).toBe(metadata.resourceVersion);
      });

      it('continues from a version: everything after a list and nothing of it', async () => {
        const a = await store.create(run('a'));
        const { resourceVersion } = await store.list(RUN, { namespace: ci });
        await store.update({ ...a, spec: specOf({ n: 1 }) });
        await store.update(run('a', { content: { n: 2 } }));
        await store.delete(key('a'));
        const seen = await take(watch({ resourceVersion }), 3);
        expect(seen.map(brief)).toEqual(['MODIFIED a', 'MODIFIED a', 'DELETED a']);
        expect(seen.map(({ object }) => contentOf(object))).toEqual([{ n: 1 }, { n: 2 }, { n: 2 }]);
      });

      it.each(['from now', 'from a version'])('%s shows objects that begin or cease to match as added or deleted', async (from) => {
        await store.create(run('was', { content: { n: 1 }, metadata: { labels: { on: 'yes' } } }));
        await store.create(run('was-not', { content: { n: 3 }, metadata: { labels: { on: 'yes' } } }));
        const { resourceVersion } = await store.list(RUN, { namespace: ci });
        const selection = { labelSelector: 'on=yes', fieldSelector: 'spec.customSpec.spec.n!=3' };
        const changes = watch({ ...selection, ...(from === 'from a version' && { resourceVersion }) });
        const content = (n: number) => ({ spec: { customSpec: { spec: { n } } } });
        await store.create(run('a', { content: { n: 1 } }));
        await store.patch(key('a'), { metadata: { labels: { on: 'yes' } } });
        await store.patch(key('a'), content(2));
        await store.patch(key('a'), content(3));
        await store.create(run('a', { metadata: { namespace: other, labels: { on: 'yes' } } }));
        await store.patch(key('a'), content(4));
        await store.patch(key('was'), content(3));
        await store.patch(key('was-not'), content(4));
        await store.delete(key('a'));
        const seen = await take(changes, 7);
        expect(seen.map(brief)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED a', 'DELETED was', 'ADDED was-not', 'DELETED a']);
        expect(contentOf(seen[2]?.object)).toEqual({ n: 2 });
      });

      it('is Gone for a version that is no longer kept, or that never was, and Invalid for none', async () => {
        await store.create(run('a'));
        await expect(take(watch({ resourceVersion: subject.goneVersion }), 1)).rejects.toMatchObject({ code: 'Gone' });
        await expect(take(watch({ resourceVersion: 'x' }), 1)).rejects.toMatchObject({ code: 'Invalid' });
      });

      it('a slow reader does not lose what is still kept', async () => {
        const iterator = watch()[Symbol.asyncIterator]();
        for (let i = 0; i < 60; i++) await store.create(run(`r${i}`));
        const seen = await take({ [Symbol.asyncIterator]: () => iterator }, 60);
        expect(seen.map(brief)).toEqual(Array.from({ length: 60 }, (_, i) => `ADDED r${i}`));
      });

      it('ends with its signal, with the store, and when left', async () => {
        const abort = new AbortController();
        const aborted = take(watch({ signal: abort.signal }), 1);
        abort.abort();
        expect(await aborted).toEqual([]);
        expect(await take(watch({ signal: abort.signal }), 1)).toEqual([]);
        const closing = take(watch(), 1);
        await store.close();
        expect(await closing).toEqual([]);
      });
    });

    it('is Unavailable after close, which may be repeated and lets writes come home', async () => {
      const pending = store.create(run('a'));
      await store.close();
      expect((await pending).metadata.name).toBe('a');
      await store.close();
      await expect(store.get(key('a'))).rejects.toMatchObject({ code: 'Unavailable' });
      await expect(store.create(run('b'))).rejects.toMatchObject({ code: 'Unavailable' });
    });

    it('writes of one turn succeed and fail each on its own', async () => {
      await store.create(run('taken'));
      const outcomes = await Promise.allSettled([
        store.create(run('a')),
        store.create(run('taken')),
        store.update(run('none')),
        store.create(run('b')),
      ]);
      const said = outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value.metadata.name : (outcome.reason as { code: string }).code,
      );
      expect(said).toEqual(['a', 'AlreadyExists', 'NotFound', 'b']);
      expect(names(await store.list(RUN, { namespace: ci }))).toEqual(['a', 'b', 'taken']);
    });
  });
}
