import { expect, it } from 'vitest';
import { type FakeResolver, fakeResolver } from '../../test/support/fake-resolver.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { ResolverRequest } from '../ports/resolver.ts';
import { cacheModeError, ResolutionCache } from './resolution-cache.ts';

const request = (name: string, more: Readonly<Record<string, string>> = {}, namespace = 'ns'): ResolverRequest => ({
  namespace,
  params: Object.entries({ name, ...more }).map(([param, value]) => ({ name: param, value })),
});
const signal = (): AbortSignal => new AbortController().signal;

function scene(options: { readonly maxSize?: number; readonly mostBytes?: number } = {}) {
  const clock = new ManualClock();
  const cache = new ResolutionCache({ clock, maxSize: 2, ttlMs: 1_000, ...options });
  const resolver: FakeResolver = fakeResolver(
    'fake',
    Object.fromEntries(['a@1', 'b@1', 'c@1', 'd'].map((name) => [name, { resource: 'x'.repeat(10) }])),
  );
  const ask = async (...names: string[]) => {
    for (const name of names) await cache.resolve(resolver, request(name), signal());
    return resolver.asked;
  };
  return { clock, cache, resolver, ask };
}

it('keeps so many answers, the least used go first', async () => {
  const { ask } = scene();
  expect(await ask('a@1', 'b@1', 'a@1', 'c@1', 'a@1', 'b@1')).toEqual(['a@1', 'b@1', 'c@1', 'b@1']);
});

it('keeps so many bytes', async () => {
  const { ask } = scene({ maxSize: 100, mostBytes: 25 });
  expect(await ask('a@1', 'b@1', 'c@1', 'c@1', 'b@1', 'a@1')).toEqual(['a@1', 'b@1', 'c@1', 'a@1']);
});

it('keeps nothing that is not pinned, nothing for ever, and no failure', async () => {
  const { ask, clock, resolver } = scene();
  expect(await ask('d', 'd', 'a@1')).toEqual(['d', 'd', 'a@1']);
  clock.advance(1_000);
  expect(await ask('a@1', 'gone@1')).toEqual(['d', 'd', 'a@1', 'a@1', 'gone@1']);
  resolver.answer('gone@1', { resource: 'there now' });
  expect((await ask('gone@1')).at(-1)).toBe('gone@1');
});

it('says what it did in annotations, and leaves the answer as it was', async () => {
  const { cache, resolver } = scene();
  const marks = async () => {
    const answer = await cache.resolve(resolver, request('a@1'), signal());
    return answer.ok ? answer.annotations : undefined;
  };
  const annotations = (operation: string) => ({
    'resolution.tekton.dev/cached': 'true',
    'resolution.tekton.dev/cache-timestamp': '2026-11-23T12:00:00Z',
    'resolution.tekton.dev/cache-resolver-type': 'fake',
    'resolution.tekton.dev/cache-operation': operation,
  });
  expect(await marks()).toEqual(annotations('store'));
  expect(await marks()).toEqual(annotations('retrieve'));
  expect(await marks()).toEqual(annotations('retrieve'));
});

it('knows a question by what it asks, in whatever order, and by whose it is', async () => {
  const { cache, resolver } = scene({ maxSize: 100 });
  const other = {
    namespace: 'ns',
    params: [
      { name: 'z', value: '1' },
      { name: 'name', value: 'a@1' },
    ],
  };
  await cache.resolve(resolver, request('a@1', { z: '1' }), signal());
  await cache.resolve(resolver, other, signal());
  await cache.resolve(resolver, request('a@1', { z: '1', cache: 'auto' }), signal());
  expect(resolver.asked.length).toBe(1);
  await cache.resolve(resolver, request('a@1', { z: '2' }), signal());
  await cache.resolve(resolver, request('a@1', { z: '1' }, 'other'), signal());
  await cache.resolve(resolver, { ...other, url: 'x' }, signal());
  expect(resolver.asked.length).toBe(4);
});

it('the settings of a resolver decide where the question does not', async () => {
  const clock = new ManualClock();
  const cache = new ResolutionCache({ clock, maxSize: 10, ttlMs: 1_000 });
  const always = fakeResolver('fake', { d: { resource: 'x' } }, { caching: { mode: 'always', ttlMs: 5_000 } });
  const never = fakeResolver('fake', { 'a@1': { resource: 'x' } }, { caching: { mode: 'never', ttlMs: undefined } });
  const none = fakeResolver('fake', { 'a@1': { resource: 'x' } }, { caching: undefined });
  for (const [resolver, name, expected] of [
    [always, 'd', 1],
    [never, 'a@1', 2],
    [none, 'a@1', 2],
  ] as const) {
    for (let n = 0; n < 2; n++) await cache.resolve(resolver, request(name), signal());
    expect(resolver.asked.length).toBe(expected);
  }
  clock.advance(4_999);
  await cache.resolve(always, request('d'), signal());
  expect(always.asked.length).toBe(1);
  await cache.resolve(always, request('d', { cache: 'never' }), signal());
  expect(always.asked.length).toBe(2);
});

it('gives a shared fetch up when the last who wants it is gone, and no sooner', async () => {
  const cache = new ResolutionCache({ clock: new ManualClock(), maxSize: 10, ttlMs: 1_000 });
  const resolver = fakeResolver('fake', { it: { hangs: true } });
  const [first, second] = [new AbortController(), new AbortController()];
  const answers = [first, second].map((abort) => cache.resolve(resolver, request('it'), abort.signal));
  expect(resolver.asked).toEqual(['it']);
  first.abort();
  expect(await answers[0]).toMatchObject({ ok: false, outlook: 'slow' });
  expect(resolver.open).toBe(1);
  second.abort();
  expect(await answers[1]).toMatchObject({ ok: false, outlook: 'slow' });
  await expect.poll(() => resolver.open).toBe(0);
  // Whoever comes then begins anew.
  void cache.resolve(resolver, request('it'), signal());
  expect(resolver.asked).toEqual(['it', 'it']);
});

it.each([
  ['', undefined],
  ['always', undefined],
  ['never', undefined],
  ['auto', undefined],
  ['Always', "invalid cache mode 'Always', must be one of: [always never auto] (or empty for default)"],
])('the mode %j: %s', (cache, error) => {
  expect(cacheModeError(request('a', { cache }))).toBe(error);
});
