import { describe, expect, it } from 'vitest';
import { fakeOutside } from '../../../../test/support/fake-outside.ts';
import type { ClientConfig } from '../../../resources/cluster-interceptor/schema.ts';
import type { TriggerInterceptor, WebhookInterceptor } from '../../../resources/trigger/schema.ts';
import { expressionCache } from '../../expression-cache.ts';
import type { HttpRequest, HttpResult } from '../../http-exchange.ts';
import { type OpenEvent, openEvent } from '../../open-event.ts';
import type { Extensions, Interceptor } from '../interceptor.ts';
import { makeInterceptor } from '../registry.ts';

const json = (value: unknown, status = 200, statusText = 'OK'): HttpResult => raw(JSON.stringify(value), status, statusText);
const raw = (text: string, status = 200, statusText = 'OK', headers = {}): HttpResult => ({
  ok: true,
  response: { status, statusText, headers, body: new TextEncoder().encode(text), url: 'http://x/' },
});

function event(
  body = '{"n": 1}',
  headers: Record<string, readonly string[]> = { 'Content-Type': ['application/json'], 'X-A': ['1', '2'] },
): OpenEvent {
  return openEvent({ eventId: 'e1', url: '/hook?x=1', headers, body: new TextEncoder().encode(body) });
}

function make(spec: TriggerInterceptor, found: { cluster?: ClientConfig; namespaced?: ClientConfig } = {}): Interceptor {
  const object = { apiVersion: 'triggers.tekton.dev/v1alpha1' as const, metadata: {} };
  return makeInterceptor(spec, {
    namespace: 'trigger-ns',
    listenerNamespace: 'el-ns',
    expressions: expressionCache(),
    policy: { unsigned: 'warn', sha1: 'warn' },
    serviceUrl: (namespace, name) => (name === 'mapped' ? `http://127.0.0.1:9000/${namespace}/` : undefined),
    lookup: {
      clusterInterceptor: () => found.cluster && { ...object, kind: 'ClusterInterceptor', spec: { clientConfig: found.cluster } },
      interceptor: (namespace) =>
        namespace === 'el-ns' && found.namespaced
          ? { ...object, kind: 'Interceptor', spec: { clientConfig: found.namespaced } }
          : undefined,
    },
  });
}

/** Asks it once; gives what it answered and what it sent. */
async function ask(interceptor: Interceptor, answer: HttpResult, extensions: Extensions = {}, given = event()) {
  const sent: HttpRequest[] = [];
  const outside = fakeOutside(
    {},
    {
      http: async (request) => {
        sent.push(request);
        return answer;
      },
    },
  );
  const call = { event: given, extensions, namespace: 'trigger-ns', triggerId: 'namespaces/trigger-ns/triggers/t', outside };
  return { said: await interceptor.intercept(call), sent: sent[0] };
}

const custom = (config: ClientConfig, params: TriggerInterceptor['params'] = []) =>
  make({ ref: { name: 'custom', kind: 'ClusterInterceptor' }, params }, { cluster: config });

