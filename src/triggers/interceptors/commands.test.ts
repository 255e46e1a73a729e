import { describe, expect, it } from 'vitest';
import { eventOf, readyInterceptor } from '../../../test/support/ask-interceptor.ts';
import { type Canned, fakeGithub } from '../../../test/support/fake-github.ts';
import { fakeOutside } from '../../../test/support/fake-outside.ts';
import { commands } from './commands.ts';
import { stop, wrong } from './interceptor.ts';

const secrets = { 'ns/api/token': 'ghp_secret', 'ns/api/empty': ' ' };
const tokenRef = { secretName: 'api', secretKey: 'token' };
const head = '9a3f3c26d3f1bd1f7b6d1c2a6d4b5a2f10c9e8d7';
const ann = { login: 'ann', id: 11, type: 'User' };

type Answers = Readonly<Record<string, Canned | string>>;

interface Asked {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers?: Answers;
  readonly apiUrl?: string;
}

async function ask({ params = {}, body = comment('/test'), headers = github, answers = allowed(), apiUrl }: Asked = {}) {
  const forge = fakeGithub(answers, apiUrl);
  const event = eventOf({ headers, body: JSON.stringify(body) });
  const interceptor = readyInterceptor(commands, { params: { commands: ['test'], tokenRef, ...params } });
  const outside = fakeOutside(secrets, { http: forge.http });
  const call = { event, extensions: {}, namespace: 'ns', triggerId: 'namespaces/ns/triggers/t', outside };
  return { answer: await interceptor.intercept(call), forge, interceptor, again: () => interceptor.intercept(call) };
}

const github = { 'X-Github-Event': 'issue_comment' };
const role = '/repos/o/r/collaborators/ann/permission';
const pull = '/repos/o/r/pulls/7';

function comment(text: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    action: 'created',
    issue: { number: 7, pull_request: { url: 'https://api.github.com/repos/o/r/pulls/7' } },
    comment: { id: 5, body: text, user: ann, html_url: 'https://github.com/o/r/pull/7#issuecomment-5', author_association: 'OWNER' },
    repository: { id: 99, full_name: 'o/r', clone_url: 'https://evil.example/x.git' },
    sender: ann,
    ...more,
  };
}

const pullRequest = {
  number: 7,
  title: 'A title',
  state: 'open',
  draft: false,
  user: { login: 'bob' },
  head: { sha: head, ref: 'topic', repo: { id: 100, full_name: 'bob/r', clone_url: 'https://github.com/bob/r.git' } },
  base: { sha: 'f'.repeat(40), ref: 'main', repo: { id: 99, full_name: 'o/r', clone_url: 'https://github.com/o/r.git' } },
};

function allowed(permission: Readonly<Record<string, unknown>> = { permission: 'write', role_name: 'write' }): Answers {
  return { [role]: { body: { ...permission, user: ann } }, [pull]: { body: pullRequest } };
}

describe('a command', () => {
  it('of somebody who may goes on, with what was said and what is meant', async () => {
    const { answer, forge } = await ask();
    expect(answer).toEqual({
      outcome: 'continue',
      extensions: {
        command: {
          name: 'test',
          args: [],
          text: '',
          line: '/test',
          author: 'ann',
          permission: 'write',
          comment: { id: '5', url: 'https://github.com/o/r/pull/7#issuecomment-5' },
          repository: { name: 'o/r', id: 99 },
          pull: {
            number: 7,
            title: 'A title',
            author: 'bob',
            state: 'open',
            draft: false,
            headSha: head,
            headRef: 'topic',
            headRepository: 'bob/r',
            headCloneUrl: 'https://github.com/bob/r.git',
            baseRef: 'main',
            baseSha: 'f'.repeat(40),
            cloneUrl: 'https://github.com/o/r.git',
            fork: true,
          },
        },
      },
    });
    expect(forge.paths()).toEqual([role, pull]);
    expect(forge.requests.map(({ headers }) => headers?.['Authorization'])).toEqual(['Bearer ghp_secret', 'Bearer ghp_secret']);
  });

  it('is asked about once an event, however many triggers listen for it', async () => {
    const { forge, again } = await ask();
    expect([(await again()).outcome, forge.requests.length]).toEqual(['continue', 2]);
  });

  it.each([
    [{ ...pullRequest.head, repo: { id: 99 } }, false, ''],
    [{ ...pullRequest.head, repo: null }, true, ''],
  ])('knows where the head is: %j', async (of, fork, headRepository) => {
    const answers = { ...allowed(), [pull]: { body: { ...pullRequest, head: of } } };
    const { answer } = await ask({ answers });
    expect(answer).toMatchObject({ extensions: { command: { pull: { fork, headRepository, headSha: head } } } });
  });

  it('keeps what its author wrote as it is', async () => {
    const line = '/test $(tt.params.x) `id` "a"';
    const { answer } = await ask({ body: comment(line), params: { commands: [{ name: 'test', args: true }] } });
    expect(answer).toMatchObject({ extensions: { command: { line, args: ['$(tt.params.x)', '`id`', '"a"'] } } });
  });
});

