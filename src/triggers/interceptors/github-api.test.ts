import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { askInterceptor, eventOf, readyInterceptor } from '../../../test/support/ask-interceptor.ts';
import { type Canned, fakeGithub } from '../../../test/support/fake-github.ts';
import { fakeOutside } from '../../../test/support/fake-outside.ts';
import type { SendHttp } from '../http-exchange.ts';
import { github } from './github.ts';
import { type InterceptorAnswer, stop, wrong } from './interceptor.ts';

/** What the github interceptor asks GitHub for. Upstream's cases: pkg/interceptors/github/github_test.go. */

const secrets = { 'ns/hook/token': '1234567', 'ns/api/token': 'ghp_secret\n', 'ns/api/odd': 'two words', 'ns/api/empty': '\n' };
const personalAccessToken = { secretName: 'api', secretKey: 'token' };
const secretRef = { secretName: 'hook', secretKey: 'token' };

interface Asked {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly type?: string;
  readonly body?: unknown;
  readonly answers?: Readonly<Record<string, Canned | string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly apiUrl?: string;
}

async function ask({ params = {}, type = 'pull_request', body, answers = {}, headers = {}, apiUrl }: Asked) {
  const forge = fakeGithub(answers, apiUrl);
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? pullRequest);
  const signature = `sha256=${createHmac('sha256', '1234567').update(text).digest('hex')}`;
  const event = eventOf({ headers: { 'X-Github-Event': type, 'X-Hub-Signature-256': signature, ...headers }, body: text });
  const interceptor = readyInterceptor(github, { params });
  const outside = fakeOutside(secrets, { http: forge.http });
  const call = { event, extensions: {}, namespace: 'ns', triggerId: 'namespaces/ns/triggers/t', outside };
  const answer: InterceptorAnswer = await interceptor.intercept(call);
  return { answer, forge, interceptor, again: () => interceptor.intercept(call) };
}

const pullRequest = { number: 7, repository: { full_name: 'o/r' }, sender: { login: 'Ann' } };
const go = { outcome: 'continue' };
const files = '/repos/o/r/pulls/7/files?per_page=100';
const tokens = ({ requests }: { readonly requests: readonly { readonly headers?: object }[] }) =>
  requests.map(({ headers }) => (headers as Record<string, string> | undefined)?.['Authorization']);

