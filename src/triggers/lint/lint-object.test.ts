import { describe, expect, it } from 'vitest';
import type { EventListener, EventListenerSpec } from '../../resources/event-listener/schema.ts';
import type { KubeObject } from '../../resources/object.ts';
import type { Trigger, TriggerInterceptor, TriggerSpec } from '../../resources/trigger/schema.ts';
import type { TriggerLookup } from '../lookup.ts';
import { githubPayloads } from './github/github-payloads.ts';
import { readPayloads } from './github/read-payloads.ts';
import { lintObject, lintUses } from './lint-object.ts';
import { missingFindings } from './references.ts';

const apiVersion = 'triggers.tekton.dev/v1beta1' as const;
const payloads = readPayloads(githubPayloads);

function binding(name: string, params: Readonly<Record<string, string>>): KubeObject {
  return object('TriggerBinding', name, { params: Object.entries(params).map(([param, value]) => ({ name: param, value })) });
}

function template(name: string, params: Readonly<Record<string, string | undefined>>, text: string): KubeObject {
  return object('TriggerTemplate', name, {
    params: Object.entries(params).map(([param, value]) => ({ name: param, ...(value === undefined ? {} : { default: value }) })),
    resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'c-' }, data: { text } }],
  });
}

function object(kind: string, name: string, spec: unknown, metadata: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'ns', ...metadata }, spec };
}

function listener(spec: EventListenerSpec, annotations: Record<string, string> = {}): EventListener {
  return { apiVersion, kind: 'EventListener', metadata: { name: 'el', namespace: 'ns', annotations }, spec };
}

function trigger(name: string, spec: TriggerSpec, labels: Record<string, string> = {}): Trigger {
  return { apiVersion, kind: 'Trigger', metadata: { name, namespace: 'ns', labels }, spec };
}

function lookupOf(...objects: readonly (KubeObject | Trigger)[]): TriggerLookup {
  const find = <T>(kind: string, name: string): T | undefined =>
    objects.find((candidate) => candidate.kind === kind && candidate.metadata.name === name) as T | undefined;
  return {
    trigger: (_, name) => find('Trigger', name),
    triggers: () => objects.filter(({ kind }) => kind === 'Trigger') as Trigger[],
    triggerBinding: (_, name) => find('TriggerBinding', name),
    clusterTriggerBinding: (name) => find('ClusterTriggerBinding', name),
    triggerTemplate: (_, name) => find('TriggerTemplate', name),
    clusterInterceptor: () => undefined,
    interceptor: () => undefined,
  };
}

const github: TriggerInterceptor = {
  ref: { name: 'github', kind: 'ClusterInterceptor' },
  params: [
    { name: 'secretRef', value: { secretName: 's', secretKey: 'k' } },
    { name: 'eventTypes', value: ['pull_request'] },
  ],
};

function cel(filter: string, overlays: Readonly<Record<string, string>> = {}): TriggerInterceptor {
  const value = Object.entries(overlays).map(([key, expression]) => ({ key, expression }));
  return {
    ref: { name: 'cel', kind: 'ClusterInterceptor' },
    params: [
      { name: 'filter', value: filter },
      { name: 'overlays', value },
    ],
  };
}

function lint(subject: KubeObject | EventListener | Trigger, lookup?: TriggerLookup) {
  return lintObject(subject as unknown as KubeObject, { payloads, lookup }).findings.map(
    ({ about, severity, code, path, message, suggestion, usedBy }) => ({
      about: `${about.kind} ${about.metadata.name}`,
      severity,
      code,
      path,
      message,
      suggestion,
      usedBy,
    }),
  );
}

const one = (finding: object) => [expect.objectContaining(finding)];
const ref = (name: string) => ({ ref: name, kind: 'TriggerBinding' });

