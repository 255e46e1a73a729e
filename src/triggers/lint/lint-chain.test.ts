import { describe, expect, it } from 'vitest';
import type { TriggerInterceptor } from '../../resources/trigger/schema.ts';
import { expressionCache } from '../expression-cache.ts';
import { githubPayloads } from './github/github-payloads.ts';
import { readPayloads } from './github/read-payloads.ts';
import { lintChain } from './lint-chain.ts';
import { startOfChain } from './listener-runs.ts';

const payloads = readPayloads(githubPayloads);
const expressions = expressionCache();

type Params = Readonly<Record<string, unknown>>;

function core(name: string, params: Params = {}): TriggerInterceptor {
  return { ref: { name, kind: 'ClusterInterceptor' }, params: Object.entries(params).map(([param, value]) => ({ name: param, value })) };
}

const secretRef = { secretName: 's', secretKey: 'k' };
const github = (params: Params = {}): TriggerInterceptor => core('github', { secretRef, ...params });
const cel = (filter: string, overlays: Readonly<Record<string, string>> = {}): TriggerInterceptor =>
  core('cel', { filter, overlays: Object.entries(overlays).map(([key, expression]) => ({ key, expression })) });
const webhook: TriggerInterceptor = { webhook: { objectRef: { kind: 'Service', apiVersion: 'v1', name: 'x' } } };

function chain(specs: readonly TriggerInterceptor[]) {
  const { start, policy } = startOfChain({ expressions, payloads });
  return lintChain(specs, 't', start, { expressions, payloads, policy, namespace: 'ns' });
}

function lint(...specs: readonly TriggerInterceptor[]) {
  return chain(specs).findings.map(({ severity, code, path, message, suggestion }) => ({ severity, code, path, message, suggestion }));
}

const one = (finding: object) => [expect.objectContaining(finding)];