describe('a ClusterInterceptor that is called', () => {
  it('is sent event, extensions, params and context', async () => {
    const interceptor = custom({ url: 'https://hooks.example/x' }, [{ name: 'p', value: { deep: [1] } }]);
    const { said, sent } = await ask(interceptor, json({ continue: true, extensions: { found: 'y' }, status: {} }), { before: 1 });
    expect(said).toEqual({ outcome: 'continue', extensions: { found: 'y' } });
    expect(sent).toMatchObject({ method: 'POST', url: 'https://hooks.example/x', headers: { 'Content-Type': 'application/json' } });
    expect(JSON.parse(String(sent?.body))).toEqual({
      body: '{"n": 1}',
      header: { 'Content-Type': ['application/json'], 'X-A': ['1', '2'] },
      extensions: { before: 1 },
      interceptor_params: { p: { deep: [1] } },
      context: { event_url: '/hook?x=1', event_id: 'e1', trigger_id: 'namespaces/trigger-ns/triggers/t' },
    });
  });

  it.each<[string, ClientConfig, string]>([
    ['a url', { url: 'http://a/b' }, 'http://a/b'],
    ['a service', { service: { name: 's', namespace: 'n' } }, 'http://s.n.svc:80/'],
    ['a path and port', { service: { name: 's', namespace: 'n', path: '/p', port: 81 } }, 'http://s.n.svc:81/p'],
    ['a service with a CA', { caBundle: 'UEVN', service: { name: 's', namespace: 'n', path: 'p' } }, 'https://s.n.svc:8443/p'],
    ['a service that settings map', { service: { name: 'mapped', namespace: 'n', path: 'p' } }, 'http://127.0.0.1:9000/n/p'],
  ])('is found by %s', async (_, config, url) => {
    const { sent } = await ask(custom(config), json({ continue: true }));
    expect(sent?.url).toBe(url);
    expect(sent?.caBundle).toBe(config.caBundle === undefined ? undefined : 'PEM');
  });

  it('stops the event with the words it gives', async () => {
    const { said } = await ask(custom({ url: 'http://a' }), json({ continue: false, status: { code: 9, message: 'not today' } }));
    expect(said).toEqual({ outcome: 'stop', code: 'FailedPrecondition', message: 'not today' });
  });

  it.each<[string, HttpResult, string, string]>([
    ['no answer in time', { ok: false, code: 'Timeout', message: 'http://a: no answer in 10 s' }, 'DeadlineExceeded', 'no answer in 10 s'],
    ['10 MB', { ok: false, code: 'TooLarge', message: 'http://a: more than 1 MiB' }, 'ResourceExhausted', 'more than 1 MiB'],
    ['a redirect', raw('', 302, 'Found'), 'Unavailable', 'interceptor response was not 200: 302'],
    ['an error', raw('oops', 500), 'Unavailable', 'interceptor response was not 200: 500: oops'],
    ['garbage', raw('\u0000<<'), 'Internal', 'what is no InterceptorResponse: not JSON'],
  ])('%s: an error, not a "no"', async (_, answer, code, message) => {
    const { said } = await ask(custom({ url: 'http://a' }), answer);
    expect(said).toMatchObject({ outcome: 'error', code, message: expect.stringContaining(message) });
  });

  it('is known in advance to fail without an address', () => {
    expect(custom({}).defect).toBe('custom: interceptor URL was nil');
    expect(custom({ url: 'http://a', caBundle: '!' }).defect).toContain('caBundle is no base64');
  });

  it("of a built-in's name: upstream's own leads to ours, any other is called", () => {
    const cel: TriggerInterceptor = { ref: { name: 'cel', kind: 'ClusterInterceptor' }, params: [{ name: 'filter', value: 'true' }] };
    expect(
      make(cel, { cluster: { service: { name: 'tekton-triggers-core-interceptors', namespace: 'tekton-pipelines' } } }).guards,
    ).toBeUndefined();
    expect(make(cel, { cluster: { url: 'http://a' } }).guards).toBe(true);
  });
});

describe('a namespaced Interceptor', () => {
  const spec: TriggerInterceptor = { ref: { name: 'mine', kind: 'NamespacedInterceptor' } };

  it("is looked for in the listener's namespace", async () => {
    const { sent } = await ask(make(spec, { namespaced: { url: 'http://mine/' } }), json({ continue: true }));
    expect(sent?.url).toBe('http://mine/');
  });

  it('that is not there is told of in advance', () => {
    expect(make(spec).defect).toBe(
      'mine: url resolution failed for interceptor mine with: interceptors.triggers.tekton.dev "mine" not found in namespace el-ns',
    );
  });
});