describe('bindings and template', () => {
  const spec = (names: readonly string[], templateName: string): EventListenerSpec => ({
    triggers: [{ name: 't', interceptors: [github], bindings: names.map(ref), template: { ref: templateName } }],
  });

  it('that meet', () => {
    const lookup = lookupOf(binding('b', { a: '$(body.number)' }), template('t', { a: undefined, d: 'x' }, '$(tt.params.a)$(tt.params.d)'));
    expect(lint(listener(spec(['b'], 't')), lookup)).toEqual([]);
  });

  it('a param that gets no value', () => {
    const lookup = lookupOf(
      binding('b', { a: 'x' }),
      template('t', { a: undefined, b: undefined, unused: undefined }, '$(tt.params.a)$(tt.params.b)'),
    );
    expect(lint(listener(spec(['b'], 't')), lookup)).toEqual(
      one({
        severity: 'warning',
        code: 'param-unbound',
        path: 'spec.triggers[0].template',
        message: 'no binding gives b a value, and it has no default: $(tt.params.b) stays as it is',
      }),
    );
  });

  it('a value no param takes', () => {
    const lookup = lookupOf(binding('b', { revison: 'x' }), template('t', { revision: 'd' }, '$(tt.params.revision)'));
    expect(lint(listener(spec(['b'], 't')), lookup)).toEqual(
      one({ severity: 'warning', code: 'binding-unused', path: 'spec.triggers[0].bindings[0].ref', suggestion: 'revision' }),
    );
  });

  it('a TriggerBinding may have more than one template takes, what is written into the trigger may not', () => {
    const lookup = lookupOf(binding('b', { sha: 'x', unrelated: 'y' }), template('t', { sha: undefined }, '$(tt.params.sha)'));
    expect(lint(listener(spec(['b'], 't')), lookup)).toEqual([]);
    const inline: EventListenerSpec = {
      triggers: [{ interceptors: [github], bindings: [ref('b'), { name: 'more', value: 'x' }], template: { ref: 't' } }],
    };
    expect(lint(listener(inline), lookup)).toEqual(
      one({ code: 'binding-unused', path: 'spec.triggers[0].bindings[1]', suggestion: undefined }),
    );
  });

  it('one name twice', () => {
    const lookup = lookupOf(binding('b', { a: 'x' }), binding('c', { a: 'y' }), template('t', { a: undefined }, '$(tt.params.a)'));
    expect(lint(listener(spec(['b', 'c'], 't')), lookup)).toEqual(
      one({
        severity: 'error',
        code: 'binding-duplicate',
        path: 'spec.triggers[0].bindings[1].ref',
        message: 'a is bound twice, first in spec.triggers[0].bindings[0].ref: the trigger always fails',
      }),
    );
  });

  it('of which one is not there: only what can be said is said', () => {
    expect(lint(listener(spec(['b'], 't')), lookupOf(template('t', { a: undefined }, '$(tt.params.a)')))).toEqual([]);
    expect(lint(listener(spec(['b'], 't')), lookupOf(binding('b', { a: 'x' })))).toEqual([]);
    expect(lint(listener(spec(['b'], 't')))).toEqual([]);
  });

  it('a path of a TriggerBinding is looked at by what the trigger lets pass, and is that binding’s', () => {
    const lookup = lookupOf(binding('b', { a: '$(body.commits[0].id)' }), template('t', { a: undefined }, '$(tt.params.a)'));
    expect(lint(listener(spec(['b'], 't')), lookup)).toEqual(
      one({
        about: 'TriggerBinding b',
        severity: 'warning',
        code: 'github-field',
        path: 'spec.params[0].value',
        message: "GitHub's pull_request event has no body.commits; push has it",
        usedBy: 'trigger t of EventListener el',
      }),
    );
  });

  it('an extension nothing adds fails the trigger, unless the template has a default', () => {
    const asking = binding('b', { a: '$(extensions.sah)' });
    const withOverlay = (name: string): EventListenerSpec => ({
      triggers: [{ interceptors: [github, cel('', { sha: "'x'" })], bindings: [ref('b')], template: { ref: name } }],
    });
    expect(lint(listener(withOverlay('t')), lookupOf(asking, template('t', { a: undefined }, '$(tt.params.a)')))).toContainEqual(
      expect.objectContaining({ about: 'TriggerBinding b', severity: 'error', code: 'extension-missing', suggestion: '$(extensions.sha)' }),
    );
    expect(lint(listener(withOverlay('t')), lookupOf(asking, template('t', { a: 'd' }, '$(tt.params.a)')))).toContainEqual(
      expect.objectContaining({ severity: 'warning', code: 'extension-missing' }),
    );
  });

  it('a doubled key is found one level further down', () => {
    const lookup = lookupOf(binding('b', { a: '$(extensions.sha)' }), template('t', { a: undefined }, '$(tt.params.a)'));
    const spec: EventListenerSpec = {
      triggers: [{ interceptors: [github, cel('', { 'extensions.sha': "'x'" })], bindings: [ref('b')], template: { ref: 't' } }],
    };
    expect(lint(listener(spec), lookup)).toContainEqual(
      expect.objectContaining({ code: 'extension-missing', suggestion: '$(extensions.extensions.sha)' }),
    );
  });

  it('overlays nobody asks for', () => {
    const unused = (bindings: Record<string, string>, more: TriggerInterceptor[] = []) =>
      lint(
        listener({
          triggers: [
            { interceptors: [github, cel('', { sha: "'x'", 'a.b': "'y'" }), ...more], bindings: [ref('b')], template: { ref: 't' } },
          ],
        }),
        lookupOf(binding('b', bindings), template('t', { x: 'd' }, '')),
      ).filter(({ code }) => code === 'overlay-unused');
    expect(unused({ x: '$(extensions.sha)' })).toEqual(one({ path: 'spec.triggers[0].interceptors[1].params[overlays].value[1].key' }));
    expect(unused({ x: '$(extensions.sha) $(extensions.a.b)' })).toEqual([]);
    expect(unused({ x: '$(extensions)' })).toEqual([]);
    expect(unused({ x: '$(extensions.sha)' }, [cel("extensions.a.b == 'x'")])).toEqual([]);
    expect(unused({ x: 'y' }, [{ ref: { name: 'own', kind: 'ClusterInterceptor' } }])).toEqual([]);
    expect(unused({ x: 'y' }, [{ webhook: { url: 'http://x' } }])).toEqual([]);
  });
});

