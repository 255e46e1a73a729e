import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import { type Answer, type EventServer, type EventServerOptions, startEventServer } from '../support/event-server.ts';

/** What Slack sends, and what it is answered, over the real ingress. */

const SECRET = 'signing secret';
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'slack', namespace: 'ns' },
  stringData: { secret: SECRET },
};
const secretRef = { secretName: 'slack', secretKey: 'secret' };

function slack(name: string, params: Readonly<Record<string, unknown>>, value = '$(extensions.text[0])'): Record<string, unknown> {
  return {
    name,
    interceptors: [
      {
        ref: { name: 'slack', kind: 'ClusterInterceptor' },
        params: Object.entries(params).map(([param, of]) => ({ name: param, value: of })),
      },
    ],
    bindings: [{ name: 'text', value, kind: 'TriggerBinding' }],
    template: {
      spec: {
        params: [{ name: 'text' }],
        resourcetemplates: [
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: `${name}-` }, data: { text: '$(tt.params.text)' } },
        ],
      },
    },
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

async function serve(objects: readonly KubeObject[], options: Omit<EventServerOptions, 'objects'> = {}): Promise<EventServer> {
  const server = await startEventServer({ ...options, objects: [secret, ...objects] });
  servers.push(server);
  return server;
}

function send(server: EventServer, body: string, { type = FORM, key = SECRET, ageMs = 0, headers = {} as Record<string, string> } = {}) {
  const time = String(Math.floor((server.clock.now() - ageMs) / 1_000));
  const hex = createHmac('sha256', key).update(`v0:${time}:${body}`).digest('hex');
  return server.post('/ns/el', body, {
    'content-type': type,
    'x-slack-request-timestamp': time,
    'x-slack-signature': `v0=${hex}`,
    ...headers,
  });
}

const command = (text: string, trigger = 't1', name = '/build') =>
  new URLSearchParams({ token: 'x', command: name, text, trigger_id: trigger }).toString();
const event = (id: string, text = 'hello') =>
  JSON.stringify({ type: 'event_callback', event_id: id, event: { type: 'app_mention', text } });
const json = ({ body }: Answer) => JSON.parse(body) as Record<string, string>;
const texts = async ({ stores }: EventServer) =>
  (await stores.store.list<Stored & { data: { text: string } }>('ConfigMap')).items.map(({ data }) => data.text);

