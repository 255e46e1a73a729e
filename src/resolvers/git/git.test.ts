import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gitServer, testRepository, withoutGit } from '../../../test/support/git-server.ts';
import { localServer } from '../../../test/support/local-server.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { Http } from '../../ports/http.ts';
import type { Locate } from '../../ports/outbound.ts';
import type { Resolution, Resolver } from '../../ports/resolver.ts';
import type { LookUpSecret } from '../../ports/secrets.ts';
import { createGitResolver } from './create-git-resolver.ts';

const everywhere: Locate = async () => ({ ok: true, addresses: ['127.0.0.1'] });
const noHttp: Http = { send: () => Promise.reject(new Error('git goes by itself')), close: async () => {} };
const annotated =
  (annotations: Readonly<Record<string, string>>, value = 'hush\n'): LookUpSecret =>
  async (_namespace, name) =>
    name === 'none' ? { type: 'no-secret' } : { type: 'found', value: Buffer.from(value), annotations };

interface Options {
  readonly locate?: Locate;
  readonly secrets?: LookUpSecret;
  readonly allowFileUrls?: boolean;
  readonly boundSecretsOnly?: boolean;
  readonly directory?: string;
  readonly mostFetchedBytes?: number;
}

function resolver({
  locate = everywhere,
  secrets = annotated({}),
  allowFileUrls = false,
  boundSecretsOnly = false,
  directory,
  mostFetchedBytes,
}: Options = {}) {
  const scm = {
    fetchTimeoutMs: undefined,
    defaultUrl: '',
    defaultRevision: 'main',
    defaultOrg: '',
    serverUrl: '',
    scmType: 'github',
    apiTokenSecretName: '',
    apiTokenSecretKey: '',
    apiTokenSecretNamespace: '',
  };
  const config = {
    scms: new Map([['default', scm]]),
    backoff: { durationMs: 1, factor: 1, steps: 1, capMs: 1 },
    caching: { mode: undefined, ttlMs: undefined },
    allowFileUrls,
    boundSecretsOnly,
  };
  return createGitResolver({
    http: noHttp,
    locate,
    secrets,
    config,
    directory: directory ?? join(temporaryDirectory(), 'git'),
    mostFetchedBytes,
  });
}

async function ask(subject: Resolver, params: Readonly<Record<string, string>>): Promise<Resolution> {
  const request = { namespace: 'ns', params: Object.entries(params).map(([name, value]) => ({ name, value })) };
  const wrong = subject.check(request);
  if (wrong !== undefined) return { ok: false, outlook: 'final', message: wrong };
  return subject.resolve(request, new AbortController().signal);
}

const message = (answer: Resolution): string => (answer.ok ? `found ${new TextDecoder().decode(answer.data)}` : answer.message);

