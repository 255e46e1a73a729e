import { describe, expect, it } from 'vitest';
import { parseAllowRule } from '../http/allow-rule.ts';
import { parseSettings } from './settings.ts';

describe('outbound settings', () => {
  it('allow nothing when nothing is said', () => {
    expect(parseSettings({ dataDir: '/data' })).toMatchObject({ settings: { outbound: { allow: [], allowPrivate: false } } });
  });

  it('allow what they name', () => {
    const parsed = parseSettings({ dataDir: '/data', outbound: { allow: ['hooks.internal', '10.0.0.0/8'], allowPrivate: true } });
    const allow = [parseAllowRule('hooks.internal'), parseAllowRule('10.0.0.0/8')];
    expect(parsed).toMatchObject({ ok: true, settings: { outbound: { allow, allowPrivate: true } } });
  });

  it.each([
    [{ allow: ['hooks.internal', 'http://x/'] }, /^outbound\.allow\.1: got "http:\/\/x\/", expected a host name, an address or a range/],
    [{ allow: '127.0.0.1' }, /^outbound\.allow: got "127\.0\.0\.1", expected array/],
    [{ allow: [1] }, /^outbound\.allow\.0: got 1, expected string/],
    [{ allowPrivate: 'yes' }, /^outbound\.allowPrivate: got "yes", expected boolean/],
    [{ allowed: [] }, /^outbound\.allowed: no such setting; there are allow, allowPrivate$/],
    ['everything', /^outbound: got "everything", expected object/],
  ])('%j is refused, with its place', (outbound, error) => {
    expect(parseSettings({ dataDir: '/data', outbound })).toEqual({ ok: false, errors: [expect.stringMatching(error)] });
  });
});

describe('settings of the resolvers', () => {
  const parse = (resolvers: unknown) => parseSettings({ dataDir: '/data', resolvers });

  it('are upstream’s when nothing is said', () => {
    expect(parse(undefined)).toMatchObject({
      settings: {
        resolvers: {
          'resolvers-feature-flags': { 'enable-git-resolver': true, 'enable-hub-resolver': true },
          'resolver-cache-config': { 'max-size': 1000, ttl: 300_000 },
          'git-resolver-config': { 'backoff-steps': 2, 'backoff-duration': 2_000 },
          'hubresolver-config': { 'default-type': 'artifact', 'artifact-hub-urls': ['https://artifacthub.io'], 'tekton-hub-urls': [] },
          'cluster-resolver-config': { 'default-kind': 'task', 'allowed-namespaces': [] },
          allowFileUrls: false,
          requirePinned: false,
          requireBoundSecrets: false,
        },
      },
    });
  });

  it('are read as a ConfigMap has them, texts and all', () => {
    const parsed = parse({
      'resolvers-feature-flags': { 'enable-http-resolver': 'false', 'enable-git-resolver': true },
      'resolver-cache-config': { 'max-size': '7', ttl: '10m' },
      'git-resolver-config': {
        'fetch-timeout': '30s',
        'backoff-steps': '3',
        'team.scm-type': 'gitea',
        'team.server-url': 'https://g.test',
      },
      'hubresolver-config': { 'artifact-hub-urls': '- https://a.test/\n- "https://b.test"\n' },
      'cluster-resolver-config': { 'blocked-namespaces': '*, secret' },
    });
    expect(parsed).toMatchObject({
      settings: {
        resolvers: {
          'resolvers-feature-flags': { 'enable-http-resolver': false },
          'resolver-cache-config': { 'max-size': 7, ttl: 600_000 },
          'git-resolver-config': { 'fetch-timeout': '30s', 'backoff-steps': 3, 'team.scm-type': 'gitea' },
          'hubresolver-config': { 'artifact-hub-urls': ['https://a.test', 'https://b.test'] },
          'cluster-resolver-config': { 'blocked-namespaces': ['*', 'secret'] },
        },
      },
    });
  });

  it.each([
    [{ gitResolver: {} }, /^resolvers\.gitResolver: no such setting; there are resolvers-feature-flags, .*requireBoundSecrets$/],
    [{ 'http-resolver-config': { timeout: '1m' } }, /^resolvers\.http-resolver-config\.timeout: no such setting; there are fetch-timeout$/],
    [{ 'http-resolver-config': { 'fetch-timeout': 'soon' } }, /fetch-timeout: got "soon", expected a duration like 1m/],
    [
      { 'git-resolver-config': { 'team.scm': 'x' } },
      /^resolvers\.git-resolver-config\.team\.scm: got .*no such setting; there are fetch-timeout, default-url/,
    ],
    [{ 'git-resolver-config': { 'a.b.scm-type': 'x' } }, /no such setting/],
    [{ 'git-resolver-config': { 'team.fetch-timeout': 'x' } }, /expected a duration/],
    [{ 'git-resolver-config': { 'backoff-steps': '0' } }, /backoff-steps: got "0", expected a whole number of at least 1/],
    [{ 'hubresolver-config': { 'artifact-hub-urls': ['ftp://x'] } }, /artifact-hub-urls\.0: got "ftp:\/\/x"/],
    [{ 'resolvers-feature-flags': { 'enable-git-resolver': 'perhaps' } }, /enable-git-resolver: got "perhaps", expected boolean/],
    [
      { 'bundleresolver-config': { 'default-cache-mode': 'often' } },
      /default-cache-mode: got "often", expected one of always, never, auto/,
    ],
  ])('%j is refused, with its place', (resolvers, error) => {
    expect(parse(resolvers)).toEqual({ ok: false, errors: [expect.stringMatching(error)] });
  });

  it('how long anything may take to be resolved is a duration', () => {
    const parsed = parseSettings({ dataDir: '/data', engine: { 'default-maximum-resolution-timeout': 'long' } });
    expect(parsed).toEqual({
      ok: false,
      errors: ['engine.default-maximum-resolution-timeout: got "long", expected a duration like 5m or 90s'],
    });
  });
});

describe('settings of the engine', () => {
  it.each([
    [
      'trusted-resources-verification-no-match-policy',
      'fail',
      /signatures of tasks and pipelines are not verified: only "ignore" can be had/,
    ],
    ['enforce-nonfalsifiability', 'spire', /there is no SPIRE here: only "none" can be had/],
    ['default-timeout-minutes', 'soon', /expected /],
  ])('%s: %s is refused', (key, value, error) => {
    expect(parseSettings({ dataDir: '/data', engine: { [key]: value } })).toEqual({ ok: false, errors: [expect.stringMatching(error)] });
    expect(
      parseSettings({ dataDir: '/data', engine: { [key]: key.startsWith('default') ? 5 : key.startsWith('trusted') ? 'ignore' : 'none' } })
        .ok,
    ).toBe(true);
  });
});