describe('a slash command', () => {
  it('is answered at once, to its user alone, and does its work; a form needs no annotation where it is signed', async () => {
    const server = await serve([listener([slack('build', { secretRef, requestedFields: ['text'] })])], { loopback: false });
    const answer = await send(server, command('main 2222'));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    const { eventID = '' } = json(answer);
    expect(json(answer)).toEqual({
      eventListener: 'el',
      namespace: 'ns',
      eventListenerUID: expect.any(String),
      eventID: expect.stringMatching(/^.{36}$/),
      response_type: 'ephemeral',
      text: `/build received: event ${eventID.slice(0, 8)}`,
    });
    await server.settled();
    expect(await texts(server)).toEqual(['main 2222']);
    expect(await server.stores.journal.get(eventID)).toMatchObject({
      deliveryId: 't1',
      verdicts: [{ verdict: 'matched', chain: [{ interceptor: 'slack', verifiedBy: 'slack/secret' }] }],
    });
    expect(server.tally.text()).toContain('eventlistener_event_received_total{status="succeeded"} 1\n');
  });

  it('is answered with what its trigger says, or with nothing to be shown', async () => {
    const words = await serve([listener([slack('build', { secretRef, acknowledgement: 'On it.' })])]);
    expect(json(await send(words, command('x')))).toMatchObject({ response_type: 'ephemeral', text: 'On it.' });
    const silent = await serve([listener([slack('build', { secretRef, acknowledgement: '' })])]);
    expect(await send(silent, command('x'))).toMatchObject({ status: 200, body: '' });
    await silent.settled();
    expect(await silent.stores.journal.list()).toHaveLength(1);
  });

  it('goes to the triggers that want it; of one nobody wants the user is told', async () => {
    const server = await serve([
      listener([
        slack('deploy', { secretRef, requestedFields: ['text'], commands: ['/deploy'], acknowledgement: 'Deploying.' }),
        slack('build', { secretRef, requestedFields: ['text'], commands: ['/build'] }),
      ]),
    ]);
    expect(json(await send(server, command('a', 't1', '/build')))['text']).toMatch(/^\/build received/);
    expect(json(await send(server, command('b', 't2', '/deploy')))['text']).toBe('Deploying.');
    const other = json(await send(server, command('c', 't3', '/other')));
    expect(other['text']).toBe('/other is not taken here');
    await server.settled();
    expect((await texts(server)).sort()).toEqual(['a', 'b']);
    expect((await server.stores.journal.get(other['eventID'] ?? ''))?.verdicts.map(({ verdict }) => verdict)).toEqual([
      'filtered',
      'filtered',
    ]);
  });

  it('sent again is answered with the first event and does nothing else, whatever headers are added', async () => {
    const server = await serve([listener([slack('build', { secretRef, requestedFields: ['text'] })])]);
    const first = await send(server, command('once'));
    const again = await send(server, command('once'), { headers: { 'x-github-delivery': 'd', 'webhook-id': 'w' } });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(json(await send(server, command('once', 't2')))['eventID']).not.toBe(json(first)['eventID']);
    await server.settled();
    expect(await server.stores.journal.list()).toHaveLength(2);
  });

  it.each([
    ['another secret', { key: 'other' }, 'payload signature check failed'],
    ['an old request', { ageMs: 600_000 }, "X-Slack-Request-Timestamp is 600 s behind this server's clock"],
    ['no signature', { headers: { 'x-slack-signature': '' } }, 'no X-Slack-Signature header set'],
  ])('%s: 401, nothing kept of it', async (_, how, reason) => {
    const server = await serve([listener([slack('build', { secretRef, requestedFields: ['text'] })])]);
    const answer = await send(server, command('x'), how);
    expect(answer.status).toBe(401);
    expect(json(answer)['errorMessage']).toContain(`signature not verified: ${reason}`);
    expect(await server.stores.journal.list()).toMatchObject([{ state: 'rejected', headers: { 'X-Slack-Signature': ['[redacted]'] } }]);
  });

  it('of an interaction: 200 and nothing more, its payload bound', async () => {
    const server = await serve([
      listener([slack('button', { secretRef, requestedFields: ['payload'] }, '$(extensions.payload.actions[0].value)')]),
    ]);
    const payload = JSON.stringify({ type: 'block_actions', trigger_id: 'i1', actions: [{ value: '42' }] });
    const body = new URLSearchParams({ payload }).toString();
    expect(await send(server, body)).toMatchObject({ status: 200, body: '' });
    expect(await send(server, body)).toMatchObject({ status: 200, body: '' });
    await server.settled();
    expect(await texts(server)).toEqual(['42']);
  });
});