describe.skipIf(withoutGit !== undefined)(`the git resolver${withoutGit === undefined ? '' : ` (skipped: ${withoutGit})`}`, () => {
  it('fetches branches, tags and commits, and knows which they are', async () => {
    const repository = testRepository();
    const first = repository.commit({ 'a.yaml': 'one' });
    repository.git('tag', 'light');
    repository.git('tag', '-a', '-m', 'x', 'heavy');
    repository.git('push', '--quiet', 'origin', 'light', 'heavy');
    const second = repository.commit({ 'a.yaml': 'two' });
    repository.git('push', '--quiet', 'origin', 'main:refs/heads/feature/x');
    const { url } = await gitServer({ root: repository.root });
    const subject = await resolver();
    const at = async (revision: string) => {
      const answer = await ask(subject, { url: `${url}/repo.git`, revision, pathInRepo: 'a.yaml' });
      return answer.ok ? [new TextDecoder().decode(answer.data), answer.refSource.digest?.['sha1'], answer.tag] : answer.message;
    };
    expect(await at('main')).toEqual(['two', second, undefined]);
    expect(await at('feature/x')).toEqual(['two', second, undefined]);
    expect(await at(first)).toEqual(['one', first, undefined]);
    expect(await at('light')).toEqual(['one', first, `tag light of ${url}/repo.git`]);
    // Of a tag that is an object itself, the commit it is of.
    expect(await at('heavy')).toEqual(['one', first, `tag heavy of ${url}/repo.git`]);
    expect(await at('refs/heads/main')).toEqual(['two', second, undefined]);
    expect(await at('nothing')).toBe("git fetch error: fatal: couldn't find remote ref nothing: exit status 128");
    expect(await at('b'.repeat(40))).toMatch(/not our ref/);
  });

  it('says where it is from as upstream does', async () => {
    const repository = testRepository();
    const commit = repository.commit({ 'tasks/a.yaml': 'x' });
    const { url } = await gitServer({ root: repository.root });
    expect(await ask(await resolver(), { url: `${url}/repo.git`, pathInRepo: '/tasks/a.yaml' })).toEqual({
      ok: true,
      data: expect.anything(),
      refSource: { uri: `git+${url}/repo.git`, digest: { sha1: commit }, entryPoint: 'tasks/a.yaml' },
      annotations: {
        'resolution.tekton.dev/revision': commit,
        'resolution.tekton.dev/path': 'tasks/a.yaml',
        'resolution.tekton.dev/url': `${url}/repo.git`,
        'resolution.tekton.dev/content-type': 'application/x-yaml',
      },
    });
  });

  it('fetches only what is asked for where the server can do that, and the whole commit where it cannot', async () => {
    for (const allowFilter of [true, false]) {
      const repository = testRepository({ allowFilter });
      repository.commit({ 'a.yaml': 'x', 'large.bin': randomBytes(1_000_000).toString('hex') });
      const server = await gitServer({ root: repository.root });
      expect(message(await ask(await resolver(), { url: `${server.url}/repo.git`, pathInRepo: 'a.yaml' }))).toBe('found x');
      if (allowFilter) expect(server.bytes).toBeLessThan(10_000);
      else expect(server.bytes).toBeGreaterThan(1_000_000);
    }
  });

  it('takes no more to its disk than it may', async () => {
    const repository = testRepository({ allowFilter: false });
    repository.commit({ 'a.yaml': 'x', 'large.bin': randomBytes(1_000_000).toString('hex') });
    const { url } = await gitServer({ root: repository.root });
    const directory = join(temporaryDirectory(), 'git');
    const subject = await resolver({ mostFetchedBytes: 100_000, directory });
    expect(message(await ask(subject, { url: `${url}/repo.git`, pathInRepo: 'a.yaml' }))).toBe(
      'git fetch error: main is larger than 100000 bytes',
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it('follows links within the commit and none out of it', async () => {
    const secret = join(temporaryDirectory(), 'secret');
    writeFileSync(secret, 'of the server');
    const repository = testRepository();
    repository.commit({
      'real/a.yaml': 'x',
      'file-link.yaml': '-> real/a.yaml',
      'folder-link': '-> real',
      'chain.yaml': '-> folder-link/a.yaml',
      'absolute.yaml': `-> ${secret}`,
      'passwd.yaml': '-> /etc/passwd',
      'deep/up.yaml': '-> ../../../../etc/passwd',
      'dangling.yaml': '-> nothing',
      'loop.yaml': '-> loop.yaml',
    });
    repository.git('update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},module`);
    repository.git('commit', '--quiet', '-m', 'module');
    repository.git('push', '--quiet', 'origin', 'main');
    const { url } = await gitServer({ root: repository.root });
    const subject = await resolver();
    const at = async (pathInRepo: string) => message(await ask(subject, { url: `${url}/repo.git`, pathInRepo }));
    expect(await at('file-link.yaml')).toBe('found x');
    expect(await at('folder-link/a.yaml')).toBe('found x');
    expect(await at('chain.yaml')).toBe('found x');
    const escapes = 'the path attempts to escape the repository directory (possible path traversal attack)';
    for (const path of ['absolute.yaml', 'passwd.yaml', 'deep/up.yaml'])
      expect(await at(path)).toBe(`error opening file "${path}": ${escapes}`);
    expect(await at('dangling.yaml')).toBe('error opening file "dangling.yaml": file does not exist');
    expect(await at('loop.yaml')).toBe('error opening file "loop.yaml": too many levels of symbolic links');
    expect(await at('real')).toBe('error opening file "real": it is a directory');
    expect(await at('/')).toBe('error opening file "": it is a directory');
    expect(await at('module')).toBe('error opening file "module": file does not exist');
    expect(await at('real/a.yaml/b')).toBe('error opening file "real/a.yaml/b": file does not exist');
    expect(await at('odd: name')).toBe('error opening file "odd: name": file does not exist');
  });

  it('runs with nothing of the machine’s: no variables, no configuration, no hooks, no helpers', async () => {
    const repository = testRepository();
    repository.commit({
      'a.yaml': 'x',
      '.gitattributes': '*.yaml filter=evil',
      '.gitmodules': '[submodule "m"]\n\tpath = m\n\turl = ext::sh -c x\n',
    });
    const { url } = await gitServer({ root: repository.root });
    const trap = temporaryDirectory();
    const evil = join(trap, 'evil.sh');
    writeFileSync(evil, `#!/bin/sh\necho "$@" >> ${join(trap, 'ran')}\nexit 1\n`, { mode: 0o755 });
    writeFileSync(
      join(trap, '.gitconfig'),
      `[core]\n\tfsmonitor = ${evil}\n\tgitProxy = ${evil}\n\thooksPath = ${trap}\n[credential]\n\thelper = ${evil}\n[filter "evil"]\n\tsmudge = ${evil}\n[url "http://127.0.0.1:1/"]\n\tinsteadOf = ${url}\n[protocol]\n\tallow = always\n`,
    );
    const planted = {
      HOME: trap,
      XDG_CONFIG_HOME: trap,
      GIT_CONFIG_GLOBAL: join(trap, '.gitconfig'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.proxy',
      GIT_CONFIG_VALUE_0: 'http://127.0.0.1:1',
      GIT_ASKPASS: evil,
      SSH_ASKPASS: evil,
      GIT_SSH_COMMAND: evil,
      GIT_EXTERNAL_DIFF: evil,
      GIT_TRACE: join(trap, 'ran'),
      GIT_DIR: trap,
      GIT_WORK_TREE: trap,
      http_proxy: 'http://127.0.0.1:1',
      HTTPS_PROXY: 'http://127.0.0.1:1',
      ALL_PROXY: 'http://127.0.0.1:1',
    };
    const before = Object.fromEntries(Object.keys(planted).map((key) => [key, process.env[key]]));
    Object.assign(process.env, planted);
    onTestFinished(() => {
      for (const [key, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[key];
        else process.env[key] = value;
      }
    });
    expect(message(await ask(await resolver(), { url: `${url}/repo.git`, pathInRepo: 'a.yaml' }))).toBe('found x');
    const guarded = await gitServer({ root: repository.root, credentials: 'git:right' });
    const told = message(await ask(await resolver(), { url: `${guarded.url}/repo.git`, pathInRepo: 'a.yaml' }));
    expect(told).toBe('error resolving repository: clone error: authentication required');
    expect(existsSync(join(trap, 'ran'))).toBe(false);
  });

  it('connects to the address that was checked, whatever the name means to others', async () => {
    const repository = testRepository();
    repository.commit({ 'a.yaml': 'x' });
    const { port } = await gitServer({ root: repository.root });
    const asked: string[] = [];
    const locate: Locate = async (url) => {
      asked.push(url);
      return { ok: true, addresses: ['127.0.0.1'] };
    };
    const url = `http://nowhere.invalid:${port}/repo.git`;
    expect(message(await ask(await resolver({ locate }), { url, pathInRepo: 'a.yaml' }))).toBe('found x');
    expect(asked).toEqual([url]);
    expect(message(await ask(await resolver({ locate }), { url: url.replace('nowhere', 'NOWHERÉ'), pathInRepo: 'a.yaml' }))).toBe(
      'found x',
    );
    const refused: Locate = async () => ({ ok: false, code: 'Refused', message: 'http://x is not called: it is private' });
    expect(await ask(await resolver({ locate: refused }), { url, pathInRepo: 'a.yaml' })).toEqual({
      ok: false,
      outlook: 'final',
      message: 'error resolving repository: http://x is not called: it is private',
    });
  });

  it('follows no redirect', async () => {
    const repository = testRepository();
    repository.commit({ 'a.yaml': 'x' });
    const target = await gitServer({ root: repository.root });
    const moved = await localServer(({ path }, response) => response.writeHead(301, { Location: `${target.url}${path}` }).end());
    const told = message(await ask(await resolver(), { url: `${moved.url}/repo.git`, pathInRepo: 'a.yaml' }));
    expect(told).toContain('redirects are not followed, name the place where the repository is now');
    expect(target.paths).toEqual([]);
  });

  it('sends a token to the repository’s own host, without the newline an editor left', async () => {
    const repository = testRepository();
    repository.commit({ 'a.yaml': 'x' });
    const { url, port } = await gitServer({ root: repository.root, credentials: 'git:hush' });
    const params = { url: `${url}/repo.git`, pathInRepo: 'a.yaml', gitToken: 'secret' };
    expect(message(await ask(await resolver(), params))).toBe('found x');
    const bound = (hosts: string, boundSecretsOnly = false) =>
      resolver({ secrets: annotated({ 'tappet.dev/hosts': hosts }), boundSecretsOnly });
    expect(message(await ask(await bound(`127.0.0.1:${port}`, true), params))).toBe('found x');
    expect(message(await ask(await bound('github.com'), params))).toMatch(
      /^secret secret is for github\.com and is not sent to 127\.0\.0\.1:\d+ \(/,
    );
    const tekton = annotated({ 'tekton.dev/git-0': 'https://github.com' });
    expect(message(await ask(await resolver({ secrets: tekton }), params))).toMatch(/is not sent to/);
    expect(message(await ask(await resolver({ boundSecretsOnly: true }), params))).toMatch(/does not say which hosts it is for/);
  });

  it.each([
    ['none', annotated({}), 'cannot get API token, secret none not found in namespace ns'],
    ['x', (async () => ({ type: 'no-key' })) as LookUpSecret, 'cannot get API token, key token not found in secret x in namespace ns'],
    ['x', annotated({}, 'a\nX-Smuggled: b'), 'the token in secret x, key token, is empty or has characters no token has'],
    ['x', annotated({}, ''), 'the token in secret x, key token, is empty or has characters no token has'],
  ])('says what is wrong with the secret %s', async (gitToken, secrets, error) => {
    const told = message(await ask(await resolver({ secrets }), { url: 'http://127.0.0.1:1/r', pathInRepo: 'a', gitToken }));
    expect(told).toBe(error);
  });

  it('reads repositories of this machine where the settings allow it', async () => {
    const repository = testRepository();
    repository.commit({ 'a.yaml': 'x' });
    const subject = await resolver({ allowFileUrls: true });
    const bare = join(repository.root, 'repo.git');
    expect(message(await ask(subject, { url: `file://${bare}`, pathInRepo: 'a.yaml' }))).toBe('found x');
    expect(message(await ask(subject, { url: bare, pathInRepo: 'a.yaml', gitToken: 'secret' }))).toBe('found x');
    expect(message(await ask(subject, { url: join(repository.root, 'nothing'), pathInRepo: 'a.yaml' }))).toMatch(
      /^error resolving repository: git fetch error: /,
    );
    expect(message(await ask(await resolver(), { url: bare, pathInRepo: 'a.yaml' }))).toMatch(/own disk are not read/);
  });

  it('empties its folder at the start, and leaves nothing there', async () => {
    const directory = join(temporaryDirectory(), 'git');
    execFileSync('mkdir', ['-p', join(directory, 'git-left/objects')]);
    const repository = testRepository();
    repository.commit({ 'a.yaml': 'x' });
    const { url } = await gitServer({ root: repository.root });
    const subject = await resolver({ directory });
    expect(existsSync(directory)).toBe(false);
    await ask(subject, { url: `${url}/repo.git`, pathInRepo: 'a.yaml' });
    await ask(subject, { url: `${url}/nothing.git`, pathInRepo: 'a.yaml' });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('ends git and all its helpers when it is told to stop', async () => {
    const held = await localServer(() => {});
    const subject = await resolver();
    const stop = new AbortController();
    const params = Object.entries({ url: `${held.url}/repo.git`, pathInRepo: 'a' }).map(([name, value]) => ({ name, value }));
    const answer = subject.resolve({ namespace: 'ns', params }, stop.signal);
    await held.received(1);
    stop.abort();
    expect(await answer).toEqual({ ok: false, outlook: 'slow', message: 'context deadline exceeded' });
    await expect.poll(() => held.open).toBe(0);
  });
});
