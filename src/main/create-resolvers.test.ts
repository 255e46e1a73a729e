import { expect, it } from 'vitest';
import { countingIds } from '../../test/support/counting-ids.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { createHttp } from '../http/create-http.ts';
import type { ResolverRequest } from '../ports/resolver.ts';
import { openMemory } from '../stores/memory/open-memory.ts';
import { createResolvers } from './create-resolvers.ts';
import { resolversSchema } from './resolver-settings.ts';

async function made(settings: unknown) {
  const clock = new ManualClock();
  const { store } = openMemory({ clock, ids: countingIds() });
  const outbound = { allow: [], allowPrivate: false };
  const http = createHttp({ outbound, clock });
  const built = await createResolvers({ settings: resolversSchema.parse(settings), store, http, outbound, dataDir: temporaryDirectory() });
  const byType = new Map(built.resolvers.map((resolver) => [resolver.type, resolver]));
  const check = (type: string, params: Readonly<Record<string, string>>) => byType.get(type)?.check(question(params));
  return { ...built, byType, check };
}

const question = (params: Readonly<Record<string, string>>): ResolverRequest => ({
  namespace: 'ns',
  params: Object.entries(params).map(([name, value]) => ({ name, value })),
});

it('makes all five, as upstream ships them', async () => {
  const { byType, cache, requirePinned, check } = await made({});
  expect([...byType.keys()].toSorted()).toEqual(['bundles', 'cluster', 'git', 'http', 'hub']);
  expect(cache).toEqual({ maxSize: 1_000, ttlMs: 300_000 });
  expect(requirePinned).toBe(false);
  expect(check('git', { pathInRepo: 'task/x.yaml' })).toBeUndefined();
  expect(check('hub', { name: 'git-clone', version: '0.6' })).toBeUndefined();
  expect(check('bundles', { bundle: 'gcr.io/a/b', name: 'x' })).toBeUndefined();
});

it.each(['bundles', 'hub', 'git', 'cluster', 'http'])('%s that is turned off says so, whatever it is asked', async (type) => {
  const flag = `enable-${type}-resolver`;
  const { check } = await made({ 'resolvers-feature-flags': { [flag]: 'false' } });
  expect(check(type, {})).toBe(`cannot handle resolution request, ${flag} feature flag not true`);
  expect(check(type === 'http' ? 'git' : 'http', {})).not.toContain('feature flag');
});

it('git has blocks of settings by id', async () => {
  const settings = { 'fetch-timeout': '30s', 'default-url': '', 'team.default-url': 'https://git.test/r', 'team.fetch-timeout': '5s' };
  const { check, byType } = await made({ 'git-resolver-config': settings });
  const path = { pathInRepo: 'a', revision: 'b' };
  expect(check('git', path)).toBe("must specify one of 'url' or 'repo'");
  expect(check('git', { ...path, configKey: 'team' })).toBeUndefined();
  expect(check('git', { ...path, configKey: 'nobody' })).toBe('no git resolver configuration found for configKey nobody');
  expect(byType.get('git')?.timeoutMs(question({}))).toBe(30_000);
  expect(byType.get('git')?.timeoutMs(question({ configKey: 'team' }))).toBe(5_000);
});