describe('changed files of a pull request', () => {
  const params = { addChangedFiles: { enabled: true, personalAccessToken } };
  const changed = (names: string) => ({ ...go, extensions: { changed_files: names } });

  it('are asked for with the token, page after page', async () => {
    const next = 'https://api.github.com/repositories/1/pulls/7/files?per_page=100&page=2';
    const { answer, forge } = await ask({
      params,
      answers: {
        [files]: { body: [{ filename: 'a' }, { filename: 'b/c' }], headers: { Link: `<${next}>; rel="next", <${next}>; rel="last"` } },
        '/repositories/1/pulls/7/files?per_page=100&page=2': {
          body: [{ filename: 'd', previous_filename: 'e' }],
          headers: { Link: `<https://api.github.com/x>; rel="prev"` },
        },
      },
    });
    expect(answer).toEqual(changed('a,b/c,d'));
    expect(forge.paths()).toEqual([files, '/repositories/1/pulls/7/files?per_page=100&page=2']);
    expect(tokens(forge)).toEqual(['Bearer ghp_secret', 'Bearer ghp_secret']);
    expect(forge.requests[0]).toMatchObject({ method: 'GET', maxRedirects: 0, privateNetwork: false, timeoutMs: 10_000 });
  });

  it('need no token', async () => {
    const { answer, forge } = await ask({ params: { addChangedFiles: { enabled: true } }, answers: { [files]: { body: [] } } });
    expect([answer, tokens(forge)]).toEqual([changed(''), [undefined]]);
  });

  it('are asked for once an event, however many triggers want them', async () => {
    const { forge, again } = await ask({ params, answers: { [files]: { body: [{ filename: 'a' }] } } });
    expect([await again(), forge.requests.length]).toEqual([changed('a'), 1]);
  });

  it('go before the owners', async () => {
    const both = { ...params, githubOwners: { enabled: true, checkType: 'none' } };
    const { answer, forge, interceptor } = await ask({ params: both, answers: { [files]: { body: [] } } });
    expect([answer, forge.paths()]).toEqual([changed(''), [files]]);
    expect(interceptor.warnings).toContainEqual(expect.stringMatching(/^with addChangedFiles the owners are not looked at/));
  });

  it('of a repository that was renamed are where GitHub says, as long as that is GitHub', async () => {
    const moved = { status: 301, headers: { Location: '/repositories/1/pulls/7/files' } };
    const answers = { [files]: moved, '/repositories/1/pulls/7/files': { body: [{ filename: 'a' }] } };
    expect((await ask({ params, answers })).answer).toEqual(changed('a'));
  });

  it.each<[string, Readonly<Record<string, Canned | string>>, RegExp]>([
    ['nobody there', { [files]: 'connection refused' }, /^connection refused$/],
    ['not there', {}, /^GET https:.*: 404 Not Found: Not Found$/],
    ['trouble', { [files]: { status: 502, body: '<html>' } }, /: 502 Bad Gateway$/],
    [
      'the rate limit',
      {
        [files]: {
          status: 403,
          body: { message: 'API rate limit exceeded' },
          headers: { 'X-Ratelimit-Remaining': '0', 'X-Ratelimit-Reset': '1767225600' },
        },
      },
      /: 403 Forbidden: API rate limit exceeded: the rate limit is used up until 2026-01-01T00:00:00Z$/,
    ],
    ['too many questions', { [files]: { status: 429, headers: { 'Retry-After': '60' } } }, /: 429: to be asked again in 60 s$/],
    ['no JSON', { [files]: { body: '[{' } }, /: answered no JSON$/],
    ['no list', { [files]: { body: {} } }, /: answered no list$/],
    ['no names', { [files]: { body: [{ sha: 'x' }] } }, /: answered a file without a filename$/],
    [
      'a redirect elsewhere',
      { [files]: { status: 302, headers: { Location: 'https://evil.example/files' } } },
      /^GET https:\/\/evil\.example\/files: leads away from https:\/\/api\.github\.com: not followed, the token is for that server only$/,
    ],
    ['a redirect in a circle', { [files]: { status: 302, headers: { Location: files } } }, /: redirects to .*: not followed$/],
    [
      'a next page elsewhere',
      { [files]: { body: [], headers: { Link: '<https://api.github.com.evil.example/p2>; rel="next"' } } },
      /: leads away from https:\/\/api\.github\.com/,
    ],
    [
      'a next page nowhere',
      { [files]: { body: [], headers: { Link: '<https://[>; rel="next"' } } },
      /^GET https:\/\/\[: no address below https:\/\/api\.github\.com\/$/,
    ],
    [
      'pages without end',
      { [files]: { body: [], headers: { Link: `<https://api.github.com${files}>; rel="next"` } } },
      /: more than 30 pages are not read$/,
    ],
  ])('fail with the reason: %s', async (_, answers, reason) => {
    const { answer, forge } = await ask({ params, answers });
    expect(answer).toMatchObject({ outcome: 'error', code: 'FailedPrecondition' });
    const [prefix, ...message] = (answer as { readonly message: string }).message.split('error getting changed files: ');
    expect([prefix, message.join('')]).toEqual(['', expect.stringMatching(reason)]);
    expect(forge.requests.every(({ url }) => url.startsWith('https://api.github.com/'))).toBe(true);
    expect((answer as { readonly message: string }).message).not.toContain('ghp_secret');
  });

  it('are given up on when ten seconds are over, however many pages there are', async () => {
    let elapsed = 0;
    const next = { Link: `<https://api.github.com${files}&page=2>; rel="next"` };
    const third = { Link: `<https://api.github.com${files}&page=3>; rel="next"` };
    const forge = fakeGithub({ [files]: { body: [], headers: next }, [`${files}&page=2`]: { body: [], headers: third } });
    const http: SendHttp = (request) => {
      elapsed += 6_000.5;
      return forge.http(request);
    };
    const outside = { ...fakeOutside(secrets, { http }), elapsed: () => elapsed };
    const headers = { 'X-Github-Event': 'pull_request' };
    expect(await askInterceptor(github, { params, headers, body: JSON.stringify(pullRequest), outside })).toEqual(
      wrong('FailedPrecondition', 'error getting changed files: not asked: 10 s were not enough'),
    );
    expect(forge.requests.map(({ timeoutMs }) => timeoutMs)).toEqual([10_000, 4_000]);
  });

  it.each<[string, unknown, string]>([
    ['no body', '', 'body is empty'],
    ['no JSON', 'foo', 'body is no JSON'],
    ['no number', { repository: { full_name: 'o/r' } }, "pull_request body missing 'number' field"],
    ['no repository', { number: 1 }, "payload body missing 'repository' field"],
    ['no name', { number: 1, repository: {} }, "payload body missing 'repository.full_name' field"],
    ['a name that leads elsewhere', { number: 1, repository: { full_name: '../..' } }, "'repository.full_name' is no name of a repository"],
    ['a name with a query', { number: 1, repository: { full_name: 'o/r?x=' } }, "'repository.full_name' is no name of a repository"],
    ['a name too long', { number: 1, repository: { full_name: 'o/r/pulls' } }, "'repository.full_name' is no name of a repository"],
    ['a number that is none', { ...pullRequest, number: '7/../8' }, "'number' is no number of a pull request"],
    ['prototypes', '{"number":1,"__proto__":{"repository":{"full_name":"o/r"}}}', "payload body missing 'repository' field"],
  ])('ask nobody about a payload with %s', async (_, body, reason) => {
    const { answer, forge } = await ask({ params, body });
    expect([answer, forge.requests]).toEqual([stop('FailedPrecondition', `error parsing body: ${reason}`), []]);
  });

  it.each([
    ['', 'github interceptor githubToken.secretKey is empty'],
    ['gone', 'cannot find gone key in secret ns/api'],
    ['empty', 'empty empty key in secret ns/api: nobody can be asked with it'],
    ['odd', 'odd key in secret ns/api has characters that no token has: expected one word'],
  ])('are not asked for without the token they should be: %j', async (secretKey, reason) => {
    const told = { addChangedFiles: { enabled: true, personalAccessToken: { secretName: 'api', secretKey } } };
    const { answer, forge } = await ask({ params: told, body: '' });
    expect([answer, forge.requests]).toEqual([wrong('FailedPrecondition', `error getting secret: ${reason}`), []]);
  });
});

describe('changed files of a push', () => {
  const repository = { full_name: 'o/r' };
  const changed = (names: string) => ({ ...go, extensions: { changed_files: names } });
  const missing = (field: string) => stop('FailedPrecondition', `error parsing body: payload body missing ${field} field`);

  it.each<[unknown, unknown]>([
    [
      {
        repository,
        commits: [
          { added: ['a'], modified: ['b', 'a'], removed: [] },
          { added: [], modified: [], removed: ['c'] },
        ],
      },
      changed('a,b,a,c'),
    ],
    [{ repository }, changed('')],
    [{ repository, commits: [{ modified: [], removed: [] }] }, missing("'commits.*.added'")],
    [{ repository, commits: [{ added: [], removed: [] }] }, missing("'commits.*.modified'")],
    [{ repository, commits: [{ added: [], modified: [] }] }, missing("'commits.*.removed'")],
    [{}, missing("'repository'")],
    ['', stop('FailedPrecondition', 'error parsing body: body is empty')],
  ])('%j', async (body, expected) => {
    const { answer, forge } = await ask({ params: { addChangedFiles: { enabled: true } }, type: 'push', body });
    expect([answer, forge.requests]).toEqual([expected, []]);
  });

  it('are none of another event’s', async () => {
    const { answer, forge } = await ask({ params: { addChangedFiles: { enabled: true } }, type: 'issues', body: {} });
    expect([answer, forge.requests]).toEqual([go, []]);
  });
});

describe('owners', () => {
  const notMet = stop('FailedPrecondition', 'owners check requirements not met');
  const owners = (checkType?: string, token: unknown = personalAccessToken) => ({
    githubOwners: { enabled: true, personalAccessToken: token, CheckType: checkType },
  });
  const comment = (body: string, more: object = {}) => ({
    action: 'created',
    issue: { number: 7 },
    comment: { body },
    repository: { full_name: 'o/r' },
    sender: { login: 'Ann' },
    ...more,
  });
  const yes = { status: 204 };
  const orgs = '/orgs/o/public_members/Ann';
  const repos = '/repos/o/r/collaborators/Ann';
  const file = '/repos/o/r/contents/OWNERS';
  const listing = (yaml: string) => ({ [file]: { body: yaml } });

  it.each<[string, string | undefined, Readonly<Record<string, Canned | string>>, unknown, readonly string[]]>([
    ['a member', 'orgMembers', { [orgs]: yes }, go, [orgs]],
    ['a collaborator', 'repoMembers', { [repos]: yes }, go, [repos]],
    ['either', 'all', { [repos]: yes }, go, [orgs, repos]],
    ['neither', 'all', {}, notMet, [orgs, repos, file]],
    ['neither, but an approver', 'all', listing('approvers: [bob, ann]'), go, [orgs, repos, file]],
    ['a reviewer', 'none', listing('reviewers:\n- ANN\n'), go, [file]],
    ['fields in any case', 'none', listing('Approvers: [Ann]'), go, [file]],
    ['a member, who is not asked about', 'none', { [orgs]: yes, [repos]: yes }, notMet, [file]],
    ['no word for members', undefined, { [orgs]: yes, [repos]: yes }, notMet, [file]],
    ['somebody else', 'none', listing('approvers: [anna, an]\nfilters: {}\n'), notMet, [file]],
    ['an empty file', 'none', listing(''), notMet, [file]],
    ['a file of other things', 'none', listing('- ann'), notMet, [file]],
    ['an empty list', 'none', listing('approvers:\nreviewers: []'), notMet, [file]],
    ['a login like a number', 'none', listing('approvers: [123, true, null, ann]'), go, [file]],
    ['a list that is none', 'none', listing('approvers: ann'), /: OWNERS of repos\/o\/r: approvers is no list of logins$/, [file]],
    ['no YAML', 'none', listing('approvers: ['), /: OWNERS of repos\/o\/r: /, [file]],
    [
      'a member nobody can be asked about',
      'orgMembers',
      { [orgs]: { status: 403 }, ...listing('approvers: [ann]') },
      /: 403 Forbidden$/,
      [orgs],
    ],
    ['a page instead of yes', 'repoMembers', { [repos]: { body: {} } }, notMet, [repos, file]],
    ['no network', 'none', { [file]: 'no route' }, /: no route$/, [file]],
  ])('of a pull request: %s', async (_, checkType, answers, expected, asked) => {
    const { answer, forge } = await ask({ params: owners(checkType), answers });
    if (expected instanceof RegExp) {
      expect(answer).toMatchObject({ outcome: 'error', code: 'FailedPrecondition', message: expect.stringMatching(expected) });
      expect(answer).toMatchObject({ message: expect.stringMatching(/^error checking owner verification: /) });
    } else expect(answer).toEqual(expected);
    expect(forge.paths()).toEqual(asked);
    expect(new Set(tokens(forge))).toEqual(new Set(['Bearer ghp_secret']));
  });

  it.each<[string, string, boolean]>([
    ['the words alone', '/ok-to-test', true],
    ['a line of several', 'Fine.\r\n/ok-to-test\r\nThanks', true],
    ['an old line break', 'x\n/ok-to-test\ry', true],
    ['with a word behind', '/ok-to-test now', false],
    ['with a space behind', '/ok-to-test ', false],
    ['with a word before', 'do /ok-to-test', false],
    ['other words', '/test', false],
  ])('of a comment: %s', async (_, text, expected) => {
    const said = { params: owners('none'), type: 'issue_comment', body: comment(text) };
    expect((await ask({ ...said, answers: listing('approvers: [ann]') })).answer).toEqual(expected ? go : notMet);
    expect((await ask({ ...said, answers: listing('approvers: [bob]') })).answer).toEqual(notMet);
  });

  it.each<[string, string, unknown, string]>([
    ['no body', 'pull_request', '', 'payload body is empty'],
    ['no number', 'pull_request', {}, "pull_request body missing 'number' field"],
    ['no sender', 'pull_request', { ...pullRequest, sender: undefined }, "payload body missing 'sender' field"],
    ['no issue', 'issue_comment', {}, "issue_comment body missing 'issue' section"],
    ['no issue number', 'issue_comment', { issue: {} }, "'number' field missing in the issue section of issue_comment body"],
    ['no comment', 'issue_comment', { issue: { number: 1 } }, "issue_comment body missing 'comment' section"],
    [
      'no text',
      'issue_comment',
      { issue: { number: 1 }, comment: {} },
      "'body' field missing in the comment section of issue_comment body",
    ],
    ['no repository', 'issue_comment', comment('x', { repository: 1 }), "payload body missing 'repository' field"],
    ['no name', 'issue_comment', comment('x', { repository: {} }), "payload body missing 'repository.full_name' field"],
  ])('ask nobody about a payload with %s', async (_, type, body, reason) => {
    const { answer, forge } = await ask({ params: owners('all'), type, body });
    expect([answer, forge.requests]).toEqual([stop('FailedPrecondition', `error parsing body: ${reason}`), []]);
  });

  it.each(['..', '', 'ann/../bob', 'a b', '%2e%2e'])('never ask about a sender called %j', async (login) => {
    const answers = { '/repos/o/r/': { status: 204 }, ...listing(`approvers: ['${login}']`) };
    const { answer, forge } = await ask({ params: owners('all'), body: { ...pullRequest, sender: { login } }, answers });
    expect([answer, forge.requests]).toEqual([notMet, []]);
  });

  it('need a token to look for members', async () => {
    const message = 'checkType is set to check org or repo members but no personalAccessToken was supplied';
    for (const checkType of ['all', undefined]) {
      const { answer, forge } = await ask({ params: owners(checkType, null) });
      expect([answer, forge.requests]).toEqual([wrong('FailedPrecondition', message), []]);
    }
    expect((await ask({ params: owners('none', null), answers: listing('approvers: [ann]') })).answer).toEqual(go);
    const { answer } = await ask({ params: owners('all', { secretName: 'api' }) });
    const empty = 'error getting github token: github interceptor personalAccessToken.secretKey is empty';
    expect(answer).toEqual(wrong('FailedPrecondition', empty));
  });

  it('are none of another event’s', async () => {
    const { answer, forge } = await ask({ params: owners('all', null), type: 'push', body: '' });
    expect([answer, forge.requests]).toEqual([go, []]);
  });
});

describe('the token', () => {
  const wanted = { addChangedFiles: { enabled: true, personalAccessToken }, githubOwners: undefined };
  const own = { githubOwners: { enabled: true, personalAccessToken, checkType: 'all' } };
  const header = (host: string) => ({ 'X-Github-Enterprise-Host': host });
  const enterpriseHosts = ['ghe.example.com'];

  it.each<[string, Readonly<Record<string, unknown>>, string, RegExp]>([
    [
      'that nobody named',
      { secretRef },
      'evil.example',
      /: the event comes from the GitHub Enterprise server "evil\.example": to ask it, name it in the param enterpriseHosts$/,
    ],
    ['that looks like one', { secretRef, enterpriseHosts }, 'ghe.example.com.evil.example', /enterpriseHosts$/],
    ['with a path', { secretRef, enterpriseHosts }, 'ghe.example.com/../x', /enterpriseHosts$/],
    ['with another port', { secretRef, enterpriseHosts }, 'ghe.example.com:444', /enterpriseHosts$/],
    [
      'that was named, in an event nobody signed',
      { enterpriseHosts },
      'ghe.example.com',
      /nobody has signed it: give the interceptor a secretRef/,
    ],
  ])('goes to no host from a header %s', async (_, params, host, reason) => {
    for (const [what, prefix] of [
      [wanted, 'error getting changed files: '],
      [own, 'error making client: '],
    ] as const) {
      const { answer, forge } = await ask({ params: { ...params, ...what }, headers: header(host) });
      expect(answer).toMatchObject({ outcome: 'error', message: expect.stringMatching(reason) });
      expect((answer as { readonly message: string }).message.startsWith(prefix)).toBe(true);
      expect(forge.requests).toEqual([]);
    }
  });

  it('goes to the host of a signed event that was named', async () => {
    const apiUrl = 'https://ghe.example.com/api/v3';
    const params = { ...wanted, secretRef, enterpriseHosts };
    const { answer, forge } = await ask({ params, headers: header('GHE.example.com'), apiUrl, answers: { [files]: { body: [] } } });
    expect(answer).toMatchObject(go);
    expect(forge.requests.map(({ url, privateNetwork }) => [url, privateNetwork])).toEqual([[`${apiUrl}${files}`, true]]);
  });

  it('goes to apiUrl whatever the event says', async () => {
    const apiUrl = 'https://ghe.example.com/api/v3';
    const { forge } = await ask({ params: { ...wanted, apiUrl }, headers: header('evil.example'), apiUrl });
    expect(forge.requests.map(({ url }) => url)).toEqual([`${apiUrl}${files}`]);
  });

  it('goes nowhere before the signature is right', async () => {
    const { answer, forge } = await ask({ params: { ...wanted, secretRef }, headers: { 'X-Hub-Signature-256': 'sha256=00' } });
    expect([answer, forge.requests]).toEqual([stop('FailedPrecondition', 'payload signature check failed'), []]);
  });

  it.each([
    [{ apiUrl: 'ghe.example.com' }, 'apiUrl is no address, expected an address like'],
    [{ apiUrl: 'ftp://ghe.example.com/' }, 'apiUrl is "ftp://ghe.example.com/", expected'],
    [{ apiUrl: 'https://me:s3cret@ghe.example.com/' }, 'apiUrl is "https://ghe.example.com/", expected'],
    [{ enterpriseHosts: ['https://ghe.example.com'] }, 'enterpriseHosts has "https://ghe.example.com", expected hosts like'],
  ])('goes to no address like %j', async (params, reason) => {
    const { answer, interceptor } = await ask({ params: { ...wanted, ...params } });
    expect(answer).toMatchObject({ outcome: 'error', code: 'InvalidArgument', message: expect.stringContaining(reason) });
    expect(interceptor.defect).toContain(reason);
    expect(interceptor.defect).not.toContain('s3cret');
  });
});
