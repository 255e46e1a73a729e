import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FakeOutside, fakeOutside } from '../../test/support/fake-outside.ts';
import type { EventListener, EventListenerSpec, EventListenerTrigger } from '../resources/event-listener/schema.ts';
import type { Trigger } from '../resources/trigger/schema.ts';
import { authenticate } from './authenticate.ts';
import { compileListener } from './compile-listener.ts';
import { evaluateListener } from './evaluate-listener.ts';
import { evaluateTrigger } from './evaluate-trigger.ts';
import type { TriggerLookup } from './lookup.ts';
import { type OpenEvent, openEvent } from './open-event.ts';
import { indexTriggers } from './trigger-index.ts';

const group = 'triggers.tekton.dev/v1beta1' as const;

interface Objects {
  readonly triggers?: readonly Trigger[];
  readonly bindings?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly clusterBindings?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly templates?: Readonly<Record<string, { defaults?: Readonly<Record<string, string | undefined>>; resources: readonly unknown[] }>>;
}

function lookupOf(objects: Objects): TriggerLookup {
  const listed = (params: Readonly<Record<string, string>>) => ({
    params: Object.entries(params).map(([name, value]) => ({ name, value })),
  });
  return {
    trigger: (namespace, name) => objects.triggers?.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    triggers: (namespace) => (objects.triggers ?? []).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    triggerBinding(namespace, name) {
      const params = objects.bindings?.[`${namespace}/${name}`];
      return params && { apiVersion: group, kind: 'TriggerBinding', metadata: { name, namespace }, spec: listed(params) };
    },
    clusterTriggerBinding(name) {
      const params = objects.clusterBindings?.[name];
      return params && { apiVersion: group, kind: 'ClusterTriggerBinding', metadata: { name }, spec: listed(params) };
    },
    triggerTemplate(namespace, name) {
      const template = objects.templates?.[`${namespace}/${name}`];
      if (template === undefined) return undefined;
      const params = Object.entries(template.defaults ?? {}).map(([param, value]) => ({ name: param, default: value }));
      return {
        apiVersion: group,
        kind: 'TriggerTemplate',
        metadata: { name, namespace },
        spec: { params, resourcetemplates: template.resources as Record<string, unknown>[] },
      };
    },
    clusterInterceptor: () => undefined,
    interceptor: () => undefined,
  };
}

function listener(spec: EventListenerSpec): EventListener {
  return { apiVersion: group, kind: 'EventListener', metadata: { name: 'el', namespace: 'ns' }, spec };
}

function trigger(namespace: string, name: string, spec: Trigger['spec'], labels: Record<string, string> = {}): Trigger {
  return { apiVersion: group, kind: 'Trigger', metadata: { name, namespace, labels }, spec };
}

const configMap = (data: Record<string, unknown>, metadata: Record<string, unknown> = { name: 'made' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata,
  data,
});
const inline = (...resources: Record<string, unknown>[]) => ({ spec: { resourcetemplates: resources } });
const core = (name: string, params: Record<string, unknown>) => ({
  ref: { name, kind: 'ClusterInterceptor' },
  params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
});
const celFilter = (filter: string) => core('cel', { filter });

function event(body: unknown, headers: Record<string, string> = {}, raw = JSON.stringify(body)): OpenEvent {
  return openEvent({
    eventId: 'f3f2b5f6-0000-4000-8000-000000000001',
    url: '/hook?x=1',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: new TextEncoder().encode(raw),
  });
}

function judge(triggers: readonly EventListenerTrigger[], given: OpenEvent, objects: Objects = {}, outside: FakeOutside = fakeOutside()) {
  return evaluateListener(compileListener(listener({ triggers: [...triggers] }), lookupOf(objects)), given, outside);
}

