import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import { type EventServer, type EventServerOptions, startEventServer } from '../support/event-server.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** From a request to what it creates, as a sender and a user see it. */

const SECRET = 'it is a secret';

const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'github', namespace: 'ns' },
  stringData: { token: SECRET },
};

function template(name: string, spec: Record<string, unknown> = { pipelineRef: { name: 'build' } }): KubeObject {
  return {
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'TriggerTemplate',
    metadata: { name, namespace: 'ns' },
    spec: {
      params: [{ name: 'revision' }],
      resourcetemplates: [
        {
          apiVersion: 'tekton.dev/v1',
          kind: 'PipelineRun',
          metadata: { generateName: `${name}-`, annotations: { revision: '$(tt.params.revision)' } },
          spec,
        },
      ],
    },
  };
}

interface TriggerOptions {
  readonly name: string;
  readonly signed?: boolean;
  readonly filter?: string;
  readonly template?: string;
}

function trigger({ name, signed = false, filter, template: ref = 'build' }: TriggerOptions): Record<string, unknown> {
  const github = {
    ref: { name: 'github', kind: 'ClusterInterceptor' },
    params: [{ name: 'secretRef', value: { secretName: 'github', secretKey: 'token' } }],
  };
  const cel = { ref: { name: 'cel', kind: 'ClusterInterceptor' }, params: [{ name: 'filter', value: filter }] };
  return {
    name,
    interceptors: [...(signed ? [github] : []), ...(filter === undefined ? [] : [cel])],
    bindings: [{ name: 'revision', value: '$(body.after)', kind: 'TriggerBinding' }],
    template: { ref },
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

const sign = (body: string, key = SECRET) => ({ 'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` });

const servers: EventServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(objects: readonly KubeObject[], options: Omit<EventServerOptions, 'objects'> = {}): Promise<EventServer> {
  const server = await startEventServer({ ...options, objects: [secret, template('build'), ...objects] });
  servers.push(server);
  return server;
}

const runs = async ({ stores }: EventServer): Promise<readonly Stored[]> => (await stores.store.list('tekton.dev/PipelineRun')).items;
const eventIdOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { eventID: string }).eventID;
const errorOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { errorMessage: string }).errorMessage;
const BODY = '{"after":"c0ffee"}';

describe('a signed event', () => {
  it('creates its run, labelled with the event', async () => {
    const server = await serve([listener([trigger({ name: 'push', signed: true, filter: 'body.after.startsWith("c0")' })])]);
    const answer = await server.post('/ns/el', BODY, sign(BODY));
    expect(answer.status).toBe(202);
    await server.settled();
    const [run, ...others] = await runs(server);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^build-[a-z0-9]{5,}$/),
        namespace: 'ns',
        annotations: { revision: 'c0ffee' },
        labels: {
          'triggers.tekton.dev/eventlistener': 'el',
          'triggers.tekton.dev/trigger': 'push',
          'triggers.tekton.dev/triggers-eventid': eventIdOf(answer),
        },
      },
      spec: { pipelineRef: { name: 'build' } },
    });
    expect(await server.stores.journal.get(eventIdOf(answer))).toMatchObject({
      state: 'processed',
      verdicts: [{ verdict: 'matched', trigger: 'push', created: [{ kind: 'PipelineRun', namespace: 'ns', name: run?.metadata.name }] }],
    });
    expect(server.tally.text()).toContain('eventlistener_triggered_resources_total{kind="PipelineRun"} 1\n');
  });

  it('is answered 2xx when nothing matches, and says why not', async () => {
    const server = await serve([listener([trigger({ name: 'push', signed: true, filter: 'body.after == "other"' })])]);
    const answer = await server.post('/ns/el', BODY, sign(BODY));
    expect(answer.status).toBe(202);
    await server.settled();
    expect(await runs(server)).toEqual([]);
    expect(await server.stores.journal.get(eventIdOf(answer))).toMatchObject({
      state: 'processed',
      verdicts: [{ verdict: 'filtered', trigger: 'push' }],
    });
  });

  it('delivered again is answered with the first id and does nothing else', async () => {
    const server = await serve([listener([trigger({ name: 'push', signed: true })])]);
    const headers = { ...sign(BODY), 'x-github-delivery': 'd1' };
    const first = await server.post('/ns/el', BODY, headers);
    const again = await server.post('/ns/el', BODY, headers);
    const other = await server.post('/ns/el', BODY, { ...headers, 'x-github-delivery': 'd2' });
    await server.settled();
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(eventIdOf(other)).not.toBe(eventIdOf(first));
    expect(await runs(server)).toHaveLength(2);
    expect(await server.stores.journal.list()).toHaveLength(2);
    expect(server.tally.text()).toContain('tappet_deliveries_repeated_total 1\n');
  });
});