describe('nobody is asked', () => {
  const not = (message: string) => stop('FailedPrecondition', message);

  it.each<[string, Asked, unknown]>([
    ['another event', { headers: { 'X-Github-Event': 'push' } }, not('the event is no comment: its type is "push"')],
    ['no event', { headers: {} }, not('the event is no comment: its type is ""')],
    ['an edit', { body: comment('/test', { action: 'edited' }) }, not('only new comments count, this one was "edited"')],
    ['a deletion', { body: comment('/test', { action: 'deleted' }) }, not('only new comments count, this one was "deleted"')],
    [
      'an action in another case',
      { body: comment('/test', { action: 'Created' }) },
      not('only new comments count, this one was "Created"'),
    ],
    ['an issue', { body: comment('/test', { issue: { number: 7 } }) }, not('the comment is not on a pull request')],
    ['a bot', { body: comment('/test', { sender: { ...ann, type: 'Bot' } }) }, not('ann is a bot: allowBots would let it')],
    [
      'an event of somebody else',
      { body: comment('/test', { sender: { ...ann, id: 12 } }) },
      not('the event was not sent by the author of the comment'),
    ],
    ['no comment', { body: comment('/test', { comment: {} }) }, not('the payload is no issue_comment of GitHub')],
    ['no JSON object', { body: null }, not('only new comments count, this one was ""')],
    [
      'a repository elsewhere',
      { body: comment('/test', { repository: { id: 99, full_name: '../..' } }) },
      not('the payload is no issue_comment of GitHub'),
    ],
    [
      'a login elsewhere',
      { body: comment('/test', { comment: { body: '/test', user: { ...ann, login: '../../user' } } }) },
      not('the payload is no issue_comment of GitHub'),
    ],
    ['no command', { body: comment('hello') }, not('no command in the comment')],
    ['another command', { body: comment('/retest') }, not('no command in the comment')],
    [
      'a command with words',
      { body: comment('/test now') },
      not('no command in the comment: "/test now" has words behind /test, which takes none'),
    ],
    [
      'no commit',
      { body: comment('/ok-to-test'), params: { commands: ['ok-to-test'] } },
      stop(
        'InvalidArgument',
        '/ok-to-test names no commit, expected the whole id of the commit that was looked at, 40 digits, and nothing else',
      ),
    ],
  ])('about %s', async (_, asked, expected) => {
    const { answer, forge } = await ask(asked);
    expect([answer, forge.requests]).toEqual([expected, []]);
  });

  it('when the token is missing', async () => {
    for (const [secretKey, why] of [
      ['gone', 'cannot find gone key in secret ns/api'],
      ['empty', 'empty empty key in secret ns/api: nobody can be asked with it'],
    ]) {
      const { answer, forge } = await ask({ params: { tokenRef: { secretName: 'api', secretKey } } });
      expect([answer, forge.requests]).toEqual([wrong('FailedPrecondition', `error getting token: ${why}`), []]);
    }
  });

  it('but bots that are let', async () => {
    expect((await ask({ body: comment('/test', { sender: { ...ann, type: 'Bot' } }), params: { allowBots: true } })).answer.outcome).toBe(
      'continue',
    );
  });
});

