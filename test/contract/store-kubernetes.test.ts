import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Change, Store, WatchOptions } from '../../src/ports/store.ts';
import type { KubeObject, ObjectMeta } from '../../src/resources/object.ts';
import { KubernetesStore } from '../../src/stores/kubernetes/kubernetes-store.ts';
import { embeddedKubernetes, type KubernetesUnderTest, realCluster, realKubernetes } from '../support/kubernetes-under-test.ts';

/**
 * What the store contract promises, as far as an API server keeps it: versions are opaque, uids are its own, and what an object owned goes when the
 * server's collector comes by. Over our own API in every run, over a real cluster where TAPPET_TEST_KUBECONFIG names one.
 */
const RUN = 'tekton.dev/PipelineRun';
const spec = { pipelineRef: { name: 'p' } };

function suite(name: string, open: () => Promise<KubernetesUnderTest>): void {
  describe(`Kubernetes store: ${name}`, () => {
    let kubernetes: KubernetesUnderTest;
    let store: Store;
    let namespace: string;
    beforeAll(async () => {
      kubernetes = await open();
      namespace = kubernetes.namespace;
      store = new KubernetesStore({ client: kubernetes.client, clock: systemClock });
    });
    afterAll(async () => {
      await store?.close();
      await kubernetes?.close();
    });

    const run = (runName: string, more: { metadata?: Partial<ObjectMeta>; spec?: object; status?: unknown } = {}): KubeObject => {
      const { metadata, ...rest } = more;
      return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name: runName, namespace, ...metadata }, spec, ...rest };
    };
    const key = (runName: string) => ({ kind: RUN, namespace, name: runName });

    it('creates, with a status, and gets', async () => {
      const conditions = [{ type: 'Succeeded', status: 'Unknown', reason: 'Started', message: '' }];
      const created = await store.create(run('a', { metadata: { labels: { app: 'x' } }, status: { conditions } }));
      expect(created.metadata).toMatchObject({ name: 'a', namespace, labels: { app: 'x' }, generation: 1, uid: expect.any(String) });
      expect(created['status']).toMatchObject({ conditions });
      expect(await store.get(key('a'))).toEqual(created);
      expect(await store.get(key('none'))).toBeUndefined();
    });

    it('generates names, and refuses those that are taken', async () => {
      const { metadata } = await store.create(run('', { metadata: { name: undefined, generateName: 'g-' } }));
      expect(metadata.name).toMatch(/^g-.{5}$/);
      await store.create(run('twice'));
      await expect(store.create(run('twice'))).rejects.toMatchObject({ code: 'AlreadyExists' });
    });

    it('updates what is current, over anything without a version, and leaves status to its own', async () => {
      const first = await store.create(run('u'));
      const second = await store.update({ ...first, metadata: { ...first.metadata, labels: { n: '1' } } });
      expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
      await expect(store.update({ ...first, metadata: { ...first.metadata, labels: { n: '2' } } })).rejects.toMatchObject({
        code: 'Conflict',
      });
      const status = { conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded' }] };
      const withStatus = await store.updateStatus({ ...second, status });
      expect(withStatus['status']).toMatchObject(status);
      const { resourceVersion: _, ...anyVersion } = first.metadata;
      const third = await store.update({ ...run('u', { spec: { ...spec, status: 'Cancelled' } }), metadata: anyVersion });
      expect(third).toMatchObject({ spec: { status: 'Cancelled' }, status });
      expect(third.metadata.generation).toBe((first.metadata.generation ?? 0) + 1);
    });

    it('a write that changes nothing is none', async () => {
      const first = await store.create(run('same'));
      expect((await store.update(first)).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('merge patches, status by itself', async () => {
      await store.create(run('p', { metadata: { labels: { a: '1', b: '2' } } }));
      const patched = await store.patch(key('p'), { metadata: { labels: { a: null, c: '3' } } });
      expect(patched.metadata.labels).toEqual({ b: '2', c: '3' });
      const told = await store.patch(key('p'), { status: { startTime: '2026-01-01T00:00:00Z' } }, { subresource: 'status' });
      expect(told['status']).toEqual({ startTime: '2026-01-01T00:00:00Z' });
      await expect(store.patch(key('none'), { metadata: { labels: {} } })).rejects.toMatchObject({ code: 'NotFound' });
    });

    it('deletes with preconditions, holds what has finalizers, and says what was there', async () => {
      const held = await store.create(run('d', { metadata: { finalizers: ['tappet.dev/test'] } }));
      await expect(store.delete(key('d'), { uid: 'another' })).rejects.toMatchObject({ code: 'Conflict' });
      expect((await store.delete(key('d'), { uid: held.metadata.uid }))?.metadata.name).toBe('d');
      expect((await store.get(key('d')))?.metadata.deletionTimestamp).toBeDefined();
      await store.patch(key('d'), { metadata: { finalizers: null } });
      await expect.poll(() => store.get(key('d'))).toBeUndefined();
      expect(await store.delete(key('d'))).toBeUndefined();
    });

    it('what an object owned goes with it', async () => {
      const owner = await store.create(run('owner'));
      const { apiVersion, kind, metadata } = owner;
      const ownerReferences = [{ apiVersion, kind, name: 'owner', uid: metadata.uid, controller: true, blockOwnerDeletion: true }];
      await store.create(run('child', { metadata: { ownerReferences } }));
      await store.delete(key('owner'));
      await expect.poll(() => store.get(key('child')), { timeout: 30_000, interval: 100 }).toBeUndefined();
    });

    it('lists in pages and whole, by labels and any field', async () => {
      await Promise.all(
        Array.from({ length: 12 }, (_, i) => store.create(run(`l${i}`, { metadata: { labels: { batch: 'l', odd: String(i % 2) } } }))),
      );
      const labelSelector = 'batch=l';
      const first = await store.list(RUN, { namespace, labelSelector, limit: 5 });
      expect(first.items).toHaveLength(5);
      const second = await store.list(RUN, { namespace, labelSelector, limit: 50, continue: first.continue });
      expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toHaveLength(12);
      expect((await store.list(RUN, { namespace, labelSelector: 'batch=l,odd in (1)' })).items).toHaveLength(6);
      expect((await store.list(RUN, { namespace, fieldSelector: 'metadata.name=l3' })).items.map(({ kind }) => kind)).toEqual([
        'PipelineRun',
      ]);
      expect((await store.list(RUN, { namespace, labelSelector, fieldSelector: 'spec.pipelineRef.name=other' })).items).toEqual([]);
      const all = await store.list(RUN, { labelSelector });
      expect(all.items.filter(({ metadata }) => metadata.namespace === namespace)).toHaveLength(12);
    });

    describe('watches', () => {
      const brief = ({ type, object }: Change) => `${type} ${object.metadata.name}`;
      async function take(options: WatchOptions, count: number): Promise<readonly Change[]> {
        const taken: Change[] = [];
        for await (const change of store.watch(RUN, { namespace, ...options })) if (taken.push(change) === count) break;
        return taken;
      }

      it('every later change in order, once', async () => {
        const { resourceVersion } = await store.list(RUN, { namespace });
        const labelSelector = 'w';
        const seen = take({ resourceVersion, labelSelector }, 4);
        await store.create(run('w1', { metadata: { labels: { w: '' } } }));
        await store.create(run('w-not'));
        await store.patch(key('w1'), { metadata: { labels: { more: '1' } } });
        await store.create(run('w2', { metadata: { labels: { w: '' } } }));
        await store.delete(key('w1'));
        expect((await seen).map(brief)).toEqual(['ADDED w1', 'MODIFIED w1', 'ADDED w2', 'DELETED w1']);
      });

      it('end with their signal and tell how far they are', async () => {
        const abort = new AbortController();
        const watch = store.watch(RUN, { namespace, signal: abort.signal });
        expect(watch.position()).toBeUndefined();
        const next = watch[Symbol.asyncIterator]().next();
        await expect.poll(() => watch.position()).toBeDefined();
        abort.abort();
        expect(await next).toMatchObject({ done: true });
      });

      it('are Gone where they cannot begin', async () => {
        await expect(take({ resourceVersion: kubernetes.real ? '1' : '999999' }, 1)).rejects.toMatchObject({ code: 'Gone' });
      });
    });

    it('is Unavailable when closed', async () => {
      const other = new KubernetesStore({ client: kubernetes.client, clock: systemClock });
      const waiting = other.watch(RUN, { namespace })[Symbol.asyncIterator]().next();
      await other.close();
      await other.close();
      expect(await waiting).toMatchObject({ done: true });
      await expect(other.get(key('a'))).rejects.toMatchObject({ code: 'Unavailable' });
    });

    it('refuses what is wrong in the server’s words', async () => {
      const wrong: KubeObject = { ...run('wrong'), spec: { pipelineRef: 7 } };
      const error: { code?: string; message?: string } = await store.create(wrong).then(
        () => ({}),
        (reason: unknown) => reason as Error & { code: string },
      );
      expect(error.code).toBe('Invalid');
      expect(error.message).toContain('PipelineRun');
    });
  });
}

suite('our own API', embeddedKubernetes);
describe.skipIf(realCluster === undefined)('a real cluster', () => suite('real', realKubernetes));