describe('an event that is not authentic', () => {
  it.each([
    ['no signature', {}, 'signature not verified: no X-Hub-Signature-256 header set'],
    ['another secret', sign(BODY, 'other'), 'signature not verified: payload signature check failed'],
    ['another body', sign('{}'), 'signature not verified: payload signature check failed'],
  ])('%s: 401, no body kept, nothing created, no delivery id taken', async (_why, headers, error) => {
    const server = await serve([listener([trigger({ name: 'a', signed: true }), trigger({ name: 'b', signed: true })])]);
    const refused = await server.post('/ns/el', BODY, { ...headers, 'x-github-delivery': 'd1', authorization: 'Bearer t' });
    expect(refused.status).toBe(401);
    expect(errorOf(refused)).toBe(error);
    const [entry, ...others] = await server.stores.journal.list();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      state: 'rejected',
      rejection: error.replace('signature not verified: ', ''),
      verdicts: [],
      headers: { Authorization: ['[redacted]'] },
    });
    expect(entry?.body).toHaveLength(0);
    expect(entry).not.toHaveProperty('deliveryId', 'd1');

    const genuine = await server.post('/ns/el', BODY, { ...sign(BODY), 'x-github-delivery': 'd1' });
    expect(genuine.status).toBe(202);
    await server.settled();
    expect((await runs(server)).map(({ metadata }) => metadata.labels?.['triggers.tekton.dev/triggers-eventid'])).toEqual([
      eventIdOf(genuine),
      eventIdOf(genuine),
    ]);
  });

  it('is refused before it is parsed', async () => {
    const server = await serve([listener([trigger({ name: 'a', signed: true })])]);
    expect((await server.post('/ns/el', '{bad')).status).toBe(401);
    expect((await server.post('/ns/el', '{bad', sign('{bad'))).status).toBe(400);
  });

  it('does not say which secret is missing', async () => {
    const server = await serve([listener([trigger({ name: 'a', signed: true })])]);
    await server.stores.store.delete({ kind: 'Secret', namespace: 'ns', name: 'github' });
    const refused = await server.post('/ns/el', BODY, sign(BODY));
    expect(refused.status).toBe(401);
    expect(refused.body).not.toContain('github');
    expect((await server.stores.journal.list())[0]?.rejection).toContain('token key in secret ns/github');
  });

  it('is written down a bounded number of times', async () => {
    const server = await serve([listener([trigger({ name: 'a', signed: true })])]);
    for (let n = 0; n < 80; n++) expect((await server.post('/ns/el', BODY)).status).toBe(401);
    expect(await server.stores.journal.list({ limit: 1_000 })).toHaveLength(60);
    expect(server.tally.text()).toContain('tappet_deliveries_rejected_total 80\n');
    server.clock.advance(2_000);
    for (let n = 0; n < 5; n++) await server.post('/ns/el', BODY);
    expect(await server.stores.journal.list({ limit: 1_000 })).toHaveLength(62);
  });

  it('is accepted where a trigger takes unsigned events, and filtered by those that do not', async () => {
    const server = await serve([listener([trigger({ name: 'signed', signed: true }), trigger({ name: 'open' })])]);
    const answer = await server.post('/ns/el', BODY);
    expect(answer.status).toBe(202);
    await server.settled();
    const entry = await server.stores.journal.get(eventIdOf(answer));
    expect(entry?.verdicts.map(({ trigger: name, verdict }) => [name, verdict])).toEqual([
      ['signed', 'filtered'],
      ['open', 'matched'],
    ]);
  });
});

