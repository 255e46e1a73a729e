import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventActions } from '../../src/events/create-event-actions.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import { resourceTypes } from '../../src/resources/registry.ts';
import { loopbackHosts } from '../../src/server/api/api-options.ts';
import { createApi } from '../../src/server/api.ts';
import { listen } from '../../src/server/listen.ts';
import type { TriggerVerdict } from '../../src/triggers/verdict.ts';
import { type EventServer, type EventServerOptions, startEventServer } from '../support/event-server.ts';
import { fakeOutside } from '../support/fake-outside.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** What an operator does with events that have come, over the API. */

const SECRET = 'it is a secret';
const EVENTS = '/apis/tappet.dev/v1alpha1/events';
const triggers = 'triggers.tekton.dev/v1beta1';

const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'github', namespace: 'ns' },
  stringData: { token: SECRET, chat: 'Bearer chatter' },
};

const template = (data: Readonly<Record<string, string>>, count = 1): KubeObject => ({
  apiVersion: triggers,
  kind: 'TriggerTemplate',
  metadata: { name: 'made', namespace: 'ns' },
  spec: {
    params: [{ name: 'revision' }],
    resourcetemplates: Array.from({ length: count }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: `made-${index}-` },
      data,
    })),
  },
});

const github = { ref: { name: 'github' }, params: [{ name: 'secretRef', value: { secretName: 'github', secretKey: 'token' } }] };
const cel = (filter: string) => ({ ref: { name: 'cel' }, params: [{ name: 'filter', value: filter }] });

function trigger(name: string, interceptors: readonly unknown[]): Record<string, unknown> {
  return { name, interceptors, bindings: [{ name: 'revision', value: '$(body.after)' }], template: { ref: 'made' } };
}

const listener = (...list: readonly Record<string, unknown>[]): KubeObject => ({
  apiVersion: triggers,
  kind: 'EventListener',
  metadata: { name: 'el', namespace: 'ns' },
  spec: { triggers: list },
});

