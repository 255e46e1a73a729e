import { describe, expect, it } from 'vitest';
import type { Http } from '../ports/http.ts';
import type { KubeObject } from '../resources/object.ts';
import { type Rehearsal, type Rehearsed, type RehearsedRequest, rehearseEvent } from './rehearse-event.ts';

const triggers = 'triggers.tekton.dev/v1beta1';
const nobody: Http = {
  send: async ({ url }) => ({ ok: false, code: 'Unreachable', message: `cannot reach ${url}` }),
  close: async () => {},
};
const template = {
  spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' }, data: { uid: '$(uid)' } }] },
};
const secretRef = { secretName: 'hook', secretKey: 'token' };
const interceptor = (name: string, params: Record<string, unknown> = { secretRef }) => ({
  ref: { name },
  params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
});
const listener = (interceptors: readonly unknown[], annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: triggers,
  kind: 'EventListener',
  metadata: { name: 'el', namespace: 'ns', annotations },
  spec: { triggers: [{ name: 't', interceptors, template }] },
});
const secret = (stringData: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'hook', namespace: 'ns' },
  stringData,
});
const EVENT = '00000000-0000-4000-8000-00000000000e';

function rehearse(
  objects: readonly KubeObject[],
  request: Partial<RehearsedRequest> = {},
  given: Partial<Rehearsal> = {},
): Promise<Rehearsed> {
  return rehearseEvent({
    objects,
    namespace: 'ns',
    occasion: {
      kind: 'request',
      listener: 'el',
      method: 'POST',
      url: '/ns/el',
      headers: { 'Content-Type': ['application/json'] },
      body: Buffer.from('{"a":1}'),
      sign: 'auto',
      ...request,
    },
    eventId: EVENT,
    http: nobody,
    now: Date.UTC(2026, 0, 1),
    loopback: true,
    explain: [],
    ...given,
  });
}

const matched = { outcome: 'judged', verdicts: [{ trigger: 't', verdict: 'matched' }] };

describe('a sender', () => {
  it.each<[string, string, Record<string, string>, Record<string, readonly string[]>]>([
    ['github', 'github', { token: 's3cret' }, { 'X-Github-Event': ['push'] }],
    ['github whose secret nobody has given', 'github', {}, { 'X-Github-Event': ['push'] }],
    ['gitlab with a token', 'gitlab', { token: 's3cret' }, { 'X-Gitlab-Event': ['Push Hook'] }],
    ['gitlab with a signing token', 'gitlab', { token: `whsec_${btoa('0123456789abcdef')}` }, { 'X-Gitlab-Event': ['Push Hook'] }],
    [
      'gitlab with id and time of its own',
      'gitlab',
      { token: `whsec_${btoa('k')}` },
      { 'Webhook-Id': ['m1'], 'Webhook-Timestamp': ['1767225600'] },
    ],
    ['bitbucket', 'bitbucket', { token: 's3cret' }, { 'X-Event-Key': ['repo:push'] }],
  ])('signs as %s does', async (_, name, data, headers) => {
    const objects = [listener([interceptor(name)]), ...(Object.keys(data).length === 0 ? [] : [secret(data)])];
    const given = { 'Content-Type': ['application/json'], ...headers };
    expect(await rehearse(objects, { headers: given })).toMatchObject({
      outcome: 'judged',
      verdicts: [{ verdict: 'matched', chain: [{ verifiedBy: 'hook/token' }] }],
    });
    expect(await rehearse(objects, { headers: given, sign: 'no' })).toMatchObject({ outcome: 'refused' });
  });

  it('signs as Slack does, a form', async () => {
    const headers = { 'Content-Type': ['application/x-www-form-urlencoded'] };
    const body = Buffer.from('command=%2Fdeploy&text=web&team_id=T1');
    expect(await rehearse([listener([interceptor('slack')]), secret({ token: 's3cret' })], { headers, body })).toMatchObject(matched);
  });

  it('with the secret that is asked for, of those the listener has', async () => {
    const both = interceptor('github', { secretRefs: [secretRef, { secretName: 'hook', secretKey: 'next' }] });
    const objects = [listener([both]), secret({ token: 'old', next: 'new' })];
    expect(await rehearse(objects, { sign: { secretName: 'hook', secretKey: 'next' } })).toMatchObject({
      verdicts: [{ chain: [{ verifiedBy: 'hook/next' }] }],
    });
    expect(await rehearse(objects, { sign: { secretName: 'hook', secretKey: 'gone' } })).toEqual({
      outcome: 'invalid',
      message: 'no interceptor of the listener verifies with secret hook/gone; there is hook/token, hook/next',
    });
    expect(await rehearse([listener([both]), secret({ token: 'old' })], { sign: { secretName: 'hook', secretKey: 'next' } })).toEqual({
      outcome: 'invalid',
      message: 'secret hook has no key next to sign with',
    });
    expect(await rehearse([listener([])], { sign: secretRef })).toEqual({
      outcome: 'invalid',
      message: 'no interceptor of the listener verifies with secret hook/token; there is none',
    });
  });

  it('may be without: a Secret that is empty is none', async () => {
    expect(await rehearse([listener([interceptor('github')]), secret({})])).toMatchObject({ outcome: 'refused' });
  });
});