describe('permission', () => {
  const has: readonly [Readonly<Record<string, unknown>>, string][] = [
    [{ permission: 'admin', role_name: 'admin' }, 'admin'],
    [{ permission: 'write', role_name: 'maintain' }, 'maintain'],
    [{ permission: 'write', role_name: 'write' }, 'write'],
    [{ permission: 'write' }, 'write'],
    [{ permission: 'write', role_name: 'admin' }, 'write'],
    [{ permission: 'read', role_name: 'maintain' }, 'read'],
    [{ permission: 'read', role_name: 'triage' }, 'triage'],
    [{ permission: 'read', role_name: 'our-own-role' }, 'read'],
    [{ permission: 'none', role_name: 'triage' }, 'none'],
    [{ permission: 'none' }, 'none'],
    [{ permission: 'superuser' }, 'none'],
    [{ permission: ['admin'] }, 'none'],
    [{}, 'none'],
  ];
  const order = ['none', 'read', 'triage', 'write', 'maintain', 'admin'];

  it.each(has)('as GitHub says it: %j is %s', async (answered, level) => {
    for (const wanted of order.slice(1)) {
      const { answer } = await ask({ params: { permission: wanted }, answers: allowed(answered) });
      const refusal = `ann may not say /test: has permission ${level} in o/r, expected ${wanted}`;
      if (order.indexOf(level) >= order.indexOf(wanted))
        expect(answer).toMatchObject({ outcome: 'continue', extensions: { command: { permission: level } } });
      else expect(answer).toEqual(stop('PermissionDenied', refusal));
    }
  });

  it.each<[string, Canned | string, unknown]>([
    ['nobody there', 'connection refused', { outcome: 'error', code: 'Unavailable' }],
    ['trouble', { status: 500, body: { permission: 'admin', user: ann } }, { outcome: 'error', code: 'Unavailable' }],
    ['no right to ask', { status: 403, body: { permission: 'admin', user: ann } }, { outcome: 'error', code: 'Unavailable' }],
    ['a token that is none', { status: 401 }, { outcome: 'error', code: 'Unavailable' }],
    ['no such person', { status: 404, body: { permission: 'admin', user: ann } }, { outcome: 'stop', code: 'PermissionDenied' }],
    [
      'somebody else of that name',
      { body: { permission: 'admin', user: { ...ann, id: 12 } } },
      { outcome: 'stop', code: 'PermissionDenied' },
    ],
    ['nobody', { body: { permission: 'admin', user: null } }, { outcome: 'stop', code: 'PermissionDenied' }],
    ['no JSON', { body: 'admin' }, { outcome: 'error', code: 'Unavailable' }],
    ['a list', { body: [{ permission: 'admin', user: ann }] }, { outcome: 'stop', code: 'PermissionDenied' }],
    ['a prototype', { body: `{"__proto__":{"permission":"admin"},"user":{"id":11}}` }, { outcome: 'stop', code: 'PermissionDenied' }],
    ['a redirect elsewhere', { status: 307, headers: { Location: 'https://evil.example/' } }, { outcome: 'error', code: 'Unavailable' }],
  ])('is not there when GitHub answers %s', async (_, canned, expected) => {
    const { answer, forge } = await ask({ answers: { ...allowed(), [role]: canned } });
    expect(answer).toMatchObject(expected as object);
    expect(forge.paths()).toEqual([role]);
    expect(JSON.stringify(answer)).not.toContain('ghp_secret');
  });

  it.each<[string, Canned | string, string]>([
    ['nothing', { status: 404 }, 'GET https://api.github.com/repos/o/r/pulls/7: 404 Not Found'],
    ['trouble', { status: 502 }, 'GET https://api.github.com/repos/o/r/pulls/7: 502 Bad Gateway'],
    ['another one', { body: { ...pullRequest, number: 8 } }, 'GitHub answered something else than the pull request'],
    ['no commit', { body: { ...pullRequest, head: { sha: 'main' } } }, 'GitHub answered something else than the pull request'],
    [
      'one of another repository',
      { body: { ...pullRequest, base: { repo: { id: 98 } } } },
      'the repository has another id than the one the comment is in',
    ],
  ])('is of no use without the pull request: %s', async (_, canned, reason) => {
    const { answer } = await ask({ answers: { ...allowed(), [pull]: canned } });
    expect(answer).toEqual(wrong('Unavailable', `cannot ask for pull request 7: ${reason}`));
  });

  it('may differ from command to command', async () => {
    const params = { commands: ['cancel', { name: 'test', permission: 'triage' }], permission: 'maintain' };
    const answers = allowed({ permission: 'read', role_name: 'triage' });
    expect((await ask({ params, answers })).answer.outcome).toBe('continue');
    expect((await ask({ params, answers, body: comment('/cancel') })).answer).toMatchObject({ code: 'PermissionDenied' });
  });

  it('is not asked for where none is wanted', async () => {
    const { answer, forge, interceptor } = await ask({ params: { permission: 'none', tokenRef: undefined } });
    expect(answer).toMatchObject({ extensions: { command: { permission: '', pull: { headSha: head } } } });
    expect([forge.paths(), forge.requests[0]?.headers?.['Authorization']]).toEqual([[pull], undefined]);
    expect(interceptor.warnings).toEqual(['anybody who can comment can say /test: no permission is asked for']);
  });
});