describe('a match', () => {
  it('binds, renders, names, labels and places', async () => {
    const verdicts = await judge(
      [
        {
          name: 'build',
          interceptors: [
            core('cel', { filter: "body.action == 'opened'", overlays: [{ key: 'short', expression: 'body.sha.truncate(7)' }] }),
          ],
          bindings: [
            { ref: 'b', kind: 'TriggerBinding' },
            { ref: 'cb', kind: 'ClusterTriggerBinding' },
            { name: 'own', value: '$(header.x-y)' },
          ],
          template: { ref: 't' },
        },
      ],
      event({ action: 'opened', sha: '0123456789', url: 'u' }, { 'X-Y': 'z' }),
      {
        bindings: { 'ns/b': { sha: '$(extensions.short)' } },
        clusterBindings: { cb: { url: '$(body.url)', absent: '$(body.absent)' } },
        templates: {
          'ns/t': {
            defaults: { sha: undefined, url: undefined, absent: 'default', unbound: 'as is' },
            resources: [
              configMap(
                { text: '$(tt.params.sha) $(tt.params.url) $(tt.params.own) $(tt.params.absent) $(tt.params.unbound)' },
                { generateName: 'run-' },
              ),
              configMap({}, { name: 'fixed', namespace: 'elsewhere', labels: { app: 'x', 'triggers.tekton.dev/trigger': 'mine' } }),
            ],
          },
        },
      },
    );
    const labels = {
      'triggers.tekton.dev/eventlistener': 'el',
      'triggers.tekton.dev/trigger': 'build',
      'triggers.tekton.dev/triggers-eventid': 'f3f2b5f6-0000-4000-8000-000000000001',
    };
    expect(verdicts).toEqual([
      {
        verdict: 'matched',
        account: 'ns/default',
        trigger: 'build',
        namespace: 'ns',
        chain: [
          {
            interceptor: 'cel',
            outcome: 'continue',
            tookMs: 0,
            filter: expect.objectContaining({ source: "body.action == 'opened'", value: 'true' }),
            overlays: [{ key: 'short', value: '"0123456"' }],
          },
        ],
        tookMs: 0,
        params: [
          { name: 'unbound', value: 'as is' },
          { name: 'sha', value: '0123456' },
          { name: 'url', value: 'u' },
          { name: 'absent', value: 'default' },
          { name: 'own', value: 'z' },
        ],
        manifests: [
          configMap(
            { text: '0123456 u z default as is' },
            { generateName: 'run-', name: expect.stringMatching(/^run-[bcdfghjklmnpqrstvwxz2456789]{10}$/), namespace: 'ns', labels },
          ),
          configMap({}, { name: 'fixed', namespace: 'elsewhere', labels: { app: 'x', ...labels } }),
        ],
        created: [],
      },
    ]);
  });

  it('gives the same names whenever it is judged again, and others for another trigger, object or event', async () => {
    const template = inline(configMap({ id: '$(uid)' }, { generateName: 'a-' }), configMap({ id: '$(uid)' }, { generateName: 'a-' }));
    const twice = [{ template }, { template }];
    const made = async (given: OpenEvent) => {
      const verdicts = await judge(twice, given);
      return verdicts.map((verdict) => (verdict.verdict === 'matched' ? verdict.manifests : [])) as {
        metadata: { name: string };
        data: { id: string };
      }[][];
    };
    const first = await made(event({}));
    expect(await made(event({}))).toEqual(first);
    const other = await made(openEvent({ eventId: 'other', url: '/', headers: {}, body: new Uint8Array() }));
    const names = [...first, ...other].flat().map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(8);
    expect(first.map((objects) => new Set(objects.map(({ data }) => data.id)).size)).toEqual([1, 1]);
    expect(first[0]?.[0]?.data.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('a filter', () => {
  it('says which part decided, with its values', async () => {
    const [verdict] = await judge(
      [
        {
          name: 'f',
          interceptors: [celFilter("has(body.a) && (body.n > 3 && body.branch.startsWith('release'))")],
          template: inline(configMap({})),
        },
      ],
      event({ a: 1, n: 5, branch: 'main' }),
    );
    expect(verdict).toMatchObject({
      verdict: 'filtered',
      reason: "expression has(body.a) && (body.n > 3 && body.branch.startsWith('release')) did not return true",
      chain: [
        {
          code: 'FailedPrecondition',
          outcome: 'stop',
          because: { source: "body.branch.startsWith('release')", values: { 'body.branch': '"main"' } },
        },
      ],
    });
  });

  it('over an event without the key is filtered, not failed', async () => {
    const [verdict] = await judge([{ interceptors: [celFilter('body.pull_request.merged')], template: inline(configMap({})) }], event({}));
    expect(verdict).toMatchObject({
      verdict: 'filtered',
      reason: 'error evaluating cel expression: expression "body.pull_request.merged" failed to evaluate: no such key: pull_request',
    });
  });

  it('reads secrets it compares with, in the trigger’s namespace, and says which is missing', async () => {
    const compare = (secret: string) => [
      { interceptors: [celFilter(`header.canonical('X-Secret').compareSecret('k', '${secret}')`)], template: inline(configMap({})) },
    ];
    const outside = fakeOutside({ 'ns/s/k': 'v', 'other/s/k': 'x' });
    expect(await judge(compare('s'), event({}, { 'X-Secret': 'v' }), {}, outside)).toMatchObject([{ verdict: 'matched' }]);
    expect(await judge(compare('s'), event({}, { 'X-Secret': 'x' }), {}, outside)).toMatchObject([{ verdict: 'filtered' }]);
    expect(await judge(compare('gone'), event({}, { 'X-Secret': 'v' }), {}, outside)).toMatchObject([
      { verdict: 'failed', stage: 'intercept' },
    ]);
  });
});

describe('what is wrong with one trigger', () => {
  const good: EventListenerTrigger = { name: 'good', template: inline(configMap({})) };
  const poisoned: readonly (readonly [string, EventListenerTrigger, string, string])[] = [
    [
      'bad CEL',
      { name: 'p', interceptors: [celFilter('body.')], template: inline(configMap({})) },
      'intercept',
      'error evaluating cel expression: failed to parse expression "body."',
    ],
    [
      'unknown interceptor',
      { name: 'p', interceptors: [core('constructor', {})], template: inline(configMap({})) },
      'intercept',
      'url resolution failed for interceptor constructor with: clusterinterceptors.triggers.tekton.dev "constructor" not found',
    ],
    [
      'webhook without a place',
      { name: 'p', interceptors: [{ webhook: { objectRef: { name: 'x' } } }], template: inline(configMap({})) },
      'intercept',
      'invalid objRef',
    ],
    ['missing Trigger', { triggerRef: 'gone' }, 'resolve', 'trigger.triggers.tekton.dev "gone" not found'],
    [
      'missing template',
      { name: 'p', template: { ref: 'gone' } },
      'resolve',
      'error getting TriggerTemplate gone: triggertemplate.triggers.tekton.dev "gone" not found',
    ],
    [
      'missing binding',
      { name: 'p', bindings: [{ ref: 'gone', kind: 'TriggerBinding' }], template: inline(configMap({})) },
      'resolve',
      'failed to resolve bindings: error getting TriggerBinding gone',
    ],
    [
      'missing cluster binding',
      { name: 'p', bindings: [{ ref: 'gone', kind: 'ClusterTriggerBinding' }], template: inline(configMap({})) },
      'resolve',
      'error getting ClusterTriggerBinding gone',
    ],
    [
      'duplicate param',
      {
        name: 'p',
        bindings: [
          { name: 'a', value: '1' },
          { name: 'a', value: '1' },
        ],
        template: inline(configMap({})),
      },
      'resolve',
      'failed to resolve bindings: duplicate param name: a',
    ],
    [
      'binding fails',
      { name: 'p', bindings: [{ name: 'a', value: 'x $(body.a.b)' }], template: inline(configMap({})) },
      'bind',
      'failed to ApplyEventValuesToParams: failed to replace JSONPath value for param a: x $(body.a.b): a is not found',
    ],
    [
      'label is a number',
      { name: 'p', template: inline(configMap({}, { name: 'x', labels: { n: 1 } })) },
      'render',
      'resourcetemplates[0]: metadata.labels[n] is no string, but 1: put it in quotes',
    ],
    ['no name', { name: 'p', template: inline(configMap({}, {})) }, 'render', 'missing field(s): metadata.name or metadata.generateName'],
    ['no kind', { name: 'p', template: inline({ apiVersion: 'v1', metadata: { name: 'x' } }) }, 'render', 'missing field(s): kind'],
  ];

  it.each(poisoned)('%s: fails alone, and is told of in advance where it can be', async (_, bad, stage, error) => {
    const verdicts = await judge([bad, good], event({}));
    expect(verdicts).toMatchObject([
      { verdict: 'failed', stage, error: expect.stringContaining(error) },
      { verdict: 'matched', trigger: 'good' },
    ]);
    const { defects } = compileListener(listener({ triggers: [bad, good] }), lookupOf({}));
    expect(defects.join('\n')).toEqual(stage === 'intercept' || stage === 'resolve' ? expect.stringContaining(error) : '');
  });

  it('a defect of ours stays with its trigger, a store that does not answer is everybody’s', async () => {
    const signing = [core('github', { secretRef: { secretName: 's', secretKey: 'k' } })];
    const asking: EventListenerTrigger = { name: 'asking', interceptors: signing, template: inline(configMap({})) };
    const given = () => event({}, { 'X-Hub-Signature-256': 'sha256=00' });
    const defect = { ...fakeOutside({ 'ns/s/k': 'v' }), verifyHmac: () => expect.fail('broken') };
    expect(await judge([asking, good], given(), {}, defect)).toMatchObject([
      { verdict: 'failed', error: expect.stringMatching(/^internal error: .*broken/) },
      { verdict: 'matched', trigger: 'good' },
    ]);
    const away = { ...fakeOutside(), secret: () => Promise.reject(new Error('disk gone')) };
    const again = given();
    await expect(judge([asking, good], again, {}, away)).rejects.toThrow('cannot read secret ns/s: disk gone');
    expect(await judge([asking, good], again, {}, fakeOutside({ 'ns/s/k': 'v' }))).toMatchObject([
      { verdict: 'filtered' },
      { verdict: 'matched' },
    ]);
  });

  it('body that is no JSON', async () => {
    const given = event(undefined, {}, '{bad');
    expect(await judge([good], given)).toMatchObject([
      { verdict: 'failed', stage: 'bind', error: expect.stringContaining('failed to unmarshal request body') },
    ]);
  });
});

describe('hostile payloads', () => {
  it('stay text', async () => {
    const text = '$(params.secret) $(uid) $(tt.params.b) "},{"kind":"Evil" $$(x)';
    const template = inline(configMap({ '$(tt.params.key)': '$(tt.params.a)', joined: '$(tt.params.dollar)$(tt.params.paren)' }));
    const bindings = [
      { name: 'a', value: '$(body.text)' },
      { name: 'b', value: 'B' },
      { name: 'key', value: '$(body.key)' },
      { name: 'dollar', value: '$(body.dollar)' },
      { name: 'paren', value: '$(body.paren)' },
    ];
    const [verdict] = await judge([{ bindings, template }], event({ text, key: '__proto__', dollar: 'x$', paren: '(params.y)' }));
    const [made] = verdict?.verdict === 'matched' ? (verdict.manifests as { data: object }[]) : [];
    const entries = Object.entries(made?.data ?? {});
    expect(entries).toEqual([
      ['__proto__', expect.stringMatching(/^\$\$\(params\.secret\) \$[0-9a-f-]{36} \$\$\(tt\.params\.b\) "},{"kind":"Evil" \$\$\$\(x\)$/)],
      ['joined', 'x$$(params.y)'],
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('with keys of Object.prototype find nothing that is not theirs', async () => {
    const interceptors = [core('cel', { overlays: [{ key: '__proto__.x', expression: 'body.__proto__' }] })];
    const template = inline(configMap({ v: '$(tt.params.v)' }));
    const bindings = [{ name: 'v', value: '$(extensions.__proto__.x.polluted)' }];
    const [verdict] = await judge([{ interceptors, bindings, template }], event(undefined, {}, '{"__proto__":{"polluted":"yes"}}'));
    expect(verdict).toMatchObject({ verdict: 'matched', params: [{ name: 'v', value: 'yes' }] });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('authentication', () => {
  const secretRef = { secretName: 's', secretKey: 'k' };
  const signing = (name: string): EventListenerTrigger => ({
    name,
    interceptors: [core('github', { secretRef })],
    template: inline(configMap({})),
  });
  const body = '{"a":1}';
  const signedEvent = () =>
    event(undefined, { 'X-Hub-Signature-256': `sha256=${createHmac('sha256', 'v').update(body).digest('hex')}` }, body);

  it('is asked for when every trigger that can fire asks for it', () => {
    const compile = (...triggers: EventListenerTrigger[]) => compileListener(listener({ triggers }), lookupOf({})).authenticates;
    expect(compile(signing('a'), signing('b'))).toBe(true);
    expect(compile(signing('a'), { template: inline(configMap({})) })).toBe(false);
    expect(compile(signing('a'), { triggerRef: 'gone' })).toBe(true);
    expect(compile({ triggerRef: 'gone' })).toBe(false);
    // A trigger that cannot fire neither opens the door nor, where it is the only one, leaves it open.
    expect(compile(signing('a'), { interceptors: [celFilter('body.')], template: inline(configMap({})) })).toBe(true);
    expect(compile({ ...signing('a'), template: { ref: 'gone' } })).toBe(true);
    expect(compile({ interceptors: [core('github', { eventTypes: ['push'] })], template: inline(configMap({})) })).toBe(false);
  });

  it('works out one HMAC an event, whoever asks and however often', async () => {
    const compiled = compileListener(listener({ triggers: [signing('a'), signing('b'), signing('c')] }), lookupOf({}));
    const outside = fakeOutside({ 'ns/s/k': 'v' });
    const signed = signedEvent();
    expect(await authenticate(compiled, signed, outside)).toEqual({ authentic: true });
    const verdicts = await evaluateListener(compiled, signed, outside);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['matched', 'matched', 'matched']);
    expect([outside.hmacs.count, outside.reads]).toEqual([1, ['ns/s/k']]);
  });

  it('refuses with the first reason, and is not satisfied by another trigger’s defect', async () => {
    const compiled = compileListener(listener({ triggers: [signing('a')] }), lookupOf({}));
    const unsigned = event({}, {});
    expect(await authenticate(compiled, unsigned, fakeOutside({ 'ns/s/k': 'v' }))).toEqual({
      authentic: false,
      message: 'no X-Hub-Signature-256 header set',
    });
    expect(await authenticate(compiled, signedEvent(), fakeOutside({ 'ns/s/k': 'other' }))).toEqual({
      authentic: false,
      message: 'payload signature check failed',
    });
    expect((await authenticate(compiled, signedEvent(), fakeOutside())).authentic).toBe(false);
  });
});

describe('a listener that others can reach', () => {
  const unsigned: EventListenerTrigger = { name: 'unsigned', template: inline(configMap({})) };
  const asking: EventListenerTrigger = {
    name: 'asking',
    interceptors: [{ webhook: { objectRef: { apiVersion: 'v1', kind: 'Service', name: 'x' } } }],
    template: inline(configMap({})),
  };
  const el = listener({ triggers: [unsigned, asking] });

  it('runs no trigger for which nothing tells friend from foe, and says so in advance', async () => {
    const compiled = compileListener(el, lookupOf({}), { loopback: false });
    expect(compiled.guarded).toBe(true);
    expect(compiled.defects).toEqual([
      expect.stringMatching(/^Trigger unsigned: cannot fire: unsigned: nothing verifies who sent the event/),
    ]);
    const [first] = await evaluateListener(compiled, event({}), fakeOutside());
    expect(first).toMatchObject({ verdict: 'failed', chain: [{ interceptor: 'unsigned', code: 'Unauthenticated' }] });
  });

  it('does where its author says so, and on this machine only', () => {
    const annotated = { ...el, metadata: { ...el.metadata, annotations: { 'tappet.dev/allow-unsigned': 'true' } } };
    expect(compileListener(annotated, lookupOf({}), { loopback: false }).defects).toEqual([]);
    expect(compileListener(el, lookupOf({}), { loopback: true }).defects).toEqual([]);
    expect(compileListener(listener({ triggers: [unsigned] }), lookupOf({})).guarded).toBe(false);
  });
});

describe('which triggers', () => {
  const making = (name: string): Trigger['spec'] => ({ template: inline(configMap({ name })) });
  const triggers = [
    trigger('ns', 'one', making('one'), { team: 'a' }),
    trigger('ns', 'two', making('two'), { team: 'b' }),
    trigger('foo', 'three', making('three'), { team: 'a' }),
  ];
  const matched = async (spec: EventListenerSpec, given = event({})) => {
    const verdicts = await evaluateListener(compileListener(listener(spec), lookupOf({ triggers })), given, fakeOutside());
    return verdicts.filter(({ verdict }) => verdict === 'matched').map((verdict) => `${verdict.namespace}/${verdict.trigger}`);
  };

  it('says what is dangerous or has no effect', () => {
    const risky: EventListenerTrigger = {
      name: 'risky',
      interceptors: [core('github', { githubOwners: { enabled: true, checkType: 'members' } })],
      template: inline(configMap({ v: '$(tt.params.gone)' })),
    };
    expect(compileListener(listener({ triggers: [risky] }), lookupOf({})).warnings).toEqual([
      'Trigger risky: $(tt.params.gone) stays as it is: no binding gives the param a value, and it has no default',
      'Trigger risky: github: without secretRef anybody who can reach this server can send it events',
      'Trigger risky: githubOwners.checkType is "members", expected orgMembers, repoMembers, all or none: members are not looked for',
    ]);
  });

  it.each<[string, EventListenerSpec, readonly string[]]>([
    ['labels, own namespace', { labelSelector: { matchLabels: { team: 'a' } } }, ['ns/one']],
    ['empty label selector', { labelSelector: {} }, ['ns/one', 'ns/two']],
    ['expressions', { labelSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] } }, ['ns/two']],
    ['no prototype among the labels', { labelSelector: { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] } }, []],
    ['namespaces', { namespaceSelector: { matchNames: ['foo', 'ns'] } }, ['foo/three', 'ns/one', 'ns/two']],
    [
      'every namespace',
      { namespaceSelector: { matchNames: ['*'] }, labelSelector: { matchLabels: { team: 'a' } } },
      ['ns/one', 'foo/three'],
    ],
    ['by name and by selector: once', { labelSelector: { matchLabels: { team: 'b' } }, triggers: [{ triggerRef: 'two' }] }, ['ns/two']],
  ])('%s', async (_, spec, expected) => {
    expect(await matched(spec)).toEqual(expected);
  });

  it('by name and by selector: twice, where the listener wants what upstream does', async () => {
    const el = listener({ labelSelector: { matchLabels: { team: 'b' } }, triggers: [{ triggerRef: 'two' }] });
    const repeating = { ...el, metadata: { ...el.metadata, annotations: { 'tappet.dev/repeat-triggers': 'true' } } };
    expect(compileListener(repeating, lookupOf({ triggers })).triggers.map(({ name }) => name)).toEqual(['two', 'two']);
  });

  it('groups: once for all its triggers, extensions handed on', async () => {
    const reader = (name: string) =>
      trigger('ns', name, { bindings: [{ name: 'g', value: '$(extensions.g)' }], ...making(name) }, { group: 'g' });
    const objects = { triggers: [reader('x'), reader('y')] };
    const grouped = (filter: string) => ({
      triggerGroups: [
        {
          name: 'grp',
          interceptors: [core('cel', { filter, overlays: [{ key: 'g', expression: "'seen'" }] })],
          triggerSelector: { labelSelector: {} },
        },
      ],
    });
    const compiled = compileListener(listener(grouped('body.n == 1')), lookupOf(objects));
    expect(await evaluateListener(compiled, event({ n: 1 }), fakeOutside())).toMatchObject([
      { verdict: 'matched', trigger: 'x', params: [{ name: 'g', value: 'seen' }] },
      { verdict: 'matched', trigger: 'y', params: [{ name: 'g', value: 'seen' }] },
    ]);
    const refused = compileListener(listener(grouped('1 == 2')), lookupOf(objects));
    expect(await evaluateListener(refused, event({ n: 1 }), fakeOutside())).toMatchObject([
      { verdict: 'filtered' },
      { verdict: 'filtered' },
    ]);
  });
});

describe('what a step tells', () => {
  const steps = async (interceptors: EventListenerTrigger['interceptors'], given: OpenEvent, outside?: FakeOutside) => {
    const [verdict] = await judge([{ name: 't', interceptors, template: inline(configMap({})) }], given, {}, outside);
    return verdict?.chain;
  };
  const secretRef = { secretName: 'hook', secretKey: 'token' };
  const secrets = { 'ns/hook/token': 's3cret' };

  it('the values of a filter that passed, evaluated once', async () => {
    const [step] = (await steps([celFilter("body.a == 1 && body.b.c == 'x'")], event({ a: 1, b: { c: 'x' } }))) ?? [];
    expect(step).toMatchObject({
      outcome: 'continue',
      filter: {
        value: 'true',
        children: [
          { source: 'body.a == 1', value: 'true' },
          {
            source: "body.b.c == 'x'",
            value: 'true',
            children: [{ source: 'body.b.c', value: '"x"', children: [] }],
          },
        ],
      },
    });
    expect(step?.because).toBeUndefined();
  });

  it('what overlays gave, cut, but nothing made of a credential', async () => {
    const overlays = [
      { key: 'long', expression: 'body.long' },
      { key: 'who', expression: "header.canonical('authorization').split(' ')[1]" },
      { key: 'bearer', expression: "header['Authorization'][0].startsWith('Bearer')" },
      { key: 'bad', expression: 'body.absent' },
    ];
    const given = event({ long: 'x'.repeat(1_000) }, { Authorization: 'Bearer hunter2' });
    const told = await steps([core('cel', { overlays })], given);
    expect(told).toMatchObject([
      {
        outcome: 'error',
        overlays: [
          { key: 'long', value: `"${'x'.repeat(299)}…` },
          { key: 'who', value: '(hidden)' },
          { key: 'bearer', value: 'true' },
        ],
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  it('with which secret a signature was verified', async () => {
    const given = event({}, { 'X-Gitlab-Token': 's3cret' });
    expect(await steps([core('gitlab', { secretRef })], given, fakeOutside(secrets))).toMatchObject([
      { outcome: 'continue', verifiedBy: 'hook/token' },
    ]);
    const forged = event({}, { 'X-Gitlab-Token': 'other' });
    const [refused] = (await steps([core('gitlab', { secretRef })], forged, fakeOutside(secrets))) ?? [];
    expect([refused?.outcome, refused?.verifiedBy]).toEqual(['stop', undefined]);
    expect((await steps([core('gitlab', {})], given))?.[0]?.verifiedBy).toBeUndefined();
  });

  it('that a signature was not looked at, because somebody vouches for the event', async () => {
    const outside = fakeOutside(secrets);
    const { eventId, url, headers, body } = event({}, { 'X-Gitlab-Token': 'other' });
    const given = openEvent({ eventId, url, headers, body, vouched: 'replay' });
    const [step] = (await steps([core('gitlab', { secretRef })], given, outside)) ?? [];
    expect(step).toMatchObject({ outcome: 'continue', message: 'signature not checked: replay' });
    expect([step?.verifiedBy, outside.reads]).toEqual([undefined, []]);
  });
});

describe('the index', () => {
  const wanting = (name: string, interceptors: EventListenerTrigger['interceptors']): EventListenerTrigger => ({
    name,
    interceptors,
    template: inline(configMap({})),
  });

  it('accounts for what it passes over', async () => {
    const triggers = [
      wanting('push', [core('github', { eventTypes: ['push'] })]),
      wanting('opened', [celFilter("body.action == 'opened'")]),
    ];
    expect(await judge(triggers, event({ action: 'closed' }, { 'X-Github-Event': 'push' }))).toEqual([
      expect.objectContaining({ verdict: 'matched', trigger: 'push' }),
      {
        verdict: 'filtered',
        trigger: 'opened',
        namespace: 'ns',
        chain: [],
        tookMs: 0,
        reason: 'body.action is "closed", expected "opened"',
      },
    ]);
  });

  it('has one verdict for many, and explains each on demand', async () => {
    const triggers = Array.from({ length: 100 }, (_, index) =>
      wanting(`t${index}`, [celFilter(`body.repository.name == 'repo-${index}' && body.n > 1`)]),
    );
    const compiled = compileListener(listener({ triggers }), lookupOf({}));
    const given = event({ repository: { name: 'repo-7' }, n: 2 });
    const verdicts = await evaluateListener(compiled, given, fakeOutside());
    expect(verdicts).toMatchObject([
      { verdict: 'matched', trigger: 't7' },
      { verdict: 'filtered', trigger: '', passedOver: 99 },
    ]);
    const skipped = compiled.triggers[8];
    if (skipped === undefined) throw new Error('no trigger');
    expect(await evaluateTrigger(skipped, given, fakeOutside())).toMatchObject({
      verdict: 'filtered',
      chain: [{ because: { source: "body.repository.name == 'repo-8'", values: { 'body.repository.name': '"repo-7"' } } }],
    });
  });

  it('never hides a trigger that would have fired', async () => {
    const values = fc.constantFrom('a', 'b', '', 1, 2, true, null, ['a'], { x: 'a' });
    const literal = fc.constantFrom("'a'", "'b'", "''", '1', '1.0', '2', 'true', 'null', "['a']");
    const place = fc.constantFrom('body.x', "body['x']", 'body.y.x', "header['X-H'][0]", "header.canonical('x-h')", 'body.missing');
    const clause = fc.oneof(
      fc.tuple(place, fc.constantFrom('==', '!='), literal).map((parts) => parts.join(' ')),
      fc.tuple(literal, place).map(([left, right]) => `${left} == ${right}`),
      fc.tuple(place, fc.array(literal, { maxLength: 3 })).map(([left, list]) => `${left} in [${list.join(', ')}]`),
      fc.constantFrom("header.match('x-h', 'a')", 'has(body.x)', "!(body.x == 'a')"),
    );
    const filter = fc
      .array(clause, { minLength: 1, maxLength: 3 })
      .chain((clauses) => fc.constantFrom(clauses.join(' && '), clauses.join(' || ')));
    await fc.assert(
      fc.asyncProperty(
        fc.array(filter, { minLength: 1, maxLength: 4 }),
        values,
        values,
        fc.constantFrom(undefined, 'a', 'b', ''),
        async (filters, x, y, header) => {
          const triggers = filters.map((source, index) => wanting(`t${index}`, [celFilter(source)]));
          const compiled = compileListener(listener({ triggers }), lookupOf({}));
          const given = event({ x, y: { x: y } }, header === undefined ? {} : { 'X-H': header });
          const candidates = new Set(compiled.index.candidates(given));
          for (const [position, one] of compiled.triggers.entries()) {
            const { verdict } = await evaluateTrigger(one, given, fakeOutside());
            if (verdict === 'matched') expect(candidates).toContain(position);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('looks at as few triggers among ten thousand as among ten', () => {
    const many = (count: number) =>
      indexTriggers(
        Array.from({ length: count }, (_, index) => ({
          conditions: [
            { root: 'header', path: ['X-Github-Event'], values: ['push'] },
            { root: 'body', path: ['ref'], values: ['main'] },
            { root: 'body', path: ['repository', 'full_name'], values: [`o/r${index}`] },
          ],
        })),
      );
    const given = event({ ref: 'main', repository: { full_name: 'o/r3' } }, { 'X-Github-Event': 'push' });
    expect([many(10).candidates(given), many(10_000).candidates(given)]).toEqual([[3], [3]]);
  });
});

describe('form bodies', () => {
  it('are JSON for triggers with interceptors', async () => {
    const form = event(undefined, { 'Content-Type': 'application/x-www-form-urlencoded' }, 'text=main+2222&token=x');
    const bindings = [{ name: 'text', value: '$(body.text[0])' }];
    const template = inline(configMap({}));
    expect(await judge([{ interceptors: [celFilter("body.text[0].startsWith('main')")], bindings, template }], form)).toMatchObject([
      { verdict: 'matched', params: [{ name: 'text', value: 'main 2222' }] },
    ]);
    expect(await judge([{ bindings, template }], form)).toMatchObject([{ verdict: 'failed', stage: 'bind' }]);
  });
});