describe('a server', () => {
  it('renders the same whenever the same event comes', async () => {
    const twice = await Promise.all([1, 2].map(() => rehearse([listener([])])));
    const [first, second] = twice.map((rehearsed) => (rehearsed.outcome === 'judged' ? rehearsed.verdicts : []));
    expect(JSON.stringify(first?.map((verdict) => ({ ...verdict, tookMs: 0 })))).toBe(
      JSON.stringify(second?.map((verdict) => ({ ...verdict, tookMs: 0 }))),
    );
    expect(first).toMatchObject([{ manifests: [{ metadata: { labels: { 'triggers.tekton.dev/triggers-eventid': EVENT } } }] }]);
  });

  it('that others can reach refuses what nobody has signed', async () => {
    expect(await rehearse([listener([])], {}, { loopback: false })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('verifies no signature'),
    });
    const allowed = listener([], { 'tappet.dev/allow-unsigned': 'true' });
    expect(await rehearse([allowed], {}, { loopback: false })).toMatchObject(matched);
  });

  it('refuses what is no event', async () => {
    expect(await rehearse([listener([])], { body: Buffer.from('[1]') })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('cannot unmarshal array'),
    });
  });

  it('asks nobody but those who were given', async () => {
    const webhook = listener([{ webhook: { url: 'http://there.test/' } }]);
    expect(await rehearse([webhook])).toMatchObject({
      verdicts: [{ verdict: 'failed', error: expect.stringContaining('cannot reach http://there.test/') }],
    });
    const response = { status: 200, statusText: '', headers: {}, body: Buffer.from('{}'), url: 'http://there.test/' };
    const http: Http = { send: async () => ({ ok: true, response }), close: async () => {} };
    expect(await rehearse([webhook], {}, { http })).toMatchObject(matched);
  });

  it('tells the whole chain of a trigger the index passes over, where it is asked for', async () => {
    const objects = [listener([interceptor('cel', { filter: 'body.a == 2 && body.b' })])];
    expect(await rehearse(objects)).toMatchObject({ verdicts: [{ verdict: 'filtered', chain: [] }] });
    for (const explain of [['t'], ['ns/t'], ['t', 'ns/t', 'other']]) {
      expect(await rehearse(objects, {}, { explain })).toMatchObject({
        verdicts: [{ verdict: 'filtered', chain: [{ because: { source: 'body.a == 2' } }] }],
      });
    }
  });

  it('says what is wrong with the rehearsal', async () => {
    expect(await rehearse([])).toEqual({ outcome: 'invalid', message: 'there is no EventListener ns/el' });
    const twice = [listener([]), listener([])];
    expect(await rehearse(twice)).toMatchObject({
      outcome: 'invalid',
      message: expect.stringMatching(/^EventListener el: .*already exists/),
    });
  });
});

describe('a schedule', () => {
  const schedule: KubeObject = {
    apiVersion: 'tappet.dev/v1alpha1',
    kind: 'Schedule',
    metadata: { name: 'nightly', namespace: 'ns' },
    spec: {
      schedule: '0 3 * * *',
      timeZone: 'UTC',
      concurrencyPolicy: 'Allow',
      trigger: { name: 'tick', interceptors: [interceptor('cel', { filter: "body.lastSuccess == ''" })], template },
    },
  };
  const tick = (given: Partial<Rehearsal> = {}, change: (body: Record<string, unknown>) => unknown = (body) => body) =>
    rehearse(
      [schedule],
      {},
      {
        occasion: { kind: 'tick', schedule: 'nightly', body: (body) => Buffer.from(JSON.stringify(change(JSON.parse(body.toString())))) },
        ...given,
      },
    );

  it('fires', async () => {
    expect(await tick()).toMatchObject({
      outcome: 'judged',
      verdicts: [{ trigger: 'tick', verdict: 'matched', manifests: [{ metadata: { labels: { 'tappet.dev/schedule': 'nightly' } } }] }],
    });
  });

  it('with another body', async () => {
    expect(await tick({}, (body) => ({ ...body, lastSuccess: '2026-01-01T00:00:00Z' }))).toMatchObject({
      verdicts: [{ verdict: 'filtered' }],
    });
  });

  it('that is not there', async () => {
    expect(await tick({ objects: [] })).toEqual({ outcome: 'invalid', message: 'there is no Schedule ns/nightly' });
  });
});