const sign = (body: string) => ({ 'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` });
const BODY = '{"after":"c0ffee"}';
const REVISION = { revision: '$(tt.params.revision)' };

interface World extends EventServer {
  ask(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  /** Sends an event and gives its id when it is processed. */
  event(body?: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  made(): Promise<readonly Stored[]>;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(objects: readonly KubeObject[], options: Omit<EventServerOptions, 'objects'> = {}): Promise<World> {
  const server = await startEventServer({ ...options, objects: options.stores === undefined ? [secret, ...objects] : objects });
  closers.push(() => server.close());
  const api = createApi({
    ...server.stores,
    resourceTypes,
    admit: () => ({ ok: false, errors: [] }),
    podLogs: async function* () {},
    clock: server.clock,
    logger: silentLogger,
    version: '0.1.0',
    eventActions: server.events.actions,
    access: { allowedHosts: loopbackHosts },
  });
  const { url, close } = await listen({ handler: api.app, host: '127.0.0.1', port: 0, name: 'api', portOption: '--api' });
  closers.push(() => close(0));
  return Object.assign(server, {
    async ask(method: string, path: string, body?: unknown) {
      const response = await fetch(`${url}${EVENTS}/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async event(body = BODY, headers: Readonly<Record<string, string>> = sign(body)) {
      const answer = await server.post('/ns/el', body, headers);
      expect(answer.status).toBe(202);
      await server.settled();
      return (JSON.parse(answer.body) as { eventID: string }).eventID;
    },
    made: async () => (await server.stores.store.list('ConfigMap')).items,
  });
}

const entryOf = async ({ stores }: World, id: unknown) => await stores.journal.get(String(id));
const outcomes = (verdicts: unknown) => (verdicts as readonly TriggerVerdict[]).map(({ trigger: name, verdict }) => [name, verdict]);

describe('replay', () => {
  it('is the same event once more: a new entry and new objects, marked with where they come from', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    const id = await server.event(BODY, { ...sign(BODY), 'x-github-delivery': 'd1' });
    server.clock.advance(1_000);
    const { status, body } = await server.ask('POST', `${id}/replay`);
    await server.settled();
    expect([status, body]).toEqual([
      202,
      { kind: 'EventReplay', apiVersion: 'tappet.dev/v1alpha1', replayOf: id, eventId: expect.not.stringMatching(id) },
    ]);
    const [original, replay] = [await entryOf(server, id), await entryOf(server, body['eventId'])];
    expect(replay).toMatchObject({
      state: 'processed',
      replayOf: id,
      receivedAt: (original?.receivedAt ?? 0) + 1_000,
      url: '/ns/el',
      headers: original?.headers,
      body: original?.body,
      verdicts: [{ verdict: 'matched', chain: [{ message: 'signature not checked: replay' }] }],
    });
    expect(replay).not.toHaveProperty('deliveryId');
    const made = await server.made();
    expect(made.map(({ metadata }) => metadata.annotations?.['tappet.dev/replay-of'])).toEqual(expect.arrayContaining([undefined, id]));
    expect(new Set(made.map(({ metadata }) => metadata.name)).size).toBe(2);
    // And once more, of the replay.
    const again = await server.ask('POST', `${String(body['eventId'])}/replay`, {});
    await server.settled();
    expect(await entryOf(server, again.body['eventId'])).toMatchObject({ replayOf: body['eventId'], verdicts: [{ verdict: 'matched' }] });
  });

  it('does not ask for a signature, though an interceptor before changes the event', async () => {
    const webhook = { webhook: { url: 'http://there.test/' } };
    const http = {
      send: async () => ({
        ok: true as const,
        response: { status: 200, statusText: '', headers: {}, body: Buffer.from('{"after":"changed"}'), url: 'http://there.test/' },
      }),
      close: async () => {},
    };
    const server = await serve([template(REVISION), listener(trigger('push', [webhook, github]), trigger('open', []))], { http });
    const id = await server.event();
    expect(outcomes((await entryOf(server, id))?.verdicts)).toEqual([
      ['push', 'filtered'],
      ['open', 'matched'],
    ]);
    const { body } = await server.ask('POST', `${id}/replay`);
    await server.settled();
    expect((await entryOf(server, body['eventId']))?.verdicts).toMatchObject([
      { trigger: 'push', verdict: 'matched', params: [{ value: 'changed' }] },
      { trigger: 'open', verdict: 'matched' },
    ]);
  });

  it('with another payload and other headers', async () => {
    const filter =
      "header.canonical('X-Kind') == 'b' && !('X-Gone' in header) && header.canonical('Authorization').compareSecret('chat', 'github')";
    const server = await serve([template(REVISION), listener(trigger('push', [github, cel(filter)]))]);
    const form = await server.event(BODY, {
      ...sign(BODY),
      'content-type': 'application/x-www-form-urlencoded',
      'x-kind': 'a',
      'x-gone': '1',
    });
    const { body } = await server.ask('POST', `${form}/replay`, {
      payload: { after: 'edited' },
      headers: { 'x-kind': 'b', 'x-gone': null, authorization: 'Bearer chatter', 'x-list': ['1', '2'] },
    });
    await server.settled();
    const replay = await entryOf(server, body['eventId']);
    expect(replay).toMatchObject({
      body: Buffer.from('{"after":"edited"}'),
      headers: {
        'X-Kind': ['b'],
        'X-List': ['1', '2'],
        Authorization: [expect.stringMatching(/^Bearer sealed:/)],
        'Content-Type': ['application/json'],
        'Content-Length': ['18'],
      },
      verdicts: [{ verdict: 'matched', params: [{ name: 'revision', value: 'edited' }] }],
    });
    expect(replay?.headers).not.toHaveProperty('X-Gone');
  });

  it('of an event that was rejected is a dry run with a payload of the operator’s, or nothing', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    expect((await server.post('/ns/el', BODY)).status).toBe(401);
    const [entry] = await server.stores.journal.list();
    const why = `event ${entry?.eventId} was rejected (no X-Hub-Signature-256 header set), so its body was not kept: it cannot be `;
    const asked = [
      ['replay', {}, 'replayed, but as a dry run with a payload of yours'],
      ['replay', { payload: {} }, 'replayed, but as a dry run with a payload of yours'],
      ['replay', { dryRun: true }, 'tried without a payload of yours'],
      ['retry', {}, 'retried'],
    ] as const;
    for (const [action, body, what] of asked) {
      expect(await server.ask('POST', `${entry?.eventId}/${action}`, body)).toMatchObject({
        status: 409,
        body: { reason: 'Conflict', message: why + what },
      });
    }
    const tried = await server.ask('POST', `${entry?.eventId}/replay`, { dryRun: true, payload: { after: 'x' } });
    expect(outcomes(tried.body['verdicts'])).toEqual([['push', 'matched']]);
    expect(await server.stores.journal.list()).toHaveLength(1);
    expect(await server.made()).toEqual([]);
  });

  it('is refused in so many words where it cannot be done', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    const id = await server.event();
    const { journal } = server.stores;
    const get = journal.get;
    Object.assign(journal, {
      get: async (eventId: string) =>
        eventId === 'lost' ? { ...(await get(id)), eventId, lost: 'its payload is not in 1.log any more' } : await get(eventId),
    });
    const message = 'nothing can be done with event lost: its payload is not in 1.log any more';
    for (const action of ['replay', 'retry'])
      expect(await server.ask('POST', `lost/${action}`, {})).toMatchObject({ status: 409, body: { message } });
    expect(await server.ask('GET', 'lost/explain?trigger=push')).toMatchObject({ status: 409, body: { message } });
    expect(await server.ask('POST', 'none/replay', {})).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
    const bad = [
      [{ payload: [] }, 'payload: '],
      [{ extra: 1 }, 'extra'],
      [{ headers: { 'a b': 'x' } }, 'headers.a b: '],
      [{ headers: { a: 'x\r\ny: z' } }, 'headers.a: '],
      [{ dryRun: 'yes' }, 'dryRun: '],
    ] as const;
    for (const [body, text] of bad) {
      expect(await server.ask('POST', `${id}/replay`, body)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(text) },
      });
    }
    expect(await server.ask('POST', `${id}/replay`, { configuration: [] })).toMatchObject({
      status: 422,
      body: { message: 'configuration is only for a dry run: apply it to replay an event with it' },
    });
    expect(await journal.list()).toHaveLength(1);
  });
});

describe('a dry run', () => {
  it('tells what would come of it now, and does nothing', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]), trigger('tag', [github, cel("body.ref == 'x'")]))]);
    const id = await server.event();
    const before = await server.made();
    await server.stores.store.delete({ kind: 'triggers.tekton.dev/TriggerTemplate', namespace: 'ns', name: 'made' });
    await server.stores.store.create(template({ revision: 'now $(tt.params.revision)' }));
    const { status, body } = await server.ask('POST', `${id}/replay`, { dryRun: true });
    expect([status, body]).toMatchObject([
      200,
      {
        kind: 'EventReplay',
        dryRun: true,
        replayOf: id,
        verdicts: [
          { trigger: 'push', verdict: 'matched', manifests: [{ kind: 'ConfigMap', data: { revision: 'now c0ffee' } }] },
          { trigger: 'tag', verdict: 'filtered' },
        ],
        changes: [{ trigger: 'push', namespace: 'ns', was: 'matched', now: 'matched', differs: 'manifests' }],
      },
    ]);
    expect(await server.made()).toEqual(before);
    expect(await server.stores.journal.list()).toHaveLength(1);
  });

  it('has the same names and no changes where nothing has changed', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    const id = await server.event();
    const { body } = await server.ask('POST', `${id}/replay`, { dryRun: true });
    expect(body['changes']).toEqual([]);
    const [made] = await server.made();
    expect(body['verdicts']).toMatchObject([{ created: [{ name: made?.metadata.name }] }]);
  });

  it('against objects laid over those there are, which stay as they are', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]), trigger('gone', []))]);
    const id = await server.event();
    const configuration = [
      { ...listener(trigger('push', [github, cel("body.after == 'other'")]), trigger('new', [])), metadata: { name: 'el' } },
      template({ revision: 'laid over' }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unrelated' }, data: {} },
    ];
    const { body } = await server.ask('POST', `${id}/replay`, { dryRun: true, configuration });
    expect(body['verdicts']).toMatchObject([
      { trigger: 'new', verdict: 'matched', manifests: [{ data: { revision: 'laid over' } }] },
      { trigger: 'push', verdict: 'filtered' },
    ]);
    expect(body['changes']).toEqual([
      { trigger: 'new', namespace: 'ns', was: 'absent', now: 'matched' },
      { trigger: 'push', namespace: 'ns', was: 'matched', now: 'filtered' },
      { trigger: 'gone', namespace: 'ns', was: 'matched', now: 'absent' },
    ]);
    const next = await server.event('{"after":"1"}');
    expect(outcomes((await entryOf(server, next))?.verdicts)).toEqual([
      ['push', 'matched'],
      ['gone', 'matched'],
    ]);
  });

  it('with secrets and triggers of the configuration', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    const id = await server.event(BODY, { ...sign(BODY), 'x-token': 'new' });
    const selecting = { ...listener(), spec: { labelSelector: { matchLabels: { a: 'b' } } } };
    const { name: _, ...spec } = trigger('', [cel("header.canonical('x-token').compareSecret('t', 'fresh')")]);
    const { body } = await server.ask('POST', `${id}/replay`, {
      dryRun: true,
      configuration: [
        selecting,
        { apiVersion: triggers, kind: 'Trigger', metadata: { name: 'selected', labels: { a: 'b' } }, spec },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'fresh' }, stringData: { t: 'new' } },
      ],
    });
    expect(outcomes(body['verdicts'])).toEqual([['selected', 'matched']]);
  });

  it('says all that is wrong with the configuration, and where', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    const id = await server.event();
    const configuration = [template(REVISION), { apiVersion: triggers, kind: 'TriggerTemplate', metadata: { name: 'x' }, spec: {} }, 7];
    const { status, body } = await server.ask('POST', `${id}/replay`, { dryRun: true, configuration });
    expect([status, body['reason']]).toEqual([422, 'Invalid']);
    const causes = (body['details'] as { causes: readonly { field: string }[] }).causes.map(({ field }) => field);
    expect(causes).toEqual(['configuration[1].spec', 'configuration[1].spec.resourcetemplates', 'configuration[2]']);
  });
});

describe('retry', () => {
  it('creates only what is missing, under the same id and names', async () => {
    const server = await serve([template(REVISION, 2), listener(trigger('push', [github]))]);
    const id = await server.event();
    const before = await server.made();
    const [first, second] = before;
    await server.stores.store.delete({ kind: 'ConfigMap', namespace: 'ns', name: second?.metadata.name ?? '' });
    expect(await server.ask('POST', `${id}/retry`)).toMatchObject({ status: 202, body: { kind: 'EventRetry', eventId: id } });
    await server.settled();
    const after = await server.made();
    expect(after.map(({ metadata }) => metadata.name).sort()).toEqual(before.map(({ metadata }) => metadata.name).sort());
    expect(after).toContainEqual(first);
    expect(await server.stores.journal.list()).toHaveLength(1);
  });

  it('judges by the listener as it is now, and still by the signature', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github, cel('body.typo')]), trigger('open', []))]);
    const signed = await server.event();
    const unsigned = await server.event(BODY, {});
    const mended = { kind: 'triggers.tekton.dev/EventListener', namespace: 'ns', name: 'el' };
    await server.stores.store.delete(mended);
    await server.stores.store.create(listener(trigger('push', [github]), trigger('open', [])));
    for (const id of [signed, unsigned]) expect((await server.ask('POST', `${id}/retry`)).status).toBe(202);
    await server.settled();
    expect(outcomes((await entryOf(server, signed))?.verdicts)).toEqual([
      ['push', 'matched'],
      ['open', 'matched'],
    ]);
    expect(outcomes((await entryOf(server, unsigned))?.verdicts)).toEqual([
      ['push', 'filtered'],
      ['open', 'matched'],
    ]);
    expect(await server.made()).toHaveLength(3);
  });

  it('has nothing to do with an event that is not processed', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    const id = await server.event();
    await server.stores.journal.reopen(id);
    expect(await server.ask('POST', `${id}/retry`)).toMatchObject({
      status: 409,
      body: { message: `event ${id} is not processed yet: there is nothing to retry` },
    });
    expect(await server.ask('POST', 'none/retry')).toMatchObject({ status: 404 });
  });
});

describe('explain', () => {
  it('judges the one trigger that was passed over, with every value, and creates nothing', async () => {
    const many = Array.from({ length: 25 }, (_, n) => trigger(`t${n}`, [github, cel(`body.after == 'x${n}' && body.missing > 1`)]));
    const server = await serve([template(REVISION), listener(...many)]);
    const id = await server.event();
    expect((await entryOf(server, id))?.verdicts).toMatchObject([{ passedOver: 25, trigger: '' }]);
    const { status, body } = await server.ask('GET', `${id}/explain?trigger=t7`);
    expect([status, body]).toMatchObject([
      200,
      {
        kind: 'EventExplanation',
        eventId: id,
        trigger: 't7',
        verdicts: [
          {
            verdict: 'filtered',
            trigger: 't7',
            chain: [
              { interceptor: 'github', verifiedBy: 'github/token' },
              { interceptor: 'cel', because: { source: "body.after == 'x7'", values: { 'body.after': '"c0ffee"' } } },
            ],
          },
        ],
      },
    ]);
    expect(await server.made()).toEqual([]);
  });

  it('of one that would fire shows what it would create', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github, cel("body.after == 'x'")]))]);
    const id = await server.event();
    await server.stores.store.delete({ kind: 'triggers.tekton.dev/EventListener', namespace: 'ns', name: 'el' });
    await server.stores.store.create(listener(trigger('push', [github])));
    const { body } = await server.ask('GET', `${id}/explain?trigger=ns/push`);
    expect(body['verdicts']).toMatchObject([{ verdict: 'matched', manifests: [{ kind: 'ConfigMap' }], created: [{ kind: 'ConfigMap' }] }]);
    expect(await server.made()).toEqual([]);
  });

  it('says which triggers there are', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]), trigger('', []))]);
    const id = await server.event();
    expect(await server.ask('GET', `${id}/explain?trigger=other`)).toMatchObject({
      status: 404,
      body: { message: 'EventListener ns/el has no trigger "other": it has push, (unnamed)' },
    });
    expect(await server.ask('GET', `${id}/explain`)).toMatchObject({ status: 400 });
    await server.stores.store.delete({ kind: 'triggers.tekton.dev/EventListener', namespace: 'ns', name: 'el' });
    expect(await server.ask('GET', `${id}/explain?trigger=push`)).toMatchObject({
      status: 404,
      body: { message: 'EventListener ns/el is not there any more' },
    });
  });
});

describe('a server that has too much to do', () => {
  it('takes no replays and no retries', async () => {
    const server = await serve([template(REVISION), listener(trigger('push', [github]))]);
    const id = await server.event();
    const unused = (): never => {
      throw new Error('not to be asked');
    };
    const actions = createEventActions({
      journal: server.stores.journal,
      processor: { full: true, offer: unused },
      clock: server.clock,
      ids: { uuid: unused, nameSuffix: unused },
      listenerOf: unused,
      outside: fakeOutside(),
      admit: unused,
      secretsOf: unused,
      judgeWith: unused,
    });
    const message = 'too many events are waiting; try again';
    expect(await actions.replay(id, {})).toMatchObject({ outcome: 'refused', reason: 'Unavailable', message });
    expect(await actions.retry(id)).toMatchObject({ outcome: 'refused', reason: 'Unavailable', message });
    expect(await entryOf(server, id)).toMatchObject({ state: 'processed' });
  });
});
