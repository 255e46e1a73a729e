import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/resources/object.ts';
import { type EventServer, type EventServerOptions, startEventServer } from '../support/event-server.ts';

/** Secrets that change while the server runs, and senders that prove themselves in other ways than GitHub. */

const BODY = '{"after":"c0ffee"}';
const SIGNING = `whsec_${Buffer.from('thirty-two bytes of a signing key').toString('base64')}`;

const secret = (stringData: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'hook', namespace: 'ns' },
  stringData,
});
const ref = (secretKey: string) => ({ secretName: 'hook', secretKey });

function trigger(name: string, interceptor: string, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    name,
    interceptors: [
      {
        ref: { name: interceptor, kind: 'ClusterInterceptor' },
        params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
      },
    ],
    template: { spec: { resourcetemplates: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: `${name}-` } }] } },
  };
}

function listener(triggers: readonly Record<string, unknown>[], annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'EventListener',
    metadata: { name: 'el', namespace: 'ns', annotations },
    spec: { triggers },
  };
}

const servers: EventServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(options: EventServerOptions): Promise<EventServer> {
  const server = await startEventServer(options);
  servers.unshift(server);
  return server;
}

const eventIdOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { eventID: string }).eventID;
const errorOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { errorMessage: string }).errorMessage;
const hub = (key: string, header = 'x-hub-signature-256', hash = 'sha256') => ({
  [header]: `${hash}=${createHmac(hash, key).update(BODY).digest('hex')}`,
});

function standard(now: number, id: string, key = SIGNING): Record<string, string> {
  const time = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64'))
    .update(`${id}.${time}.${BODY}`)
    .digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
}

describe('rotation while the server runs', () => {
  it('takes old and new while both are live, and says which it was', async () => {
    const triggers = [trigger('push', 'github', { secretRefs: [ref('next'), ref('current')] })];
    const server = await serve({ objects: [secret({ current: 'one' }), listener(triggers)], loopback: false });
    const post = (key: string) => server.post('/ns/el', BODY, hub(key));
    const verifiedBy = async (key: string) => {
      const answer = await post(key);
      expect(answer.status).toBe(202);
      await server.settled();
      return (await server.stores.journal.get(eventIdOf(answer)))?.verdicts[0]?.chain[0]?.verifiedBy;
    };
    const store = async (data: Record<string, string>) => {
      const current = await server.stores.store.get({ kind: 'Secret', namespace: 'ns', name: 'hook' });
      if (current === undefined) throw new Error('no secret');
      await server.stores.store.update({ ...current, data: undefined, stringData: data });
      // As long as a secret is remembered.
      server.clock.advance(5_000);
    };

    // The new one is listed before it exists.
    expect(await verifiedBy('one')).toBe('hook/current');
    const early = await post('two');
    expect([early.status, errorOf(early)]).toEqual([
      401,
      'signature not verified: payload signature check failed (1 of 2 secrets cannot be read)',
    ]);

    await store({ current: 'one', next: 'two' });
    expect(await verifiedBy('one')).toBe('hook/current');
    expect(await verifiedBy('two')).toBe('hook/next');

    await store({ next: 'two' });
    expect((await post('one')).status).toBe(401);
    expect(await verifiedBy('two')).toBe('hook/next');
  });
});

describe("GitLab's signing token", () => {
  const objects = [secret({ signing: SIGNING }), listener([trigger('push', 'gitlab', { secretRef: ref('signing') })])];

  it('verifies; a delivery repeated, whatever headers are added, is the first one', async () => {
    const server = await serve({ objects, loopback: false });
    const headers = standard(server.clock.now(), 'msg_1');
    const first = await server.post('/ns/el', BODY, headers);
    expect(first.status).toBe(202);
    expect(await server.post('/ns/el', BODY, { ...headers, 'x-github-delivery': 'other', 'idempotency-key': 'x' })).toMatchObject({
      status: 202,
      body: first.body,
    });
    expect((await server.post('/ns/el', BODY, { ...headers, 'webhook-id': 'msg_2' })).status).toBe(401);
    expect((await server.post('/ns/el', BODY, { 'x-gitlab-token': SIGNING })).status).toBe(401);
    server.clock.advance(301_000);
    const stale = await server.post('/ns/el', BODY, headers);
    expect([stale.status, errorOf(stale)]).toEqual([401, expect.stringContaining("behind this server's clock, expected at most 300 s")]);
  });

  it('of an event that an earlier life accepted is judged by when the event came', async () => {
    const first = await serve({ objects });
    const receivedAt = first.clock.now() - 86_400_000;
    const left = { namespace: 'ns', listener: 'el', receivedAt, method: 'POST', url: '/ns/el', body: Buffer.from(BODY) };
    const canonical = (headers: Record<string, string>) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace(/(^|-)[a-z]/g, (at) => at.toUpperCase()), [value]]));
    await first.stores.journal.append({ ...left, eventId: 'left', headers: canonical(standard(receivedAt, 'msg')) });
    await first.stores.journal.append({ ...left, eventId: 'stale', headers: canonical(standard(receivedAt - 301_000, 'msg')) });
    const second = await serve({ stores: first.stores });
    await second.settled();
    expect(await second.stores.journal.get('left')).toMatchObject({ verdicts: [{ verdict: 'matched' }] });
    expect(await second.stores.journal.get('stale')).toMatchObject({ verdicts: [{ verdict: 'filtered' }] });
  });
});