describe('the legacy webhook', () => {
  const service = { apiVersion: 'v1', kind: 'Service', name: 'svc' };
  const hook = (webhook: WebhookInterceptor) => make({ webhook });

  it.each<[WebhookInterceptor, string]>([
    [{ objectRef: service }, 'http://svc.trigger-ns.svc/'],
    [{ objectRef: { ...service, namespace: 'other' } }, 'http://svc.other.svc/'],
    [{ objectRef: service, url: 'http://direct/x' }, 'http://direct/x'],
    [{ objectRef: { ...service, name: 'mapped' } }, 'http://127.0.0.1:9000/trigger-ns/'],
  ])('%j is asked at %s', async (spec, url) => {
    const { sent } = await ask(hook(spec), raw('{}'));
    expect(sent?.url).toBe(url);
  });

  it('is sent body and headers as they came, with those that are configured over them', async () => {
    const header = [
      { name: 'X-A', value: 'own' },
      { name: 'X-List', value: ['p', 'q'] },
    ];
    const given = event('{"n":   1}', { 'X-A': ['1'], 'X-B': ['2'], 'Content-Length': ['10'], Connection: ['close'] });
    const { sent } = await ask(hook({ objectRef: service, header }), raw('{}'), {}, given);
    expect(sent?.headers).toEqual({ 'X-A': 'own', 'X-B': ['2'], 'X-List': ['p', 'q'], 'Eventlistener-Request-Url': '/hook?x=1' });
    expect(new TextDecoder().decode(sent?.body as Uint8Array)).toBe('{"n":   1}');
  });

  it('is sent header values byte by byte, as they came over the wire', async () => {
    const { sent } = await ask(hook({ objectRef: service }), raw('{}'), {}, event('{}', { 'X-A': ['grüße', 'plain'] }));
    expect(sent?.headers).toMatchObject({ 'X-A': ['grÃ¼Ã\u009fe', 'plain'] });
  });

  it('is sent what came before in the body, over what the body has there', async () => {
    const given = event('{"n":1,"extensions":{"kept":1,"k":0}}');
    const { sent } = await ask(hook({ objectRef: service }), raw('{}'), { k: { deep: true } }, given);
    expect(JSON.parse(new TextDecoder().decode(sent?.body as Uint8Array))).toEqual({ n: 1, extensions: { kept: 1, k: { deep: true } } });
  });

  it('answers with the event as it goes on', async () => {
    const { said } = await ask(hook({ objectRef: service }), raw('{"new":true}', 200, 'OK', { 'X-New': ['h'] }));
    const changed = said.outcome === 'continue' ? said.event : undefined;
    expect(changed?.json()).toEqual({ ok: true, value: { new: true } });
    expect(changed?.headers).toEqual({ 'X-New': ['h'] });
    expect(changed).toMatchObject({ eventId: 'e1', url: '/hook?x=1' });
  });

  it.each<[HttpResult, 'stop' | 'error', string]>([
    [raw('go away', 403, 'Forbidden'), 'stop', 'request rejected; status: 403 Forbidden; message: go away'],
    [raw('{}', 202, 'Accepted'), 'error', 'request rejected; status: 202 Accepted; message: {}'],
    [raw('', 301, 'Moved Permanently'), 'error', 'request rejected; status: 301 Moved Permanently; message: '],
    [raw('x', 500, 'Internal Server Error'), 'error', 'request rejected; status: 500 Internal Server Error; message: x'],
    [{ ok: false, code: 'Unreachable', message: 'nobody there' }, 'error', 'webhook could not be asked: nobody there'],
  ])('%#: is %s', async (answer, outcome, message) => {
    expect((await ask(hook({ objectRef: service }), answer)).said).toMatchObject({ outcome, message });
  });

  it.each([{}, { objectRef: { ...service, kind: 'Pod' } }, { objectRef: { ...service, name: '' } }])('%j leads nowhere', (spec) => {
    expect(hook(spec).defect).toContain('invalid objRef');
  });
});