describe('a listener without signature', () => {
  it('takes events on loopback, and warns once', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const server = await serve([listener([trigger({ name: 'open' })])], { logger });
    expect((await server.post('/ns/el', BODY)).status).toBe(202);
    expect((await server.post('/ns/el', BODY)).status).toBe(202);
    expect(warnings).toEqual(['listener without signature: anybody on this machine can trigger it']);
  });

  it('is refused off loopback, with the remedy', async () => {
    const server = await serve([listener([trigger({ name: 'open' })])], { loopback: false });
    const refused = await server.post('/ns/el', BODY);
    expect(refused.status).toBe(403);
    expect(errorOf(refused)).toBe(
      'EventListener ns/el verifies no signature, so it takes no events from other machines; give its triggers an interceptor with a secretRef, or annotate it with tappet.dev/allow-unsigned: "true"',
    );
    expect(await server.stores.journal.list()).toEqual([]);
  });

  it('is allowed off loopback by its annotation', async () => {
    const server = await serve([listener([trigger({ name: 'open' })], { 'tappet.dev/allow-unsigned': 'true' })], { loopback: false });
    expect((await server.post('/ns/el', BODY)).status).toBe(202);
  });
});

describe('a body that is no event', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['[1]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['a=1&b=2', "invalid character 'a' looking for beginning of value"],
    ['{"a":1,"a":2}', 'duplicate key body.a, at character 7'],
    ['{"a":{"__proto__":1}}', 'key "__proto__" is not allowed, at byte 6'],
    [`{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 'nested deeper than 100 levels, at byte 104'],
  ])('%.30s', async (body, reason) => {
    const server = await serve([listener([trigger({ name: 'open' })])]);
    const refused = await server.post('/ns/el', body);
    expect(refused.status).toBe(400);
    expect(errorOf(refused)).toBe(`Invalid event body format : ${reason}`);
    expect(await server.stores.journal.list()).toEqual([]);
  });

  it('is taken where validation is off, but not beyond the limits', async () => {
    const server = await serve([listener([trigger({ name: 'open' })], { 'tekton.dev/payload-validation': 'false' })]);
    expect((await server.post('/ns/el', 'a=1&b=2')).status).toBe(202);
    expect((await server.post('/ns/el', '[1]')).status).toBe(202);
    expect((await server.post('/ns/el', '')).status).toBe(202);
    // Somebody follows the link: nothing is to start.
    expect((await server.post('/ns/el', '', {}, 'GET')).status).toBe(400);
    expect((await server.post('/ns/el', '[1]', {}, 'GET')).status).toBe(202);
    expect((await server.post('/ns/el', '['.repeat(200))).status).toBe(400);
    expect((await server.post('/ns/el', '[{"a":1,"a":2}]')).status).toBe(400);
  });
});

describe('a template that renders something invalid', () => {
  it('fails its trigger, with the path, on the event and on the listener; others are unaffected', async () => {
    const bad = template('bad', { pipelineRef: { name: 'build' }, timeout: '1h', nonsense: true });
    const server = await serve([bad, listener([trigger({ name: 'bad', template: 'bad' }), trigger({ name: 'good' })])]);
    const answer = await server.post('/ns/el', BODY);
    expect(answer.status).toBe(202);
    await server.settled();
    const entry = await server.stores.journal.get(eventIdOf(answer));
    expect(entry?.verdicts).toMatchObject([
      { verdict: 'failed', stage: 'create', trigger: 'bad', error: expect.stringMatching(/^PipelineRun bad-\w+: .*nonsense/) },
      { verdict: 'matched', trigger: 'good' },
    ]);
    expect((await runs(server)).map(({ metadata }) => metadata.labels?.['triggers.tekton.dev/trigger'])).toEqual(['good']);
    await server.events.close();
    const stored = await server.stores.store.get({ kind: 'triggers.tekton.dev/EventListener', namespace: 'ns', name: 'el' });
    expect(stored?.['status']).toMatchObject({
      conditions: [
        {
          type: 'TriggersSucceeded',
          status: 'False',
          reason: 'TriggerFailed',
          message: expect.stringMatching(`^event ${eventIdOf(answer)}: trigger "bad": .*nonsense`),
        },
      ],
    });
  });
});

describe('a template of two resources of which the second is refused', () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'first-' }, data: { a: 'b' } };
  const two = (second: Record<string, unknown>): KubeObject => ({
    apiVersion: 'triggers.tekton.dev/v1beta1',
    kind: 'TriggerTemplate',
    metadata: { name: 'two', namespace: 'ns' },
    spec: { resourcetemplates: [configMap, second, { ...configMap, metadata: { generateName: 'third-' } }] },
  });

  it.each<[string, Record<string, unknown>]>([
    ['by admission', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'second-' }, nonsense: 1 }],
    ['by the store', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'taken' } }],
  ])('%s: the first stays, the verdict says so, what comes behind is not tried', async (_, second) => {
    const taken: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'taken', namespace: 'ns' } };
    const server = await serve([two(second), taken, listener([trigger({ name: 'both', template: 'two' })])]);
    const answer = await server.post('/ns/el', BODY);
    await server.settled();
    const [verdict] = (await server.stores.journal.get(eventIdOf(answer)))?.verdicts ?? [];
    const first = expect.stringMatching(/^first-/);
    expect(verdict).toMatchObject({
      verdict: 'failed',
      stage: 'create',
      error: expect.stringMatching(/^ConfigMap (second-\w+|taken): .*\n1 more of the template was not tried$/),
      created: [
        { kind: 'ConfigMap', name: first },
        { kind: 'ConfigMap', error: expect.stringMatching(/nonsense|already exists/) },
      ],
    });
    const made = (await server.stores.store.list('ConfigMap', { namespace: 'ns' })).items.map(({ metadata }) => metadata.name);
    expect(made.sort()).toEqual([first, 'taken']);
  });
});

describe('a change of configuration', () => {
  it('holds for the next event', async () => {
    const server = await serve([listener([trigger({ name: 'push', template: 'later' })])]);
    const early = await server.post('/ns/el', BODY);
    await server.settled();
    expect((await server.stores.journal.get(eventIdOf(early)))?.verdicts).toMatchObject([{ verdict: 'failed', stage: 'resolve' }]);
    await server.stores.store.create(template('later'));
    const late = await server.post('/ns/el', BODY);
    await server.settled();
    expect((await server.stores.journal.get(eventIdOf(late)))?.verdicts).toMatchObject([{ verdict: 'matched' }]);
    await server.stores.store.delete({ kind: 'triggers.tekton.dev/EventListener', namespace: 'ns', name: 'el' });
    expect((await server.post('/ns/el', BODY)).status).toBe(404);
  });
});

describe('an earlier life', () => {
  it('left an accepted event: it is processed at the start, once', async () => {
    const first = await serve([listener([trigger({ name: 'push' })])]);
    await first.stores.journal.append({
      eventId: 'left',
      namespace: 'ns',
      listener: 'el',
      receivedAt: 0,
      method: 'POST',
      url: '/ns/el',
      headers: {},
      body: Buffer.from(BODY),
    });
    const second = await startEventServer({ stores: first.stores });
    servers.unshift(second);
    await second.settled();
    expect((await runs(second)).map(({ metadata }) => metadata.labels?.['triggers.tekton.dev/triggers-eventid'])).toEqual(['left']);
  });
});

describe("GitLab's token", () => {
  const gitlab = {
    ...trigger({ name: 'push' }),
    interceptors: [
      {
        ref: { name: 'gitlab', kind: 'ClusterInterceptor' },
        params: [{ name: 'secretRef', value: { secretName: 'github', secretKey: 'token' } }],
      },
    ],
  };

  it('is not kept, and the event can be verified again after a restart', async () => {
    const first = await serve([listener([gitlab])]);
    const answer = await first.post('/ns/el', BODY, { 'x-gitlab-token': SECRET });
    expect(answer.status).toBe(202);
    await first.settled();
    const entry = await first.stores.journal.get(eventIdOf(answer));
    expect(entry).toMatchObject({ verdicts: [{ verdict: 'matched' }] });
    const kept = entry?.headers['X-Gitlab-Token']?.[0] ?? '';
    expect(kept).toMatch(/^sealed:[0-9a-f]{32}:[0-9a-f]{64}$/);

    // What was kept is no token to a sender.
    expect((await first.post('/ns/el', BODY, { 'x-gitlab-token': kept })).status).toBe(401);

    const left = {
      eventId: 'left',
      namespace: 'ns',
      listener: 'el',
      receivedAt: 0,
      method: 'POST',
      url: '/ns/el',
      body: Buffer.from(BODY),
    };
    await first.stores.journal.append({ ...left, headers: { 'X-Gitlab-Token': [kept] } });
    await first.stores.journal.append({
      ...left,
      eventId: 'forged',
      headers: { 'X-Gitlab-Token': [kept.replace(/.$/, (last) => (last === '0' ? '1' : '0'))] },
    });
    const second = await startEventServer({ stores: first.stores });
    servers.unshift(second);
    await second.settled();
    expect(await second.stores.journal.get('left')).toMatchObject({ verdicts: [{ verdict: 'matched' }] });
    expect(await second.stores.journal.get('forged')).toMatchObject({ verdicts: [{ verdict: 'filtered' }] });
  });
});
