import { describe, expect, it } from 'vitest';
import type { GitResolverConfig, ScmConfig } from './config.ts';
import { readParams } from './read-params.ts';

const scm: ScmConfig = {
  fetchTimeoutMs: undefined,
  defaultUrl: 'https://default.test/repo.git',
  defaultRevision: 'main',
  defaultOrg: '',
  serverUrl: '',
  scmType: 'github',
  apiTokenSecretName: '',
  apiTokenSecretKey: '',
  apiTokenSecretNamespace: 'default',
};
const config = (more: Partial<ScmConfig> = {}, allowFileUrls = false): GitResolverConfig => ({
  scms: new Map([
    ['default', { ...scm, ...more }],
    ['team', { ...scm, defaultUrl: '', defaultRevision: '', defaultOrg: 'team', scmType: 'gitea', serverUrl: 'https://gitea.test' }],
  ]),
  backoff: { durationMs: 1, factor: 1, steps: 1, capMs: 1 },
  caching: { mode: undefined, ttlMs: undefined },
  allowFileUrls,
  boundSecretsOnly: false,
});
const read = (params: Readonly<Record<string, string>>, settings = config()) => readParams(new Map(Object.entries(params)), settings);
const path = { pathInRepo: 'a.yaml' };

describe('git params', () => {
  it('have defaults from the settings', () => {
    expect(read(path)).toMatchObject({
      mode: 'clone',
      url: 'https://default.test/repo.git',
      revision: 'main',
      path: 'a.yaml',
      gitTokenKey: 'token',
    });
    expect(read({ ...path, configKey: 'team', repo: 'r', revision: 'v1' })).toMatchObject({
      mode: 'api',
      org: 'team',
      repo: 'r',
      scmType: 'gitea',
      serverUrl: 'https://gitea.test',
      isOwnServer: false,
      tokenKey: 'token',
    });
  });

  it.each([
    ['/a//b/./c.yaml', 'a/b/c.yaml'],
    ['a.yaml', 'a.yaml'],
    ['./a.yaml', 'a.yaml'],
    ['/', ''],
  ])('take the path %j for %j', (pathInRepo, normal) => {
    expect(read({ pathInRepo })).toMatchObject({ path: normal });
  });

  it.each(['https://x.test/a', 'http://x.test:3000/a.git', 'HTTPS://X.test/a'])('take %s', (url) => {
    expect(read({ ...path, url })).toMatchObject({ mode: 'clone', url });
  });

  it.each(['main', 'v1.0.0', 'feature/a-b_c', 'refs/tags/v1', 'a'.repeat(40), 'pull/1/head'])('take the revision %s', (revision) => {
    expect(read({ ...path, revision })).toMatchObject({ revision });
  });

  // Upstream's words, in upstream's order.
  it.each<[Record<string, string>, string]>([
    [{ ...path, configKey: 'nobody' }, 'no git resolver configuration found for configKey nobody'],
    [{ ...path, url: 'https://x.test/a', repo: 'r' }, "cannot specify both 'url' and 'repo'"],
    [{ ...path, configKey: 'team' }, "must specify one of 'url' or 'repo'"],
    [{ ...path, repo: 'r' }, "'org' is required when 'repo' is specified"],
    [{}, 'missing required git resolver params: pathInRepo'],
    [{ configKey: 'team', repo: 'r' }, 'missing required git resolver params: revision, pathInRepo'],
    [{ ...path, revision: '--upload-pack=/bin/x' }, 'invalid revision "--upload-pack=/bin/x": must not begin with \'-\''],
    [{ ...path, revision: '-x', repo: 'r', org: 'o' }, 'invalid revision "-x": must not begin with \'-\''],
    [{ ...path, url: 'nonsense' }, 'invalid git repository url: nonsense'],
    [{ ...path, url: '-oProxyCommand=x' }, 'invalid git repository url: -oProxyCommand=x'],
    [{ pathInRepo: '../../etc/passwd' }, 'invalid path "../../etc/passwd": must not contain \'..\' components'],
    [{ pathInRepo: '/a/../../b' }, 'invalid path "a/../../b": must not contain \'..\' components'],
  ])('%j: %s', (params, error) => {
    expect(read(params)).toBe(error);
  });

  it.each([
    '+main',
    '^main',
    'main:refs/heads/x',
    'a b',
    'a..b',
    'HEAD~1',
    'a*',
    'a?',
    'a[b',
    'a\\b',
    '@{u}',
    'a\nb',
    'a\0',
    '',
    '/x',
    'x/',
    'x.',
  ])('refuse the revision %j, which is more or less than a name', (revision) => {
    expect(read({ ...path, revision })).toMatch(/^invalid revision ".*": expected the name of a branch or tag, or a commit$/s);
  });

  it.each(['file:///etc/passwd', 'FILE:///etc/passwd', '/etc/repo.git', './repo.git', 'file:///tmp/x@y.git'])(
    'refuse %s: a file of the server',
    (url) => {
      expect(read({ ...path, url })).toMatch(
        /^invalid git repository url: .*: repositories of the server’s own disk are not read \(setting resolvers.allowFileUrls\)$/,
      );
    },
  );

  it.each(['git@x.test:a/b.git', 'ssh://git@x.test/a', 'git://x.test/a', 'ftp://x.test/a', 'ftps://x.test/a'])(
    'refuse %s: no key, no protection',
    (url) => {
      expect(read({ ...path, url })).toMatch(/: only https:\/\/ and http:\/\/ are fetched$/);
    },
  );

  it.each(['ext::sh -c x', 'fd::1', 'https://x.test/a b', 'https://x.test/\n', 'https://', 'x@y'])('refuse %j', (url) => {
    expect(read({ ...path, url })).toMatch(/^invalid git repository url: /);
  });

  it('refuse a password in the URL, and do not repeat it', () => {
    const told = read({ ...path, url: 'https://me:hush@x.test/a' });
    expect(told).toBe(
      'invalid git repository url: https://…@x.test/a: leave the user name and the password out, and name a secret in gitToken',
    );
    expect(read({ ...path, url: 'https://hush@x.test/a' })).not.toContain('hush');
  });

  it('check the URL whatever else is said', () => {
    // Upstream does not when there is an org.
    expect(read({ ...path, url: 'file:///etc', org: 'o' })).toMatch(/^invalid git repository url: /);
  });

  it.each([
    ['a/../b', 'r'],
    ['o', '..'],
    ['o', 'r?x=1'],
    ['o', 'r/s'],
    ['o', 'a%2fb'],
  ])('refuse the repository %s/%s', (org, repo) => {
    expect(read({ ...path, org, repo })).toMatch(/^invalid repository "/);
  });

  it('allow files where the settings do, and still no way out of them by dots', () => {
    const settings = config({}, true);
    expect(read({ ...path, url: 'file:///srv/repo.git' }, settings)).toMatchObject({ url: 'file:///srv/repo.git' });
    expect(read({ ...path, url: '/srv/repo.git' }, settings)).toMatchObject({ url: '/srv/repo.git' });
    expect(read({ ...path, url: '/srv/../etc' }, settings)).toBe('invalid git repository url: /srv/../etc');
    expect(read({ ...path, url: './repo' }, settings)).toBe('invalid git repository url: ./repo');
  });
});