describe('what leads to a trigger', () => {
  const grouped: EventListenerSpec = {
    triggerGroups: [
      { name: 'g', interceptors: [github, cel('', { sha: "'x'" })], triggerSelector: { labelSelector: { matchLabels: { a: 'b' } } } },
    ],
  };
  const asking: TriggerSpec = {
    interceptors: [{ ref: { name: 'github', kind: 'ClusterInterceptor' }, params: [] }],
    bindings: [{ name: 'x', value: '$(extensions.sha) $(body.nonsense)' }],
    template: { ref: 't' },
  };

  it('a group adds extensions, narrows events and verifies', () => {
    expect(lint(listener(grouped), lookupOf(trigger('t', asking, { a: 'b' })))).toEqual(
      one({ about: 'Trigger t', code: 'github-field', path: 'spec.bindings[0].value', usedBy: 'EventListener el' }),
    );
  });

  it('without it they are missing', () => {
    const spec: EventListenerSpec = { triggers: [{ triggerRef: 't' }] };
    expect(lint(listener(spec), lookupOf(trigger('t', asking))).map(({ code }) => code)).toEqual([
      'unsigned',
      'extension-missing',
      'github-field',
    ]);
  });

  it('a Trigger alone may be reached through a group', () => {
    expect(lint(trigger('t', asking)).map(({ code }) => code)).toEqual(['github-field']);
  });

  it('a trigger that is reached twice is told of once', () => {
    const spec: EventListenerSpec = { triggers: [{ triggerRef: 't' }, { triggerRef: 't' }] };
    expect(lint(listener(spec), lookupOf(trigger('t', asking)))).toHaveLength(3);
  });

  it('the annotation for strangers', () => {
    const spec: EventListenerSpec = {
      triggers: [{ interceptors: [{ ref: { name: 'gitlab', kind: 'ClusterInterceptor' } }], template: { ref: 't' } }],
    };
    expect(lint(listener(spec))).toEqual(one({ code: 'unsigned' }));
    expect(lint(listener(spec, { 'tappet.dev/allow-unsigned': 'true' }))).toEqual([]);
  });

  it('mistakes in a group’s own interceptors', () => {
    const spec: EventListenerSpec = {
      triggerGroups: [{ interceptors: [cel('bdy.a')], triggerSelector: { namespaceSelector: { matchNames: ['*'] } } }],
    };
    expect(lint(listener(spec))).toEqual(
      one({ code: 'cel-undeclared', path: 'spec.triggerGroups[0].interceptors[0].params[filter].value' }),
    );
  });

  it('of many triggers as many as are asked for', () => {
    const spec: EventListenerSpec = {
      triggers: Array.from({ length: 5 }, (_, index) => ({ name: `t${index}`, interceptors: [cel('bdy.a')], template: { ref: 't' } })),
    };
    const { findings, unchecked } = lintObject(listener(spec) as unknown as KubeObject, { mostTriggers: 2 });
    expect([findings.length, unchecked]).toEqual([2, 3]);
  });
});

