import { describe, expect, it, onTestFinished } from 'vitest';
import { type LocalServer, localServer } from '../../../test/support/local-server.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { parseAllowRule } from '../../http/allow-rule.ts';
import { createHttp } from '../../http/create-http.ts';
import type { Resolution } from '../../ports/resolver.ts';
import type { LookUpSecret } from '../../ports/secrets.ts';
import type { ScmConfig } from './config.ts';
import { createGitResolver } from './create-git-resolver.ts';
import { forges } from './forges.ts';

const sha = 'c'.repeat(40);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const tokens: LookUpSecret = async (namespace, name) => ({ type: 'found', value: Buffer.from(`${namespace}-${name}`), annotations: {} });

async function ask(scm: Partial<ScmConfig>, params: Readonly<Record<string, string>>, secrets = tokens): Promise<Resolution> {
  const rule = parseAllowRule('127.0.0.1');
  const http = createHttp({ outbound: { allow: rule === undefined ? [] : [rule], allowPrivate: false }, clock: new ManualClock() });
  onTestFinished(() => http.close());
  const block: ScmConfig = {
    fetchTimeoutMs: undefined,
    defaultUrl: '',
    defaultRevision: 'main',
    defaultOrg: '',
    serverUrl: '',
    scmType: 'github',
    apiTokenSecretName: 'system',
    apiTokenSecretKey: 'token',
    apiTokenSecretNamespace: 'tekton',
    ...scm,
  };
  const config = {
    scms: new Map([['default', block]]),
    backoff: { durationMs: 1, factor: 1, steps: 1, capMs: 1 },
    caching: { mode: undefined, ttlMs: undefined },
    allowFileUrls: false,
    boundSecretsOnly: false,
  };
  const locate = () => Promise.reject(new Error('a forge is asked over HTTP'));
  const resolver = await createGitResolver({ http, locate, secrets, config, directory: temporaryDirectory() });
  const request = { namespace: 'ns', params: Object.entries(params).map(([name, value]) => ({ name, value })) };
  const wrong = resolver.check(request);
  if (wrong !== undefined) return { ok: false, outlook: 'final', message: wrong };
  return resolver.resolve(request, new AbortController().signal);
}

const message = (answer: Resolution): string => (answer.ok ? `found ${new TextDecoder().decode(answer.data)}` : answer.message);

/** A forge that has what it is told, by path, for whoever brings the header. */
const forge = (header: string, token: string, pages: Readonly<Record<string, unknown>>): Promise<LocalServer> =>
  localServer(({ path, headers }, response) => {
    if (headers[header] !== token) response.writeHead(401, 'Unauthorized').end();
    else if (Object.hasOwn(pages, path)) response.end(typeof pages[path] === 'string' ? pages[path] : JSON.stringify(pages[path]));
    else response.writeHead(404).end();
  });

