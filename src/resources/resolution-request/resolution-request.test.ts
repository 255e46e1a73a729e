import { describe, expect, it } from 'vitest';
import { admit } from '../admit.ts';
import { defaultEngineConfig } from '../engine-config.ts';
import { renderFieldErrors } from '../field-error.ts';
import { newResolutionRequest } from './new-request.ts';
import { requestName } from './request-name.ts';
import { requestedName } from './requested-name.ts';

const git = (...params: [string, string | readonly string[] | Readonly<Record<string, string>>][]) => ({
  resolver: 'git',
  params: params.map(([name, value]) => ({ name, value })),
});

describe('the name of a request', () => {
  // Golden names of upstream's own tests: pkg/resolution/resource/name_test.go.
  it.each([
    ['my-taskrun', [], '2d162955e9c9fcfef736fd389e7fd796'],
    ['my-taskrun', [['foo', 'bar']], 'da9d0a4501a276745547b4b4b21a2e77'],
    ['other-taskrun', [['baz', 'qux']], '5592e5f983640b4274071dbe1c09068d'],
  ] satisfies [string, [string, string][], string][])('is what upstream names it: %s %j', (base, params, hash) => {
    expect(requestName({ ...git(...params), resolver: 'a'.repeat(40) }, 'default', base)).toBe(`${'a'.repeat(30)}-${hash}`);
  });

  it('is one for the same question, in whatever order, and another for another', () => {
    const params = git(['string-param', 'value1'], ['array-param', ['value1', 'value2']], ['object-param', { key: 'value' }]);
    const named = requestName(params, 'ns', 'n');
    expect(requestName({ ...params, params: params.params.toReversed() }, 'ns', 'n')).toBe(named);
    const others = [
      requestName(params, 'ns', 'm'),
      requestName(params, 'other', 'n'),
      requestName({ ...params, url: 'x' }, 'ns', 'n'),
      requestName(git(['string-param', 'value2']), 'ns', 'n'),
    ];
    expect(new Set([named, ...others]).size).toBe(5);
  });

  it('cuts the resolver and never the hash', () => {
    const name = requestName({ resolver: 'x'.repeat(80), params: [] }, 'ns', 'n');
    expect(name).toHaveLength(63);
    expect(name).toMatch(/^x{30}-[0-9a-f]{32}$/);
  });
});

it('a new request is admitted, belongs to who asks, and waits', () => {
  const owner = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', name: 'run', uid: 'u', controller: true };
  const now = '2026-01-01T00:00:00Z';
  const request = newResolutionRequest({ reference: git(['url', 'u']), namespace: 'ns', base: 'run', owner, now });
  expect(admit(request, defaultEngineConfig)).toMatchObject({ ok: true, warnings: [] });
  expect(request).toMatchObject({
    metadata: { namespace: 'ns', labels: { 'resolution.tekton.dev/type': 'git' }, ownerReferences: [owner] },
    spec: { params: [{ name: 'url', value: 'u' }] },
    status: { conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'ResolutionInProgress', message: 'waiting for resolver' }] },
  });
});

it('a request of somebody’s needs its label, and an old one is read', () => {
  const request = (apiVersion: string, labels: object, spec: unknown) => ({
    apiVersion: `resolution.tekton.dev/${apiVersion}`,
    kind: 'ResolutionRequest',
    metadata: { name: 'x', labels },
    spec,
  });
  const refused = admit(request('v1beta1', {}, {}), defaultEngineConfig);
  expect(refused.ok ? '' : renderFieldErrors(refused.errors)).toBe('missing field(s): meta.labels.resolution.tekton.dev/type');
  const old = admit(request('v1alpha1', { 'resolution.tekton.dev/type': 'git' }, { params: { url: 'u' } }), defaultEngineConfig);
  expect(old).toMatchObject({
    ok: true,
    object: { apiVersion: 'resolution.tekton.dev/v1beta1', spec: { params: [{ name: 'url', value: 'u' }] } },
  });
});

it.each([
  [{ name: 'build' }, 'build'],
  [git(['url', 'u'], ['name', 'n'], ['other', 'x']), 'resolver type git\nurl = u\nname = n\n'],
  [git(['name', ['a', 'b']], ['url', ['a']]), 'resolver type git\nname = ["a","b"]\nurl = \n'],
])('messages call %j what upstream calls it', (ref, name) => {
  expect(requestedName(ref)).toBe(name);
});
