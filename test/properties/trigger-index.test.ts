import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventListener, EventListenerTrigger } from '../../src/resources/event-listener/schema.ts';
import type { Trigger, TriggerInterceptor } from '../../src/resources/trigger/schema.ts';
import { compileListener } from '../../src/triggers/compile-listener.ts';
import { evaluateListener } from '../../src/triggers/evaluate-listener.ts';
import { evaluateTrigger } from '../../src/triggers/evaluate-trigger.ts';
import type { SendHttp } from '../../src/triggers/http-exchange.ts';
import { type OpenEvent, openEvent } from '../../src/triggers/open-event.ts';
import { fakeOutside } from '../support/fake-outside.ts';

/** The index may only ever pass over triggers that would not fire: with it and without it the same ones do. */

const comparison = fc.constantFrom(
  "body.a == 'x'",
  "'y' == body.a",
  "body.a in ['x', 'y']",
  'body.a in []',
  'body.a == 1',
  'body.a == 1.0',
  'body.a == true',
  'body.a != 1',
  "body.nested.a == 'x'",
  "body['nested']['a'] in ['z']",
  'has(body.a)',
  'has(body.nested.a)',
  "header.match('x-a', '1')",
  "header.canonical('X-A') == '2'",
  "header.canonical('X-B') in ['', '1']",
  "header['X-A'][0] == '1'",
  "extensions.e == 'x'",
  'true',
  'false',
);

/** Any tree of the boolean operators. */
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    fc.tuple(tie('filter'), fc.constantFrom('&&', '||'), tie('filter')).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie('filter').map((inner) => `!(${inner})`),
    fc.tuple(tie('filter'), tie('filter'), tie('filter')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
}));

const ref = (name: string, params: Readonly<Record<string, unknown>>): TriggerInterceptor => ({
  ref: { name, kind: 'ClusterInterceptor' },
  params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
});
const eventTypes = fc.subarray(['push', 'pull_request', '1', '']);
const interceptor: fc.Arbitrary<TriggerInterceptor> = fc.oneof(
  { weight: 6, arbitrary: filter.map((text) => ref('cel', { filter: text, overlays: [{ key: 'e', expression: "'x'" }] })) },
  { weight: 2, arbitrary: eventTypes.map((types) => ref('github', { eventTypes: types })) },
  { weight: 1, arbitrary: eventTypes.map((types) => ref('gitlab', { eventTypes: types })) },
  { weight: 1, arbitrary: fc.constant<TriggerInterceptor>({ webhook: { url: 'http://rewriter/' } }) },
);
const chain = fc.array(interceptor, { maxLength: 3 });

const member = fc.constantFrom<unknown>('x', 'y', 'z', 1, 1.5, null, true, ['x'], { a: 'x' }, { a: 'z' }, {});
const body = fc.record({ a: member, b: member, nested: member }, { requiredKeys: [] });
const headers = fc.record(
  {
    'X-A': fc.constantFrom(['1'], ['2', '1'], ['']),
    'X-Github-Event': fc.constantFrom(['push'], ['pull_request']),
    'X-Gitlab-Event': fc.constantFrom(['push'], ['1']),
    'Content-Type': fc.constantFrom(['application/json'], ['application/x-www-form-urlencoded']),
  },
  { requiredKeys: [] },
);

/** Answers with another body and other headers, always the same. */
const rewriter: SendHttp = async () => {
  const answer = new TextEncoder().encode('{"a":"y","nested":{"a":"x"}}');
  return { ok: true, response: { status: 200, statusText: 'OK', headers: { 'X-A': ['2'] }, body: answer, url: '' } };
};

const template = (name: string) => ({ spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }] } });

function listenerOf(own: readonly (readonly TriggerInterceptor[])[], group: readonly TriggerInterceptor[]): EventListener {
  const triggers = own.map(
    (interceptors, index): EventListenerTrigger => ({ name: `t${index}`, interceptors: [...interceptors], template: template('m') }),
  );
  return {
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'EventListener',
    metadata: { name: 'el', namespace: 'default' },
    spec: { triggers, triggerGroups: [{ name: 'g', interceptors: [...group], triggerSelector: { labelSelector: {} } }] },
  };
}

function lookupOf(grouped: readonly (readonly TriggerInterceptor[])[]) {
  const triggers = grouped.map(
    (interceptors, index): Trigger => ({
      apiVersion: 'triggers.tekton.dev/v1beta1',
      kind: 'Trigger',
      metadata: { name: `g${index}`, namespace: 'default' },
      spec: { interceptors: [...interceptors], template: template('m') },
    }),
  );
  return {
    trigger: () => undefined,
    triggers: () => triggers,
    triggerBinding: () => undefined,
    clusterTriggerBinding: () => undefined,
    triggerTemplate: () => undefined,
    clusterInterceptor: () => undefined,
    interceptor: () => undefined,
  };
}

describe('trigger index', () => {
  it('fires exactly the triggers that fire when each is evaluated on its own', async () => {
    const chains = fc.array(chain, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chains, chains, chain, body, headers, fc.boolean(), async (own, grouped, group, payload, given, asForm) => {
        const compiled = compileListener(listenerOf(own, group), lookupOf(grouped));
        const text = asForm ? 'a=x&b=y' : JSON.stringify(payload);
        const event = (): OpenEvent =>
          openEvent({ eventId: 'e', url: '/', headers: given as Record<string, string[]>, body: Buffer.from(text) });
        const outside = fakeOutside({}, { http: rewriter });
        const together = await evaluateListener(compiled, event(), outside);
        const fired = together.flatMap((verdict) => (verdict.verdict === 'matched' ? [verdict.trigger] : []));
        const alone: string[] = [];
        for (const trigger of compiled.triggers) {
          if ((await evaluateTrigger(trigger, event(), outside)).verdict === 'matched') alone.push(trigger.name);
        }
        expect(fired.toSorted()).toEqual(alone.toSorted());
      }),
      { numRuns: 1_000 },
    );
  });
});
