import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ListOptions, Store } from '../../src/ports/store.ts';
import { StoreError } from '../../src/ports/store.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import { openMemory } from '../../src/stores/memory/open-memory.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { countingIds } from '../support/counting-ids.ts';
import { ManualClock } from '../support/manual-clock.ts';

const KINDS = ['tekton.dev/PipelineRun', 'tekton.dev/TaskRun'] as const;

type Step =
  | {
      readonly do: 'create' | 'update' | 'updateStatus';
      readonly object: KubeObject;
      readonly owner: number | undefined;
      readonly version: number | undefined;
    }
  | {
      readonly do: 'patch';
      readonly kind: string;
      readonly name: string;
      readonly patch: Record<string, unknown>;
      readonly subresource: 'status' | undefined;
    }
  | {
      readonly do: 'delete';
      readonly kind: string;
      readonly name: string;
      readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined;
    };

const names = fc.constantFrom('a', 'b', 'c', 'd');
const kinds = fc.constantFrom(...KINDS);
const labels = fc.option(fc.dictionary(fc.constantFrom('tekton.dev/pipelineRun', 'app', '__proto__'), fc.constantFrom('x', 'y', '')), {
  nil: undefined,
});
const finalizers = fc.option(fc.subarray(['f', 'g']), { nil: undefined, freq: 3 });
const value = fc.jsonValue({ maxDepth: 2 });

const object = fc
  .record({ kind: kinds, name: names, labels, finalizers, spec: value, status: value, generate: fc.boolean() })
  .map(({ kind, name, generate, labels: given, finalizers: held, spec, status }): KubeObject => {
    const [group = '', word = ''] = kind.split('/');
    const named = generate && name === 'd' ? { generateName: 'gen-' } : { name };
    return {
      apiVersion: `${group}/v1`,
      kind: word,
      metadata: { ...named, namespace: 'ci', labels: given, finalizers: held },
      spec,
      status,
    };
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('create', 'update', 'updateStatus'),
      object,
      owner: fc.option(fc.nat(), { nil: undefined }),
      version: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('patch'),
      kind: kinds,
      name: names,
      patch: fc.record(
        {
          metadata: fc.record({ labels: fc.option(labels, { nil: null }), finalizers: fc.constantFrom(null, ['f']) }, { requiredKeys: [] }),
          spec: value,
          status: value,
        },
        { requiredKeys: [] },
      ),
      subresource: fc.constantFrom(undefined, 'status'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('delete'),
      kind: kinds,
      name: names,
      propagation: fc.constantFrom(undefined, 'Background', 'Foreground', 'Orphan'),
    }),
  },
);

/** What came of one step, in a form that compares. */
async function apply(store: Store, item: Step, known: readonly Stored[]): Promise<unknown> {
  try {
    switch (item.do) {
      case 'patch':
        return await store.patch({ kind: item.kind, namespace: 'ci', name: item.name }, item.patch, { subresource: item.subresource });
      case 'delete':
        return await store.delete({ kind: item.kind, namespace: 'ci', name: item.name }, { propagation: item.propagation });
      default: {
        const owner = item.owner === undefined || known.length === 0 ? undefined : known[item.owner % known.length];
        const ownerReferences =
          owner === undefined
            ? undefined
            : [
                {
                  apiVersion: owner.apiVersion,
                  kind: owner.kind,
                  name: owner.metadata.name,
                  uid: owner.metadata.uid,
                  blockOwnerDeletion: item.owner! % 2 === 0,
                },
              ];
        const resourceVersion = item.do === 'create' || item.version === undefined ? undefined : String(item.version);
        return await store[item.do]({ ...item.object, metadata: { ...item.object.metadata, ownerReferences, resourceVersion } });
      }
    }
  } catch (error) {
    if (error instanceof StoreError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

async function drain(changes: AsyncIterator<Change>, store: Store): Promise<Change[]> {
  const seen: Change[] = [];
  const head = await store.create({
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { generateName: 'end-', namespace: 'ci', labels: { app: 'end' } },
  });
  for (;;) {
    const { value: change, done } = await changes.next();
    if (done) return seen;
    seen.push(change);
    if (change.object.metadata.uid === head.metadata.uid) return seen;
  }
}

const VIEWS: readonly ListOptions[] = [
  {},
  { namespace: 'ci', labelSelector: 'tekton.dev/pipelineRun=x' },
  { labelSelector: 'app in (x,y)' },
  { labelSelector: 'app,tekton.dev/pipelineRun notin (x)' },
  { fieldSelector: 'metadata.name!=a' },
  { limit: 2 },
];

describe('memory and sqlite stores', () => {
  it('do the same, whatever is done to them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 10 }), async (turns) => {
        const directory = mkdtempSync(join(tmpdir(), 'tappet-model-'));
        const facts = () => ({ clock: new ManualClock(), ids: countingIds(), keepChanges: 1_000, cacheBytes: 300 });
        const memory = openMemory(facts());
        let sqlite = await openSqlite(directory, facts());
        try {
          const watching = [memory.store, sqlite.store].map((store) =>
            store.watch('tekton.dev/TaskRun', { labelSelector: 'app' })[Symbol.asyncIterator](),
          );
          let known: Stored[] = [];
          for (const turn of turns) {
            const expected = await Promise.all(turn.map((item) => apply(memory.store, item, known)));
            expect(await Promise.all(turn.map((item) => apply(sqlite.store, item, known)))).toEqual(expected);
            known = (await Promise.all(KINDS.map(async (kind) => (await memory.store.list(kind)).items))).flat();
            for (const kind of KINDS) {
              for (const view of VIEWS) expect(await sqlite.store.list(kind, view)).toEqual(await memory.store.list(kind, view));
            }
          }
          const [fromMemory, fromSqlite] = [await drain(watching[0]!, memory.store), await drain(watching[1]!, sqlite.store)];
          expect(fromSqlite).toEqual(fromMemory);
          await sqlite.close();
          sqlite = await openSqlite(directory, facts());
          for (const kind of KINDS) expect(await sqlite.store.list(kind)).toEqual(await memory.store.list(kind));
          const again = sqlite.store.watch('tekton.dev/TaskRun', { labelSelector: 'app', resourceVersion: '0' })[Symbol.asyncIterator]();
          const seen: Change[] = [];
          while (seen.length < fromMemory.length) seen.push((await again.next()).value as Change);
          expect(seen).toEqual(fromMemory);
        } finally {
          await sqlite.close();
          await memory.close();
          rmSync(directory, { recursive: true, force: true });
        }
      }),
      { numRuns: 60, interruptAfterTimeLimit: 12_000 },
    );
  });
});
