import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../test/support/counting-ids.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import type { Resolution } from '../../ports/resolver.ts';
import { openMemory } from '../../stores/memory/open-memory.ts';
import { type ClusterResolverConfig, createClusterResolver } from './create-cluster-resolver.ts';

const defaults: ClusterResolverConfig = {
  defaultKind: 'task',
  defaultNamespace: '',
  allowedNamespaces: [],
  blockedNamespaces: [],
  caching: { mode: undefined, ttlMs: undefined },
};
const store = openMemory({ clock: new ManualClock(), ids: countingIds() }).store;
const resolver = (config: Partial<ClusterResolverConfig> = {}) => createClusterResolver({ store, config: { ...defaults, ...config } });
const question = (params: Readonly<Record<string, string>>) => ({
  namespace: 'ns',
  params: Object.entries(params).map(([name, value]) => ({ name, value })),
});
const ask = (params: Readonly<Record<string, string>>): Promise<Resolution> =>
  resolver().resolve(question(params), new AbortController().signal);

describe('cluster params', () => {
  const it1 = { name: 'it', namespace: 'a' };
  it.each<[string, Record<string, string>, Partial<ClusterResolverConfig>, string | undefined]>([
    ['name all', it1, {}, undefined],
    ['name nothing', {}, {}, 'missing required cluster resolver params: name, namespace'],
    ['name no kind where there is no default', it1, { defaultKind: '' }, 'missing required cluster resolver params: kind'],
    ['name a kind that is none of ours', { ...it1, kind: 'secret' }, {}, "unknown or unsupported resource kind 'secret'"],
    ['name blanks', { ...it1, namespace: ' ' }, {}, 'missing required cluster resolver params: namespace'],
    ['leave the namespace to the settings', { name: 'it' }, { defaultNamespace: 'a' }, undefined],
    ['name a blocked namespace', it1, { blockedNamespaces: ['a'] }, 'access to specified namespace a is blocked'],
    ['name an allowed one', it1, { allowedNamespaces: ['a'] }, undefined],
    ['name one that is not', it1, { allowedNamespaces: ['b'] }, 'access to specified namespace a is not allowed'],
    ['name any where all are blocked', it1, { blockedNamespaces: ['*'] }, 'only explicit allowed access to namespaces is allowed'],
    ['name an allowed one where all are blocked', it1, { blockedNamespaces: ['*'], allowedNamespaces: ['a'] }, undefined],
    ['name one that is both', it1, { blockedNamespaces: ['a'], allowedNamespaces: ['a'] }, 'access to specified namespace a is blocked'],
  ])('may %s', (_, params, config, error) => {
    expect(resolver(config).check(question(params))).toBe(error);
  });
});

describe('the cluster resolver', () => {
  it('finds all three kinds, each in its namespace', async () => {
    for (const [kind, apiVersion] of [
      ['Task', 'tekton.dev/v1'],
      ['Pipeline', 'tekton.dev/v1'],
      ['StepAction', 'tekton.dev/v1beta1'],
    ] as const)
      await store.create({ apiVersion, kind, metadata: { name: 'it', namespace: 'library' }, spec: { description: kind } });
    for (const kind of ['task', 'pipeline', 'stepaction']) {
      const answer = await ask({ kind, name: 'it', namespace: 'library' });
      const object = answer.ok ? JSON.parse(new TextDecoder().decode(answer.data)) : undefined;
      expect(object.kind.toLowerCase()).toBe(kind);
      expect(answer).toMatchObject({
        refSource: { uri: `/apis/tekton.dev/v1/namespaces/library/${kind}/it@${object.metadata.uid}` },
        annotations: { 'resolution.tekton.dev/name': 'it', 'resolution.tekton.dev/namespace': 'library' },
      });
    }
    expect(await ask({ kind: 'stepaction', name: 'it', namespace: 'ns' })).toEqual({
      ok: false,
      outlook: 'final',
      message: 'stepactions.tekton.dev "it" not found',
    });
  });

  it('tells by the digest whether its author changed it, and nothing else', async () => {
    const digest = async () => {
      const answer = await ask({ name: 'task', namespace: 'library' });
      return answer.ok ? answer.refSource.digest?.['sha256'] : undefined;
    };
    await store.create({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'task', namespace: 'library' },
      spec: { description: 'a' },
    });
    const key = { kind: 'tekton.dev/Task', namespace: 'library', name: 'task' };
    const first = await digest();
    await store.patch(key, { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } });
    expect(await digest()).toBe(first);
    await store.patch(key, { metadata: { labels: { a: 'b' } } });
    const labelled = await digest();
    expect(labelled).not.toBe(first);
    await store.patch(key, { spec: { description: 'b' } });
    expect(await digest()).not.toBe(labelled);
  });
});