describe('a token beyond ASCII', () => {
  it('is compared byte by byte, as it comes over the wire', async () => {
    const token = 'grüße 🦊';
    const server = await serve({ objects: [secret({ token }), listener([trigger('push', 'gitlab', { secretRef: ref('token') })])] });
    const onTheWire = Buffer.from(token, 'utf8').toString('latin1');
    // With a body of text Node's client would write the headers as UTF-8 too.
    expect((await server.post('/ns/el', Buffer.from(BODY), { 'x-gitlab-token': onTheWire })).status).toBe(202);
    expect((await server.post('/ns/el', BODY, { 'x-gitlab-token': 'gr' })).status).toBe(401);
  });
});

describe("Bitbucket's SHA-1", () => {
  const objects = (annotations: Record<string, string> = {}) => [
    secret({ token: '1234567' }),
    listener([trigger('push', 'bitbucket', { secretRef: ref('token') })], annotations),
  ];
  const sha1 = hub('1234567', 'x-hub-signature', 'sha1');

  it("is taken on loopback, as upstream's example has it", async () => {
    const server = await serve({ objects: objects() });
    expect((await server.post('/ns/el', BODY, { ...sha1, 'x-event-key': 'repo:refs_changed' })).status).toBe(202);
  });

  it('is refused elsewhere, unless the listener is annotated', async () => {
    const server = await serve({ objects: objects(), loopback: false });
    const refused = await server.post('/ns/el', BODY, sha1);
    expect([refused.status, errorOf(refused)]).toEqual([401, expect.stringContaining('tappet.dev/allow-sha1: "true"')]);
    expect((await server.post('/ns/el', BODY, hub('1234567', 'x-hub-signature'))).status).toBe(202);
    const allowed = await serve({ objects: objects({ 'tappet.dev/allow-sha1': 'true' }), loopback: false });
    expect((await allowed.post('/ns/el', BODY, sha1)).status).toBe(202);
  });

  it("of Bitbucket Cloud's deliveries each hook's is one", async () => {
    const server = await serve({ objects: objects(), loopback: false });
    const post = (hook: string, request: string) =>
      server.post('/ns/el', BODY, { ...hub('1234567', 'x-hub-signature'), 'x-hook-uuid': hook, 'x-request-uuid': request });
    const first = eventIdOf(await post('h1', 'r1'));
    expect(eventIdOf(await post('h1', 'r1'))).toBe(first);
    expect(eventIdOf(await post('h2', 'r1'))).not.toBe(first);
    expect(eventIdOf(await post('h1', 'r2'))).not.toBe(first);
  });
});

describe('a secret in a header of its own', () => {
  const filter = "header.canonical('X-Chat-Token').compareSecret('token', 'hook')";
  const objects = [secret({ token: 'open sesame' }), listener([trigger('chat', 'cel', { filter })])];

  it('guards a listener that others can reach', async () => {
    const server = await serve({ objects, loopback: false });
    const judged = async (headers: Record<string, string>) => {
      const answer = await server.post('/ns/el', BODY, headers);
      expect(answer.status).toBe(202);
      await server.settled();
      return (await server.stores.journal.get(eventIdOf(answer)))?.verdicts[0]?.verdict;
    };
    expect(await judged({ 'x-chat-token': 'open sesame' })).toBe('matched');
    expect(await judged({ 'x-chat-token': 'open barley' })).toBe('filtered');
    expect(await judged({})).toBe('filtered');
  });

  it('is not kept, and can be compared again after a restart', async () => {
    const first = await serve({ objects });
    const answer = await first.post('/ns/el', BODY, { 'x-chat-token': 'open sesame' });
    await first.settled();
    const kept = (await first.stores.journal.get(eventIdOf(answer)))?.headers['X-Chat-Token']?.[0] ?? '';
    expect(kept).toMatch(/^sealed:/);
    expect(JSON.stringify(await first.stores.journal.list())).not.toContain('open sesame');
    await first.stores.journal.append({
      eventId: 'left',
      namespace: 'ns',
      listener: 'el',
      receivedAt: 0,
      method: 'POST',
      url: '/ns/el',
      headers: { 'X-Chat-Token': [kept] },
      body: Buffer.from(BODY),
    });
    const second = await serve({ stores: first.stores });
    await second.settled();
    expect(await second.stores.journal.get('left')).toMatchObject({ verdicts: [{ verdict: 'matched' }] });
  });
});