describe('forges', () => {
  const clone = 'https://forge.test/org/repo.git';
  it.each<[string, string, string, Record<string, unknown>]>([
    [
      'github',
      'authorization',
      'Bearer tekton-system',
      {
        '/api/v3/repos/org/repo/commits/feature%2Fx': { sha },
        [`/api/v3/repos/org/repo/contents/a%20b/c.yaml?ref=${sha}`]: { encoding: 'base64', content: base64('x') },
        '/api/v3/repos/org/repo': { clone_url: clone },
      },
    ],
    [
      'gitea',
      'authorization',
      'token tekton-system',
      {
        '/api/v1/repos/org/repo/git/commits/feature%2Fx': { sha },
        [`/api/v1/repos/org/repo/contents/a%20b/c.yaml?ref=${sha}`]: { encoding: 'base64', content: base64('x') },
        '/api/v1/repos/org/repo': { clone_url: clone },
      },
    ],
    [
      'gitlab',
      'private-token',
      'tekton-system',
      {
        '/api/v4/projects/org%2Frepo/repository/commits/feature%2Fx': { id: sha },
        [`/api/v4/projects/org%2Frepo/repository/files/a%20b%2Fc.yaml?ref=${sha}`]: { encoding: 'base64', content: base64('x') },
        '/api/v4/projects/org%2Frepo': { http_url_to_repo: clone },
      },
    ],
    [
      'bitbucketserver',
      'authorization',
      'Bearer tekton-system',
      {
        '/rest/api/1.0/projects/org/repos/repo/commits/feature%2Fx': { id: sha },
        [`/rest/api/1.0/projects/org/repos/repo/raw/a%20b/c.yaml?at=${sha}`]: 'x',
        '/rest/api/1.0/projects/org/repos/repo': {
          links: {
            clone: [
              { name: 'ssh', href: 'ssh://x' },
              { name: 'http', href: clone },
            ],
          },
        },
      },
    ],
    [
      'bitbucketcloud',
      'authorization',
      'Bearer tekton-system',
      {
        '/2.0/repositories/org/repo/commit/feature%2Fx': { hash: sha },
        [`/2.0/repositories/org/repo/src/${sha}/a%20b/c.yaml`]: 'x',
        '/2.0/repositories/org/repo': { links: { clone: [{ name: 'https', href: 'https://me@forge.test/org/repo.git' }] } },
      },
    ],
  ])('%s is asked for the commit, the file as of it, and where the repository is', async (scmType, header, token, pages) => {
    const server = await forge(header, token, pages);
    const params = { org: 'org', repo: 'repo', revision: 'feature/x', pathInRepo: 'a b/c.yaml' };
    expect(await ask({ scmType, serverUrl: `${server.url}/` }, params)).toEqual({
      ok: true,
      data: expect.anything(),
      refSource: { uri: `git+${clone}`, digest: { sha1: sha }, entryPoint: 'a b/c.yaml' },
      annotations: {
        'resolution.tekton.dev/revision': sha,
        'resolution.tekton.dev/path': 'a b/c.yaml',
        'resolution.tekton.dev/url': clone,
        'resolution.tekton.dev/org': 'org',
        'resolution.tekton.dev/repo': 'repo',
        'resolution.tekton.dev/content-type': 'application/x-yaml',
      },
    });
    expect(server.requests.length).toBe(3);
  });

  it.each([
    ['github', '', 'https://api.github.com'],
    ['github', 'https://github.com', 'https://api.github.com'],
    ['github', 'https://api.github.com', 'https://api.github.com'],
    ['github', 'https://ghe.test', 'https://ghe.test/api/v3'],
    ['github', 'https://ghe.test/api/v3', 'https://ghe.test/api/v3'],
    ['gitlab', '', 'https://gitlab.com/api/v4'],
    ['gitea', '', undefined],
    ['bitbucketserver', '', undefined],
    ['bitbucketcloud', '', 'https://api.bitbucket.org/2.0'],
  ])('%s at %j is asked at %s', (type, serverUrl, base) => {
    expect(forges.get(type)?.base(serverUrl)).toBe(base);
  });

  const params = { org: 'org', repo: 'repo', pathInRepo: 'a.yaml' };
  it.each<[string, Partial<ScmConfig>, Record<string, string>, string]>([
    [
      'no name of a secret',
      { apiTokenSecretName: '' },
      {},
      "cannot get API token, required when specifying 'repo' param, 'api-token-secret-name' not specified in config",
    ],
    [
      'no key of it',
      { apiTokenSecretKey: '' },
      {},
      "cannot get API token, required when specifying 'repo' param, 'api-token-secret-key' not specified in config",
    ],
    ['a forge nobody knows', { scmType: 'sourcehut' }, {}, 'failed to create SCM client: Unsupported $GIT_KIND value: sourcehut'],
    ['no server where one is needed', { scmType: 'gitea' }, {}, 'failed to create SCM client: No git serverURL was specified'],
    [
      'a server that is none',
      {},
      { serverURL: 'file:///etc', token: 't' },
      'failed to create SCM client: "file:///etc" is no URL of a server',
    ],
    [
      'the system’s token for a server of the question’s own',
      { serverUrl: 'https://ours.test' },
      { serverURL: 'https://evil.test' },
      'custom serverURL "https://evil.test" requires a token parameter; the system token cannot be sent to a non-default server URL',
    ],
  ])('are not asked with %s', async (_, scm, more, error) => {
    expect(message(await ask(scm, { ...params, ...more }))).toBe(error);
  });

  it('are told the question’s own token, of its own namespace, before the system’s', async () => {
    const server = await forge('authorization', 'Bearer ns-mine', { '/api/v3/repos/org/repo/commits/main': { sha } });
    expect(message(await ask({}, { ...params, serverURL: server.url, token: 'mine' }))).toBe("couldn't fetch resource content: Not Found");
    const foreign: LookUpSecret = async () => ({
      type: 'found',
      value: Buffer.from('hush'),
      annotations: { 'tappet.dev/hosts': 'ours.test' },
    });
    expect(message(await ask({ serverUrl: server.url }, params, foreign))).toMatch(
      /^secret system is for ours\.test and is not sent to 127\.0\.0\.1:/,
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no such revision', {}, "couldn't fetch the commit sha for the ref main in the repo: Not Found"],
    ['a commit without a name', { commit: {} }, "couldn't fetch the commit sha for the ref main in the repo: it has none"],
    ['no JSON', { commit: '<html>' }, "couldn't fetch the commit sha for the ref main in the repo: it has none"],
    ['a folder', { commit: { sha }, file: [{ name: 'a' }] }, 'no content for resource in org/repo a.yaml'],
    [
      'a file too large for its API',
      { commit: { sha }, file: { encoding: 'none', content: '' } },
      'no content for resource in org/repo a.yaml',
    ],
    ['no repository', { commit: { sha }, file: { encoding: 'base64', content: base64('x') } }, "couldn't fetch repository: Not Found"],
  ])('may have %s', async (_, { commit, file }, error) => {
    const server = await forge('authorization', 'Bearer tekton-system', {
      ...(commit !== undefined && { '/api/v3/repos/org/repo/commits/main': commit }),
      ...(file !== undefined && { [`/api/v3/repos/org/repo/contents/a.yaml?ref=${sha}`]: file }),
    });
    expect(message(await ask({ serverUrl: server.url }, params))).toBe(error);
  });

  it('may refuse the token, which is not told', async () => {
    const server = await forge('authorization', 'Bearer right', {});
    expect(message(await ask({ serverUrl: server.url }, params))).toBe(
      "couldn't fetch the commit sha for the ref main in the repo: 401 Unauthorized",
    );
  });
});