describe('a schedule', () => {
  const schedule = (spec: object) => ({
    apiVersion: 'tappet.dev/v1alpha1',
    kind: 'Schedule',
    metadata: { name: 's', namespace: 'ns' },
    spec: { schedule: '@daily', ...spec },
  });

  it('has a trigger like any other, and nobody has to sign its ticks', () => {
    const own = { name: 'x', bindings: [{ name: 'a', value: '$(bdy.scheduledFor)' }], template: { ref: 't' } };
    expect(lint(schedule({ trigger: own }))).toEqual(
      one({ about: 'Schedule s', code: 'path-never-found', path: 'spec.trigger.bindings[0].value' }),
    );
    const asking = trigger('tr', { bindings: [{ name: 'a', value: '$(extensions.x)' }], template: { ref: 't' } });
    expect(lint(schedule({ trigger: { triggerRef: 'tr' } }), lookupOf(asking))).toEqual(
      one({ about: 'Trigger tr', code: 'extension-missing', usedBy: 'Schedule s' }),
    );
  });

  it('names a Trigger or a listener', () => {
    const named = (spec: object) => lintObject(schedule(spec), {}).references.map(({ kind, path, name }) => [kind, path, name]);
    expect(named({ trigger: { triggerRef: 'tr' } })).toEqual([['triggers.tekton.dev/Trigger', 'spec.trigger.triggerRef', 'tr']]);
    expect(named({ eventListener: 'el' })).toEqual([['triggers.tekton.dev/EventListener', 'spec.eventListener', 'el']]);
  });
});

describe('objects by themselves', () => {
  it('a TriggerBinding', () => {
    expect(lint(binding('b', { ok: '$(body.a)', bad: '$(bdy.a)' }))).toEqual(
      one({
        about: 'TriggerBinding b',
        severity: 'error',
        code: 'path-never-found',
        path: 'spec.params[1].value',
        suggestion: '$(body.a)',
      }),
    );
  });

  it('a TriggerTemplate with the annotation for quotes', () => {
    const plain = template('t', { a: undefined }, '$(tt.params.a)');
    expect(lint(plain)).toEqual([]);
    expect(lint({ ...plain, metadata: { ...plain.metadata, annotations: { 'triggers.tekton.dev/old-escape-quotes': '' } } })).toEqual(
      one({ severity: 'warning', code: 'template-annotation', path: 'metadata.annotations' }),
    );
  });

  it('a template and a binding written into the trigger', () => {
    const spec: EventListenerSpec = {
      triggers: [
        {
          bindings: [{ name: 'a', value: '$(body.a' }],
          template: {
            spec: { params: [{ name: 'a' }], resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', data: { x: '$(tt.params.a)' } }] },
          },
        },
      ],
    };
    expect(lint(listener(spec)).map(({ code, path }) => [code, path])).toEqual([
      ['template-object', 'spec.triggers[0].template.spec.resourcetemplates[0].metadata'],
      ['binding-text', 'spec.triggers[0].bindings[0].value'],
    ]);
  });

  it('other kinds are not looked at', () => {
    expect(lint({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '$(bdy' } })).toEqual([]);
  });
});