describe('the Events API', () => {
  const trigger = slack('mention', { secretRef, requestedFields: ['event.text'] }, '$(extensions.event.text[0])');

  it('is accepted, and its retries are known by the id in the body', async () => {
    const server = await serve([listener([trigger])]);
    const first = await send(server, event('Ev1'), { type: JSON_TYPE });
    expect(first.status).toBe(202);
    server.clock.advance(60_000);
    const retry = await send(server, event('Ev1'), { type: JSON_TYPE, headers: { 'x-slack-retry-num': '1' } });
    expect(retry).toMatchObject({ status: 202, body: first.body });
    expect((await send(server, event('Ev2'), { type: JSON_TYPE })).body).not.toBe(first.body);
    await server.settled();
    expect(await texts(server)).toEqual(['hello', 'hello']);
  });

  it("'s challenge is answered once it is verified, and is no event", async () => {
    const server = await serve([listener([trigger])]);
    const challenge = JSON.stringify({
      token: 'x',
      challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
      type: 'url_verification',
    });
    const answer = await send(server, challenge, { type: JSON_TYPE });
    expect(answer).toMatchObject({ status: 200, body: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect((await send(server, challenge, { type: JSON_TYPE, key: 'other' })).status).toBe(401);
    await server.settled();
    expect((await server.stores.journal.list()).map(({ state }) => state)).toEqual(['rejected']);
    expect(await texts(server)).toEqual([]);
  });

  it("'s body is held to the limits of every body", async () => {
    const server = await serve([listener([trigger])]);
    expect((await send(server, '{"a":1,"a":2}', { type: JSON_TYPE })).status).toBe(400);
    expect((await send(server, '[1]', { type: JSON_TYPE })).status).toBe(400);
    expect((await send(server, 'a=1', { type: JSON_TYPE })).status).toBe(400);
  });

  it('does not speak for other senders of the listener', async () => {
    const open = { name: 'open', template: { spec: { resourcetemplates: [] } } };
    const server = await serve([listener([trigger, open])]);
    const challenge = JSON.stringify({ challenge: 'c', type: 'url_verification' });
    const unsigned = await server.post('/ns/el', challenge, { 'content-type': JSON_TYPE });
    expect(unsigned.status).toBe(202);
    // A form without a signature is no event either.
    expect((await server.post('/ns/el', 'command=%2Fbuild&text=x', { 'content-type': FORM })).status).toBe(400);
  });
});

describe('the check of the certificate', () => {
  it('is answered 200 and is no event', async () => {
    const server = await serve([listener([slack('build', { secretRef })])]);
    expect(await send(server, 'ssl_check=1&token=x')).toMatchObject({ status: 200, body: '' });
    expect(await server.stores.journal.list()).toEqual([]);
  });
});

describe("upstream's example, which verifies nothing", () => {
  const annotations = { 'tekton.dev/payload-validation': 'false' };
  const headers = { 'content-type': FORM, 'x-slack-signature': 'sha1=ba0cdc263b3492a74b601d240c27efe81c4720cb' };
  const body = 'token=t&team_id=T04&user_id=U04&&command=%2Fbuild&text=main+2222&trigger_id=4890883491553';

  it('is answered as upstream, each time anew', async () => {
    const server = await serve([listener([slack('slack', { requestedFields: ['text'] })], annotations)]);
    const first = await server.post('/ns/el', body, headers);
    expect(first.status).toBe(202);
    expect(Object.keys(json(first))).toEqual(['eventListener', 'namespace', 'eventListenerUID', 'eventID']);
    expect((await server.post('/ns/el', body, headers)).body).not.toBe(first.body);
    await server.settled();
    expect(await texts(server)).toEqual(['main 2222', 'main 2222']);
  });

  it('is acknowledged where the trigger has words for it, and still not deduplicated by what nobody signed', async () => {
    const server = await serve([listener([slack('slack', { requestedFields: ['text'], acknowledgement: 'Yes.' })], annotations)]);
    const first = await server.post('/ns/el', body, headers);
    expect(first.status).toBe(200);
    expect(json(first)).toMatchObject({ text: 'Yes.', response_type: 'ephemeral' });
    expect(json(await server.post('/ns/el', body, headers))['eventID']).not.toBe(json(first)['eventID']);
    const challenge = JSON.stringify({ challenge: 'c', type: 'url_verification' });
    expect((await server.post('/ns/el', challenge, { 'content-type': JSON_TYPE })).status).toBe(202);
  });

  it('is refused where others can reach the listener', async () => {
    const server = await serve([listener([slack('slack', { requestedFields: ['text'] })], annotations)], { loopback: false });
    expect((await server.post('/ns/el', body, headers)).status).toBe(403);
  });
});
