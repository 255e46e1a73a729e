import { describe, expect, it } from 'vitest';
import { fakeOutside } from '../../test/support/fake-outside.ts';
import type { EventListener, EventListenerSpec } from '../resources/event-listener/schema.ts';
import type { Trigger, TriggerInterceptor } from '../resources/trigger/schema.ts';
import { compileListener } from './compile-listener.ts';
import { evaluateListener } from './evaluate-listener.ts';
import type { SendHttp } from './http-exchange.ts';
import { type OpenEvent, openEvent } from './open-event.ts';

/** What an interceptor that changes the event means for everything behind it. */

const webhook: TriggerInterceptor = { webhook: { objectRef: { apiVersion: 'v1', kind: 'Service', name: 'rewriter' } } };
const cel = (filter: string, ...overlays: { key: string; expression: string }[]): TriggerInterceptor => ({
  ref: { name: 'cel', kind: 'ClusterInterceptor' },
  params: [
    { name: 'filter', value: filter },
    { name: 'overlays', value: overlays },
  ],
});
const showing = {
  bindings: [
    { name: 'seen', value: '$(body.seen)' },
    { name: 'by', value: '$(header.X-By)' },
  ],
  template: {
    spec: {
      params: [{ name: 'by', default: 'nobody' }],
      resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } }],
    },
  },
};

function event(body: string, contentType = 'application/json'): OpenEvent {
  return openEvent({ eventId: 'e', url: '/', headers: { 'Content-Type': [contentType] }, body: new TextEncoder().encode(body) });
}

/** Answers `{"seen": <what it was sent>}` with a header of its own. */
const rewriter: SendHttp = async ({ body = '' }) => {
  const sent = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const answer = new TextEncoder().encode(JSON.stringify({ seen: sent }));
  return { ok: true, response: { status: 200, statusText: 'OK', headers: { 'X-By': ['rewriter'] }, body: answer, url: '' } };
};

async function judge(spec: EventListenerSpec, given: OpenEvent, triggers: readonly Trigger[] = []) {
  const listener: EventListener = {
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'EventListener',
    metadata: { name: 'el', namespace: 'ns' },
    spec,
  };
  const lookup = {
    trigger: () => undefined,
    triggers: () => triggers,
    triggerBinding: () => undefined,
    clusterTriggerBinding: () => undefined,
    triggerTemplate: () => undefined,
    clusterInterceptor: () => undefined,
    interceptor: () => undefined,
  };
  return evaluateListener(compileListener(listener, lookup), given, fakeOutside({}, { http: rewriter }));
}

const paramsOf = ([verdict]: Awaited<ReturnType<typeof judge>>) =>
  verdict?.verdict === 'matched' ? Object.fromEntries(verdict.params.map(({ name, value }) => [name, value])) : verdict;

describe('behind a webhook', () => {
  it('interceptors and bindings see the event as it has become', async () => {
    const spec = {
      triggers: [{ interceptors: [webhook, cel("body.seen == '{\"n\":1}' && header.match('X-By', 'rewriter')")], ...showing }],
    };
    expect(paramsOf(await judge(spec, event('{"n":1}')))).toEqual({ seen: '{"n":1}', by: 'rewriter' });
  });

  it('the index does not go by the event as it came', async () => {
    const spec = { triggers: [{ interceptors: [webhook, cel("body.seen != ''"), cel("body.seen == '{}'")], ...showing }] };
    expect(paramsOf(await judge(spec, event('{}')))).toEqual({ seen: '{}', by: 'rewriter' });
  });

  it('but before it, it does', async () => {
    const spec = { triggers: [{ interceptors: [cel('body.n == 2'), webhook], ...showing }] };
    expect(await judge(spec, event('{"n":1}'))).toMatchObject([{ verdict: 'filtered', chain: [], reason: 'body.n is 1, expected 2' }]);
  });

  it('a second one is sent what the first answered', async () => {
    const spec = { triggers: [{ interceptors: [webhook, webhook], ...showing }] };
    expect(paramsOf(await judge(spec, event('{}')))).toMatchObject({ seen: '{"seen":"{}"}' });
  });

  it('one that comes later is told what was added', async () => {
    const spec = { triggers: [{ interceptors: [cel('true', { key: 'k', expression: 'body.n' }), webhook], ...showing }] };
    expect(paramsOf(await judge(spec, event('{"n":1}')))).toMatchObject({ seen: '{"n":1,"extensions":{"k":1}}' });
  });

  it('a form comes to the first one as it is, to a later one as JSON', async () => {
    const form = event('a=1&b=2', 'application/x-www-form-urlencoded');
    expect(paramsOf(await judge({ triggers: [{ interceptors: [webhook], ...showing }] }, form))).toMatchObject({ seen: 'a=1&b=2' });
    expect(paramsOf(await judge({ triggers: [{ interceptors: [cel('true'), webhook], ...showing }] }, form))).toMatchObject({
      seen: '{"a":["1"],"b":["2"]}',
    });
  });

  it('of a group, every trigger of it sees the changed body, which upstream loses', async () => {
    const one: Trigger = {
      apiVersion: 'triggers.tekton.dev/v1beta1',
      kind: 'Trigger',
      metadata: { name: 'one', namespace: 'ns' },
      spec: { interceptors: [cel("body.seen == '{}'")], ...showing },
    };
    const spec = { triggerGroups: [{ name: 'g', interceptors: [webhook], triggerSelector: { labelSelector: {} } }] };
    expect(paramsOf(await judge(spec, event('{}'), [one]))).toEqual({ seen: '{}', by: 'rewriter' });
  });
});