describe('a command that names a commit', () => {
  const params = { commands: ['ok-to-test'] };
  const other = head.replace('9', '8');

  it.each<[string, unknown]>([
    [head, { outcome: 'continue' }],
    [head.toUpperCase(), { outcome: 'continue' }],
    [
      other,
      {
        outcome: 'stop',
        message: `/ok-to-test names ${other}, but the pull request is at ${head} by now: look at what has changed and name that one`,
      },
    ],
    ['f'.repeat(64), { outcome: 'stop', code: 'FailedPrecondition' }],
    [
      head.slice(0, 7),
      { outcome: 'stop', code: 'InvalidArgument', message: expect.stringContaining(`names "${head.slice(0, 7)}", expected`) },
    ],
    [head.slice(0, 39), { outcome: 'stop', code: 'InvalidArgument' }],
    [`${head}0`, { outcome: 'stop', code: 'InvalidArgument' }],
    [head.replace('9', 'g'), { outcome: 'stop', code: 'InvalidArgument' }],
    [`${head} please`, { outcome: 'stop', code: 'InvalidArgument' }],
    ['HEAD', { outcome: 'stop', code: 'InvalidArgument' }],
  ])('%s', async (commit, expected) => {
    expect((await ask({ params, body: comment(`/ok-to-test ${commit}`) })).answer).toMatchObject(expected as object);
  });

  it('may be any, and /ok-to-test may be one that names none', async () => {
    const told = {
      commands: [
        { name: 'deploy', commit: true, args: true },
        { name: 'ok-to-test', commit: false },
      ],
    };
    expect((await ask({ params: told, body: comment(`/deploy ${head} to prod`) })).answer.outcome).toBe('continue');
    expect((await ask({ params: told, body: comment('/deploy') })).answer).toMatchObject({ code: 'InvalidArgument' });
    expect((await ask({ params: told, body: comment('/ok-to-test') })).answer.outcome).toBe('continue');
  });
});

describe('the token', () => {
  it('goes to no host that the event names', async () => {
    const headers = { ...github, 'X-Github-Enterprise-Host': 'evil.example' };
    const { answer, forge } = await ask({ headers });
    expect(answer).toMatchObject({
      outcome: 'error',
      message: expect.stringMatching(/GitHub Enterprise server "evil\.example": to ask it, give its address in the param apiUrl$/),
    });
    expect(forge.requests).toEqual([]);
    const apiUrl = 'https://ghe.example.com/api/v3';
    const pinned = await ask({ headers, params: { apiUrl }, apiUrl });
    expect([pinned.answer.outcome, pinned.forge.requests.map(({ url }) => new URL(url).host)]).toEqual([
      'continue',
      ['ghe.example.com', 'ghe.example.com'],
    ]);
  });

  it('goes nowhere but to GitHub, whatever URLs the payload has', async () => {
    const { forge } = await ask({
      body: comment('/test', { issue: { number: 7, pull_request: { url: 'https://evil.example/pulls/7' } } }),
    });
    expect(forge.requests.map(({ url }) => new URL(url).origin)).toEqual(['https://api.github.com', 'https://api.github.com']);
  });
});