describe('lintUses', () => {
  const used = template('t', { a: undefined }, '$(tt.params.a)');
  const unfit = binding('b', { a: '$(body.commits)' });
  const el = listener({ triggers: [{ interceptors: [github], bindings: [ref('b')], template: { ref: 't' } }] });
  const other = listener({ triggers: [{ interceptors: [github], bindings: [ref('c')], template: { ref: 'c' } }] });

  it('tells of an object what does not work where it is used', () => {
    const lookup = lookupOf(used, unfit);
    expect(lintUses(unfit, [other, el], { payloads, lookup })).toEqual(one({ about: unfit, code: 'github-field' }));
    expect(lintUses(unfit, [other], { payloads, lookup })).toEqual([]);
    expect(lintUses(used, [el], { payloads, lookup })).toEqual([]);
  });

  it('a Trigger in the listener that leads to it', () => {
    const asking = trigger('x', { bindings: [{ name: 'a', value: '$(extensions.none)' }], template: { ref: 't' } });
    const leading = listener({ triggers: [{ triggerRef: 'x' }] });
    const found = lintUses(asking as unknown as KubeObject, [leading], { payloads, lookup: lookupOf(used, asking) });
    expect(found).toEqual(one({ code: 'extension-missing', usedBy: 'EventListener el' }));
  });
});

describe('references', () => {
  it('are everything an object names', () => {
    const el = listener({
      triggers: [
        { triggerRef: 'tr' },
        {
          interceptors: [
            github,
            cel("body.t.compareSecret('key', 'name')"),
            { ref: { name: 'own', kind: 'ClusterInterceptor' } },
            { ref: { name: 'mine', kind: 'NamespacedInterceptor' } },
          ],
          bindings: [ref('b'), { ref: 'c', kind: 'ClusterTriggerBinding' }, { name: 'x', value: 'y' }],
          template: { ref: 't' },
        },
      ],
    });
    const { references } = lintObject(el as unknown as KubeObject, {});
    expect(references.map(({ kind, namespace, name, key }) => [kind, namespace, name, key])).toEqual([
      ['triggers.tekton.dev/Trigger', 'ns', 'tr', undefined],
      ['Secret', 'ns', 's', 'k'],
      ['Secret', 'ns', 'name', 'key'],
      ['triggers.tekton.dev/ClusterInterceptor', undefined, 'own', undefined],
      ['triggers.tekton.dev/Interceptor', 'ns', 'mine', undefined],
      ['triggers.tekton.dev/TriggerBinding', 'ns', 'b', undefined],
      ['triggers.tekton.dev/ClusterTriggerBinding', undefined, 'c', undefined],
      ['triggers.tekton.dev/TriggerTemplate', 'ns', 't', undefined],
    ]);
  });

  it('that lead nowhere are warnings', () => {
    const about = binding('b', {});
    const reference = { about, path: 'p', kind: 'Secret', namespace: 'ns', name: 'hook', key: 'token' };
    const texts = (referred: Parameters<typeof missingFindings>[1]) =>
      missingFindings(reference, referred).map(({ message, suggestion }) => [message, suggestion]);
    expect(texts({ found: false, names: ['hooks'] })).toEqual([['there is no Secret "hook" in namespace ns', 'hooks']]);
    expect(texts({ found: true, keys: ['toke'] })).toEqual([['Secret "hook" in namespace ns has no key "token"', 'toke']]);
    expect(texts({ found: true, keys: ['token'] })).toEqual([]);
    expect(texts({ found: true })).toEqual([]);
  });
});