describe('interceptors', () => {
  it.each([
    ['none', []],
    ['github', [github({ eventTypes: ['push', 'pull_request'] })]],
    ['github without event types', [github()]],
    ['param names in another case', [core('github', { SecretRef: { SecretName: 's', secretkey: 'k' }, EventTypes: ['push'] })]],
    ['null params, as conversion makes them', [core('github', { secretRef, eventTypes: null })]],
    ['gitlab', [core('gitlab', { secretRef, eventTypes: ['Push Hook', 'Merge Request Hook'] })]],
    ['bitbucket', [core('bitbucket', { secretRef, eventTypes: ['repo:refs_changed', 'pr:opened', 'repo:push', 'pullrequest:created'] })]],
    ['cel without params', [core('cel')]],
    ['what one adds, the next may ask for', [cel('body.a == "x"', { sha: 'body.sha.truncate(7)' }), cel("extensions.sha == 'abc'")]],
    [
      'changed files',
      [github({ eventTypes: ['push'], addChangedFiles: { enabled: true } }), cel("extensions.changed_files.matches('docs/')")],
    ],
    [
      'fields of Slack',
      [
        core('slack', { secretRef, requestedFields: ['text', 'event.user'] }),
        cel("extensions.text[0] == 'x' && extensions.event.user[0] == 'y'"),
      ],
    ],
    [
      'a command',
      [
        github(),
        core('commands', { tokenRef: secretRef, commands: ['test', { name: 'cancel', permission: 'write' }] }),
        cel("extensions.command.name == 'test'"),
      ],
    ],
    [
      'what GitHub is asked for',
      [
        github({
          addChangedFiles: { enabled: false, personalAccessToken: secretRef },
          githubOwners: { personalAccessToken: secretRef, CheckType: 'all' },
          enterpriseHosts: ['ghe.example.com'],
          apiUrl: 'https://ghe.example.com/api/v3',
        }),
      ],
    ],
    [
      'commands of comments',
      [
        github({ eventTypes: ['issue_comment'] }),
        core('commands', { commands: ['test', { name: 'deploy', permission: 'admin', args: true, commit: true }], tokenRef: secretRef }),
        cel('!extensions.command.pull.fork'),
      ],
    ],
    ['an interceptor of somebody else adds what it likes', [core('own'), cel("extensions.anything == 'x'")]],
    ['events narrowed twice', [github({ eventTypes: ['push', 'pull_request'] }), cel("header.match('X-GitHub-Event', 'push')")]],
    [
      'a webhook may change everything',
      [github({ eventTypes: ['push'] }), webhook, cel("body.nonsense == 'x' && header.match('X-GitHub-Event', 'other')")],
    ],
    ['a secret compared in CEL', [core('github', {}), cel("header.canonical('X-Token').compareSecret('k', 's')")]],
  ])('%s: nothing to say', (_, specs) => {
    // Of what this version does not do yet it tells elsewhere.
    expect(lint(...specs).filter(({ message }) => !message.includes('does not do yet'))).toEqual([]);
  });

  it.each([
    ['eventType', 'github has no param eventType and ignores it', 'eventTypes'],
    [
      'whatever',
      expect.stringMatching(/^github has no param whatever and ignores it: expected secretRef, secretRefs, eventTypes, /),
      undefined,
    ],
  ])('unknown param %s', (name, message, suggestion) => {
    expect(lint(github({ [name]: ['push'] }))).toEqual(
      one({ severity: 'warning', code: 'param-unknown', path: `t.interceptors[0].params[${name}]`, message, suggestion }),
    );
  });

  it('unknown fields within params, where one that is known is missing', () => {
    expect(lint(core('cel', { overlays: [{ key: 'a', expresion: "'x'" }] }))).toContainEqual(
      expect.objectContaining({
        code: 'param-unknown',
        path: 't.interceptors[0].params[overlays].value[0].expresion',
        suggestion: 'expression',
      }),
    );
    expect(lint(core('gitlab', { secretRef: { name: 's', secretKey: 'k' } }))).toEqual([
      expect.objectContaining({ code: 'param-unknown', message: 'secretRef has no field name and ignores it: expected secretName' }),
      expect.objectContaining({ severity: 'error', code: 'param-value', message: expect.stringContaining('secretName is missing') }),
    ]);
  });

  it('unknown fields of params that are names or objects', () => {
    expect(
      lint(github(), core('commands', { tokenRef: secretRef, commands: ['test', { name: 'cancel', permision: 'write' }] })),
    ).toContainEqual(
      expect.objectContaining({
        code: 'param-unknown',
        path: 't.interceptors[1].params[commands].value[1].permision',
        suggestion: 'permission',
      }),
    );
  });

  it('a param given twice', () => {
    const spec = cel("body.a == 'x'");
    expect(lint({ ...spec, params: [...(spec.params ?? []), { name: 'filter', value: "body.b == 'y'" }] })).toEqual(
      one({ severity: 'warning', code: 'param-repeated' }),
    );
  });

  it('wrong types', () => {
    expect(lint(github({ eventTypes: 'push' }))).toEqual(
      one({
        severity: 'error',
        code: 'param-value',
        message: 'failed to parse interceptor params: invalid json: eventTypes is of type string, expected a list of strings',
      }),
    );
    expect(lint(core('cel', { filter: 5 }))).toEqual(one({ severity: 'error', code: 'param-value' }));
  });

  it('anybody may send', () => {
    expect(lint(core('github'))).toEqual(one({ severity: 'warning', code: 'unsigned' }));
    expect(lint(core('gitlab'), cel("body.a == 'x'"))).toEqual(one({ severity: 'warning', code: 'unsigned' }));
  });

  it.each([
    [github({ eventTypes: ['pull-request'] }), 'GitHub has no event "pull-request" that we know of', 'pull_request'],
    [core('gitlab', { secretRef, eventTypes: ['push'] }), 'GitLab has no event "push" that we know of', 'Push Hook'],
    [
      core('gitlab', { secretRef, eventTypes: ['merge_request'] }),
      'GitLab has no event "merge_request" that we know of',
      'Merge Request Hook',
    ],
    [
      core('gitlab', { secretRef, eventTypes: ['Merge Request Events'] }),
      'GitLab has no event "Merge Request Events" that we know of',
      'Merge Request Hook',
    ],
    [core('bitbucket', { secretRef, eventTypes: ['push'] }), 'Bitbucket has no event "push" that we know of', 'repo:push'],
    [core('bitbucket', { secretRef, eventTypes: ['pr:open'] }), 'Bitbucket has no event "pr:open" that we know of', 'pr:opened'],
  ])('event types that there are not', (spec, message, suggestion) => {
    expect(lint(spec)).toEqual(
      one({ severity: 'warning', code: 'event-type', path: 't.interceptors[0].params[eventTypes].value[0]', message, suggestion }),
    );
  });

  it('event types that there are not, asked for in CEL', () => {
    expect(lint(cel("header.match('X-GitHub-Event', 'pull-request')"))).toEqual(one({ code: 'event-type', suggestion: "'pull_request'" }));
    expect(lint(cel("header.canonical('x-gitlab-event') == 'push'"))).toEqual(one({ code: 'event-type', suggestion: "'Push Hook'" }));
  });

  it('no event gets past', () => {
    expect(lint(github({ eventTypes: [] }))).toEqual(
      one({ severity: 'error', code: 'never-fires', message: expect.stringContaining('the list is empty') }),
    );
    expect(lint(github({ eventTypes: ['push'] }), cel("header.match('X-GitHub-Event', 'issues')"))).toEqual(
      one({
        severity: 'error',
        code: 'never-fires',
        path: 't.interceptors[1]',
        message: 'no event gets past this: header X-Github-Event must be "push" in t.interceptors[0], and "issues" as well',
      }),
    );
    expect(lint(cel("body.action == 'opened' && body.action == 'closed'"))).toEqual(
      one({ code: 'never-fires', message: 'no event gets past this: body.action must be "opened" here, and "closed" as well' }),
    );
  });

  it('an interceptor nobody has', () => {
    expect(lint(core('githup'))).toEqual(
      one({ severity: 'warning', code: 'interceptor-unknown', path: 't.interceptors[0].ref.name', suggestion: 'github' }),
    );
    expect(lint({ params: [] })).toEqual(one({ severity: 'error', code: 'interceptor-unknown' }));
    expect(chain([core('own')]).interceptors).toEqual([{ path: 't.interceptors[0].ref.name', kind: 'ClusterInterceptor', name: 'own' }]);
    expect(chain([{ ref: { name: 'own', kind: 'NamespacedInterceptor' } }]).interceptors).toMatchObject([
      { kind: 'Interceptor', name: 'own' },
    ]);
  });

  it('payload fields by the events that come as far as this', () => {
    expect(lint(github({ eventTypes: ['push'] }), cel('body.pull_request.draft'))).toEqual(
      one({ code: 'github-field', path: 't.interceptors[1].params[filter].value' }),
    );
    expect(lint(github(), cel("header.match('X-GitHub-Event', 'push')", { x: 'body.pull_request.title' }))).toEqual(
      one({ code: 'github-field', path: 't.interceptors[1].params[overlays].value[0].expression' }),
    );
    expect(lint(cel("header.match('X-GitHub-Event', 'push')"), cel('body.pull_request.draft'))).toEqual(one({ code: 'github-field' }));
    expect(lint(cel('body.pull_request.drafft'))).toEqual([]);
  });

  it('params of commands that it does not know, and what it does not add', () => {
    const commands = (more: Params) => core('commands', { commands: ['test'], tokenRef: secretRef, ...more });
    expect(lint(github(), commands({ permissions: 'admin' }))).toEqual(one({ code: 'param-unknown', suggestion: 'permission' }));
    const slip = [{ name: 'test', permision: 'admin' }];
    expect(lint(github(), commands({ commands: slip }))).toEqual(one({ code: 'param-unknown', suggestion: 'permission' }));
    expect(lint(github(), commands({}), cel("extensions.comand.name == 'test'"))).toEqual(one({ suggestion: 'extensions.command' }));
    expect(lint(github(), commands({ commands: ['/test'] }))).toEqual(one({ severity: 'error', code: 'param-value' }));
  });

  it('extensions that nothing adds', () => {
    expect(lint(cel("extensions.sha == 'x'"))).toEqual(
      one({
        severity: 'error',
        code: 'extension-missing',
        message: "no interceptor before this adds 'sha' to the extensions: this always fails",
      }),
    );
    expect(lint(cel('has(extensions.sha)'))).toEqual(one({ severity: 'warning', code: 'extension-missing' }));
    expect(lint(cel('', { short_sha: "'x'" }), cel("extensions.shortsha == 'x'"))).toEqual(one({ suggestion: 'extensions.short_sha' }));
    expect(lint(cel("'a' in extensions", { a: "'x'" }))).toEqual(one({ severity: 'warning', code: 'extension-missing' }));
  });

  it.each([
    [{ '': "'x'" }, 'error', 'overlay-key', 'the key is empty: the interceptor always fails', undefined],
    [{ 'a*b': "'x'" }, 'warning', 'overlay-key', 'a key with * in it sets nothing, silently', 'a\\*b'],
    [
      { 'extensions.sha': "'x'" },
      'warning',
      'overlay-key',
      'overlays are below extensions already: this is $(extensions.extensions.sha) in bindings',
      'sha',
    ],
    [{ a: "'x'", 'a.b': "'y'" }, 'warning', 'overlay-key', 'a.b comes later, and may take the place of this value', undefined],
    [
      { a: "timestamp('2026-01-01T00:00:00Z')" },
      'error',
      'overlay-type',
      'a value of type timestamp cannot be an extension: the interceptor always fails',
      "string(timestamp('2026-01-01T00:00:00Z'))",
    ],
    [{ a: 'null' }, 'error', 'overlay-type', 'a value of type null cannot be an extension: the interceptor always fails', undefined],
  ])('overlays %j', (overlays, severity, code, message, suggestion) => {
    expect(lint(cel('', overlays))).toEqual(one({ severity, code, message, suggestion }));
  });

  it('the same overlay twice', () => {
    const twice = [
      { key: 'a', expression: "'x'" },
      { key: 'a', expression: "'y'" },
    ];
    expect(lint(core('cel', { overlays: twice }))).toEqual(
      one({ code: 'overlay-key', message: 'the same key comes again, and may take the place of this value' }),
    );
  });

  it('secrets that are named', () => {
    const { secrets } = chain([
      github({ addChangedFiles: { enabled: true, personalAccessToken: { secretName: 'pat', secretKey: 't' } } }),
      cel("body.t.compareSecret('key', 'name')"),
    ]);
    expect(secrets).toEqual(
      expect.arrayContaining([
        { path: 't.interceptors[0].params[secretRef].value', name: 's', key: 'k' },
        { path: 't.interceptors[1].params[filter].value', name: 'name', key: 'key' },
      ]),
    );
  });
});