describe('params', () => {
  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ commands: undefined }, 'commands is empty: name at least one, e.g. ["test"]'],
    [{ commands: [] }, 'commands is empty: name at least one, e.g. ["test"]'],
    [
      { commands: 'test' },
      'failed to parse interceptor params: invalid json: commands is of type string, expected a list of names or objects',
    ],
    [{ commands: [7] }, 'failed to parse interceptor params: invalid json: commands is a list, expected a list of names or objects'],
    [{ commands: ['/test'] }, 'commands[0] is called "/test", expected letters, digits, - and _, without the slash'],
    [{ commands: [{}] }, 'commands[0] is called "", expected letters, digits, - and _, without the slash'],
    [{ commands: ['test', 'test'] }, 'commands[1] is called test, as one before it'],
    [{ permission: 'owner' }, 'permission is "owner", expected one of none, read, triage, write, maintain, admin'],
    [{ commands: [{ name: 'a', permission: '' }] }, 'permission is "", expected one of none, read, triage, write, maintain, admin'],
    [{ forge: 'gitea' }, 'forge is "gitea", expected one of github, gitlab'],
    [{ tokenRef: { secretName: 'api' } }, 'tokenRef lacks secretName or secretKey: the Secret and its key that the token is in'],
    [
      { tokenRef: undefined },
      '/test is for those who may write, which cannot be asked without a token: give tokenRef, a token that may see the collaborators, or permission: none',
    ],
    [
      { apiUrl: 'file:///etc' },
      'apiUrl is "file:///etc", expected an address like https://github.example.com/api/v3, without user, password and query',
    ],
  ])('%j are told about', async (params, message) => {
    const { answer, interceptor, forge } = await ask({ params });
    expect([answer, interceptor.defect, forge.requests]).toEqual([wrong('InvalidArgument', message), `commands: ${message}`, []]);
  });
});

describe('on GitLab', () => {
  const gitlab = { 'X-Gitlab-Event': 'Note Hook', 'X-Gitlab-Instance': 'https://gitlab.com' };
  const apiUrl = 'https://gitlab.com/api/v4';
  const member = '/projects/99/members/all/11';
  const merge = '/projects/99/merge_requests/7';
  const noteOf = (text: string, attributes: object = {}, more: object = {}) => ({
    object_kind: 'note',
    user: { id: 11, username: 'ann' },
    project_id: 99,
    project: { id: 99, path_with_namespace: 'g/p', git_http_url: 'https://gitlab.com/g/p.git' },
    object_attributes: {
      id: 5,
      note: text,
      noteable_type: 'MergeRequest',
      action: 'create',
      author_id: 11,
      system: false,
      url: 'https://gitlab.com/g/p/-/merge_requests/7#note_5',
      ...attributes,
    },
    merge_request: { iid: 7, source: { path_with_namespace: 'bob/p', git_http_url: 'https://gitlab.com/bob/p.git' } },
    ...more,
  });
  const mergeRequest = {
    iid: 7,
    title: 'A title',
    state: 'opened',
    draft: true,
    author: { username: 'bob' },
    sha: head,
    source_branch: 'topic',
    target_branch: 'main',
    source_project_id: 100,
    target_project_id: 99,
    diff_refs: { base_sha: 'f'.repeat(40) },
  };
  const answers = (level = 30, state = 'active'): Answers => ({
    [member]: { body: { id: 11, access_level: level, state } },
    [merge]: { body: mergeRequest },
  });
  const told = (asked: Asked) => ask({ headers: gitlab, apiUrl, answers: answers(), body: noteOf('/test'), ...asked });

  it('a command of somebody who may goes on', async () => {
    const { answer, forge } = await told({});
    expect(answer).toEqual({
      outcome: 'continue',
      extensions: {
        command: {
          name: 'test',
          args: [],
          text: '',
          line: '/test',
          author: 'ann',
          permission: 'write',
          comment: { id: '5', url: 'https://gitlab.com/g/p/-/merge_requests/7#note_5' },
          repository: { name: 'g/p', id: 99 },
          pull: {
            number: 7,
            title: 'A title',
            author: 'bob',
            state: 'opened',
            draft: true,
            headSha: head,
            headRef: 'topic',
            headRepository: 'bob/p',
            headCloneUrl: 'https://gitlab.com/bob/p.git',
            baseRef: 'main',
            baseSha: 'f'.repeat(40),
            cloneUrl: 'https://gitlab.com/g/p.git',
            fork: true,
          },
        },
      },
    });
    expect(forge.paths()).toEqual([member, merge]);
    expect(forge.requests.map(({ headers }) => headers?.['Private-Token'])).toEqual(['ghp_secret', 'ghp_secret']);
  });

  it.each([
    [60, 'active', 'admin'],
    [50, 'active', 'admin'],
    [40, 'active', 'maintain'],
    [30, 'active', 'write'],
    [20, 'active', 'triage'],
    [15, 'active', 'read'],
    [10, 'active', 'read'],
    [5, 'active', 'none'],
    [0, 'active', 'none'],
    [50, 'awaiting', 'none'],
    [50, 'blocked', 'none'],
  ])('access level %s, %s, is %s', async (level, state, permission) => {
    const { answer } = await told({ answers: answers(level, state), params: { permission: 'admin' } });
    if (permission === 'admin') expect(answer.outcome).toBe('continue');
    else expect(answer).toEqual(stop('PermissionDenied', `ann may not say /test: has permission ${permission} in g/p, expected admin`));
  });

  it.each<[string, unknown, unknown]>([
    ['a note on an issue', noteOf('/test', { noteable_type: 'Issue' }), { message: 'the comment is not on a merge request' }],
    ['an edit', noteOf('/test', { action: 'update' }), { message: 'only new comments count, this one was edited' }],
    [
      'an edit of an older server',
      noteOf('/test', { action: undefined, created_at: '2026-01-01 00:00:00 UTC', updated_at: '2026-01-01 00:00:01 UTC' }),
      { message: 'only new comments count, this one was edited' },
    ],
    [
      'an older server that says nothing',
      noteOf('/test', { action: undefined }),
      { message: 'only new comments count, this one was edited' },
    ],
    ['a note of GitLab itself', noteOf('/test', { system: true }), { message: 'the comment is of GitLab itself' }],
    [
      'a bot',
      noteOf('/test', {}, { user: { id: 11, username: 'project_99_bot_0123' } }),
      { message: 'project_99_bot_0123 is a bot: allowBots would let it' },
    ],
    ['somebody else’s note', noteOf('/test', { author_id: 12 }), { message: 'the event was not sent by the author of the comment' }],
    ['no user', noteOf('/test', {}, { user: { id: 'x' } }), { message: 'the payload is no note of GitLab' }],
    ['a project elsewhere', noteOf('/test', {}, { project_id: '../user' }), { message: 'the payload is no note of GitLab' }],
  ])('nobody is asked about %s', async (_, body, expected) => {
    const { answer, forge } = await told({ body });
    expect([answer, forge.requests]).toEqual([expect.objectContaining({ outcome: 'stop', ...(expected as object) }), []]);
  });

  it('a new note of an older server counts', async () => {
    const at = '2026-01-01 00:00:00 UTC';
    expect((await told({ body: noteOf('/test', { action: undefined, created_at: at, updated_at: at }) })).answer.outcome).toBe('continue');
  });

  it.each<[string, Answers, unknown]>([
    ['no member', { ...answers(), [member]: { status: 404 } }, { code: 'PermissionDenied' }],
    ['another member', { ...answers(), [member]: { body: { id: 12, access_level: 50, state: 'active' } } }, { code: 'PermissionDenied' }],
    ['trouble', { ...answers(), [member]: { status: 500 } }, { code: 'Unavailable' }],
    ['no merge request', { ...answers(), [merge]: { status: 404 } }, { code: 'Unavailable' }],
    ['one of another project', { ...answers(), [merge]: { body: { ...mergeRequest, target_project_id: 98 } } }, { code: 'Unavailable' }],
  ])('%s: no', async (_, canned, expected) => {
    expect((await told({ answers: canned })).answer).toMatchObject(expected as object);
  });

  it('the token goes to no server that only the event names', async () => {
    const headers = { ...gitlab, 'X-Gitlab-Instance': 'https://evil.example' };
    const { answer, forge } = await told({ headers });
    expect(answer).toMatchObject({ outcome: 'error', message: expect.stringContaining('the GitLab server "https://evil.example"') });
    expect(forge.requests).toEqual([]);
  });

  it('a trigger may be for one forge only', async () => {
    const { answer, interceptor } = await told({ params: { forge: 'github' } });
    expect(answer).toMatchObject({ outcome: 'stop', message: 'the event is no comment: its type is ""' });
    expect(interceptor.conditions).toEqual([
      { root: 'header', path: ['X-Github-Event'], values: ['issue_comment'] },
      { root: 'body', path: ['action'], values: ['created'] },
    ]);
  });
});
