import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redactHeaders } from '../../src/events/redact-headers.ts';
import { systemClock } from '../../src/main/system-clock.ts';
import type { Admission, UnknownFields } from '../../src/resources/admit.ts';
import { invalidValue } from '../../src/resources/field-error.ts';
import type { KubeObject } from '../../src/resources/object.ts';
import type { ResourceType } from '../../src/resources/registry.ts';
import type { ApiOptions } from '../../src/server/api/api-options.ts';
import { loopbackHosts } from '../../src/server/api/api-options.ts';
import { createApi } from '../../src/server/api.ts';
import { type Listening, listen } from '../../src/server/listen.ts';
import { type MemoryStores, openMemory } from '../../src/stores/memory/open-memory.ts';
import { countingIds } from '../support/counting-ids.ts';

/** The private API over real HTTP and the memory store. Admission is the test's own: what it refuses and warns of is said by annotations. */

const resourceTypes: readonly ResourceType[] = [
  { group: '', version: 'v1', olderVersions: [], kind: 'ConfigMap', plural: 'configmaps', namespaced: true, shortNames: ['cm'] },
  { group: '', version: 'v1', olderVersions: [], kind: 'Namespace', plural: 'namespaces', namespaced: false, shortNames: ['ns'] },
  { group: '', version: 'v1', olderVersions: [], kind: 'Pod', plural: 'pods', namespaced: true, shortNames: ['po'] },
  { group: 'tekton.dev', version: 'v1', olderVersions: ['v1beta1'], kind: 'Task', plural: 'tasks', namespaced: true, shortNames: [] },
  {
    group: 'tekton.dev',
    version: 'v1beta1',
    olderVersions: [],
    kind: 'StepAction',
    plural: 'stepactions',
    namespaced: true,
    shortNames: [],
  },
];

function admit(raw: unknown): Admission {
  const object = raw as KubeObject;
  const { refuse, warn } = (object.metadata.annotations ?? {}) as Record<string, string | undefined>;
  if (refuse !== undefined)
    return { ok: false, errors: [invalidValue(refuse, 'spec.a'), { message: 'missing field(s)', paths: ['spec.b', 'spec.c'] }] };
  return { ok: true, object, warnings: warn === undefined ? [] : [warn] };
}

const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

let stores: MemoryStores;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  let next = 0;
  stores = openMemory({
    clock: { now: () => Date.UTC(2026, 0, 1), at: () => () => {} },
    ids: { uuid: () => `uid-${++next}`, nameSuffix: () => `abcd${++next}` },
  });
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  await stores.close();
});

async function serve(options: Partial<ApiOptions> = {}): Promise<Listening> {
  const api = createApi({
    store: stores.store,
    journal: stores.journal,
    resourceTypes,
    admit,
    podLogs: async function* () {},
    clock: { now: () => 0, at: () => () => {} },
    logger: silent,
    version: '0.1.0',
    access: { allowedHosts: loopbackHosts },
    ...options,
  });
  const server = await listen({ handler: api.app, host: '127.0.0.1', port: 0, name: 'api', portOption: '--api-port' });
  closers.push(() => {
    api.close();
    return server.close(1_000);
  });
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

function call(server: Listening, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    // Node's client would send the body of a DELETE without saying how long it is.
    const length = String(Buffer.byteLength(text));
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method,
        headers: { 'content-type': type, 'content-length': length, ...headers },
        agent: false,
      },
      (response) => {
        let received = '';
        response.on('data', (chunk: Buffer) => {
          received += chunk.toString();
        });
        response.on('end', () => {
          const isJson = (response.headers['content-type'] ?? '').startsWith('application/json') && !path.includes('watch=1');
          const json = isJson ? JSON.parse(received) : {};
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received, json });
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

const PATH = '/api/v1/namespaces/ns/configmaps';
const configMap = (name: string, data: Record<string, string> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

describe('objects', () => {
  it('creates, gets, replaces, patches, lists and deletes', async () => {
    const server = await serve();
    const created = await call(server, 'POST', PATH, configMap('a', { k: '1' }));
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a', namespace: 'ns', generation: 1 }, data: { k: '1' } });

    const replaced = await call(server, 'PUT', `${PATH}/a`, { ...created.json, data: { k: '2' } });
    expect(replaced.json).toMatchObject({ data: { k: '2' } });
    const stale = await call(server, 'PUT', `${PATH}/a`, { ...created.json, data: { k: '3' } });
    expect(stale.json).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409 });

    const patched = await call(server, 'PATCH', `${PATH}/a`, { data: { k: null, l: '4' }, metadata: { labels: { x: 'y' } } });
    expect(patched.json).toMatchObject({ data: { l: '4' }, metadata: { labels: { x: 'y' } } });
    expect((await call(server, 'GET', `${PATH}/a`)).json).toEqual(patched.json);

    await call(server, 'POST', PATH, configMap('b'));
    const all = await call(server, 'GET', '/api/v1/configmaps');
    expect(all.json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(names(all)).toEqual(['a', 'b']);
    expect(names(await call(server, 'GET', `${PATH}?labelSelector=x%3Dy`))).toEqual(['a']);
    expect(names(await call(server, 'GET', `${PATH}?fieldSelector=metadata.name%3Db`))).toEqual(['b']);
    const first = await call(server, 'GET', `${PATH}?limit=1`);
    const { continue: token } = first.json['metadata'] as { continue: string };
    expect(names(await call(server, 'GET', `${PATH}?limit=1&continue=${encodeURIComponent(token)}`))).toEqual(['b']);

    const deleted = await call(server, 'DELETE', `${PATH}/a`);
    expect(deleted.json).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps' } });
    expect((await call(server, 'GET', `${PATH}/a`)).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" not found',
      reason: 'NotFound',
      details: { name: 'a', group: '', kind: 'configmaps' },
      code: 404,
    });
  });

  it('keeps status apart', async () => {
    const server = await serve();
    const path = '/apis/tekton.dev/v1/namespaces/ns/tasks';
    await call(server, 'POST', path, { metadata: { name: 't' }, spec: { a: 1 } });
    expect((await call(server, 'PATCH', `${path}/t/status`, { spec: { a: 2 }, status: { x: 1 } })).json).toMatchObject({
      spec: { a: 1 },
      status: { x: 1 },
    });
    expect((await call(server, 'PUT', `${path}/t/status`, { status: { x: 2 } })).json).toMatchObject({ spec: { a: 1 }, status: { x: 2 } });
    expect((await call(server, 'PATCH', `${path}/t`, { spec: { a: 3 }, status: { x: 9 } })).json).toMatchObject({
      spec: { a: 3 },
      status: { x: 2 },
    });
  });

  it('takes older versions, in the body and in the path', async () => {
    const server = await serve();
    const task = { apiVersion: 'tekton.dev/v1beta1', kind: 'Task', metadata: { name: 't' } };
    expect((await call(server, 'POST', '/apis/tekton.dev/v1/namespaces/ns/tasks', task)).status).toBe(201);
    expect((await call(server, 'GET', '/apis/tekton.dev/v1beta1/namespaces/ns/tasks/t')).status).toBe(200);
    expect((await call(server, 'GET', '/apis/tekton.dev/v1alpha1/namespaces/ns/tasks/t')).status).toBe(404);
  });

  it('generates names', async () => {
    const server = await serve();
    const created = await call(server, 'POST', PATH, { metadata: { generateName: 'x-' } });
    expect((created.json['metadata'] as { name: string }).name).toMatch(/^x-abcd/);
  });

  it('keeps an object that finalizers hold, and says so', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a', {}, { finalizers: ['x/y'] }));
    expect((await call(server, 'DELETE', `${PATH}/a`)).json).toMatchObject({
      kind: 'ConfigMap',
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('changes nothing on a dry run: %s', async (method) => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a'));
    const before = (await call(server, 'GET', '/api/v1/configmaps')).json;
    const path = method === 'POST' ? PATH : `${PATH}/a`;
    const answer = await call(
      server,
      method,
      `${path}?dryRun=All`,
      method === 'DELETE' ? undefined : configMap(method === 'POST' ? 'b' : 'a', { new: '1' }),
    );
    expect(answer.status).toBe(method === 'POST' ? 201 : 200);
    expect((await call(server, 'GET', '/api/v1/configmaps')).json).toEqual(before);
  });

  it('passes warnings on', async () => {
    const server = await serve();
    const answer = await call(server, 'POST', PATH, configMap('a', {}, { annotations: { warn: 'field "x" is\nnot honoured yet' } }));
    expect(answer.headers['warning']).toBe('299 - "field \\"x\\" is not honoured yet"');
  });
});

function names({ json }: Answer): string[] {
  return (json['items'] as KubeObject[]).map((item) => item.metadata.name ?? '');
}

describe('fieldValidation', () => {
  it.each([
    ['', 'warn'],
    ['?fieldValidation=Strict', 'refuse'],
    ['?fieldValidation=Warn', 'warn'],
    ['?fieldValidation=Ignore', 'ignore'],
  ])('%s: unknown fields of Kubernetes’ own kinds are for admission to %s', async (query, expected) => {
    const asked: UnknownFields[] = [];
    const server = await serve({
      admit: (raw, unknownFields) => {
        asked.push(unknownFields);
        return admit(raw);
      },
    });
    expect((await call(server, 'POST', `${PATH}${query}`, configMap('a'))).status).toBe(201);
    expect((await call(server, 'PATCH', `${PATH}/a${query}`, { data: { a: 'b' } })).status).toBe(200);
    expect(asked).toEqual([expected, expected]);
  });

  it('no other', async () => {
    const refused = await call(await serve(), 'POST', `${PATH}?fieldValidation=No`, configMap('a'));
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('use Strict, Warn or Ignore');
  });
});

describe('errors', () => {
  it('422: all of them, each with its path', async () => {
    const server = await serve();
    const answer = await call(server, 'POST', PATH, configMap('a', {}, { annotations: { refuse: '7' } }));
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({
      reason: 'Invalid',
      message: 'ConfigMap "a" is invalid: [spec.a: invalid value: 7, spec.b: missing field(s), spec.c: missing field(s)]',
      details: {
        causes: [
          { reason: 'FieldValueInvalid', message: 'invalid value: 7', field: 'spec.a' },
          { reason: 'FieldValueRequired', message: 'missing field(s)', field: 'spec.b' },
          { reason: 'FieldValueRequired', message: 'missing field(s)', field: 'spec.c' },
        ],
      },
    });
    expect((await call(server, 'GET', `${PATH}/a`)).status).toBe(404);
  });

  it('422: what an update may not change', async () => {
    const server = await serve({
      validateUpdate: (next, current) => (next['data'] === current['data'] ? [] : [invalidValue('changed', 'data')]),
    });
    await call(server, 'POST', PATH, configMap('a'));
    expect((await call(server, 'PATCH', `${PATH}/a`, { data: { k: '1' } })).status).toBe(422);
  });

  it.each([
    [409, 'AlreadyExists', 'configmaps "a" already exists', 'POST', PATH, configMap('a'), {}],
    [409, 'Conflict', 'Operation cannot be fulfilled', 'PUT', `${PATH}/a`, configMap('a', {}, { resourceVersion: '9' }), {}],
    [409, 'AlreadyExists', '', 'POST', `${PATH}?dryRun=All`, configMap('a'), {}],
    [400, 'BadRequest', 'unexpected end of JSON input', 'POST', PATH, '{"metadata":', {}],
    [400, 'BadRequest', 'duplicate key body.a', 'POST', PATH, '{"a":1,"a":2}', {}],
    [400, 'BadRequest', '__proto__', 'POST', PATH, '{"__proto__":{}}', {}],
    [400, 'BadRequest', 'no body', 'POST', PATH, undefined, {}],
    [400, 'BadRequest', 'the path is for v1 ConfigMap', 'POST', PATH, { ...configMap('x'), kind: 'Secret' }, {}],
    [400, 'BadRequest', 'does not match the namespace', 'POST', PATH, configMap('x', {}, { namespace: 'other' }), {}],
    [400, 'BadRequest', 'needs a namespace', 'POST', '/api/v1/configmaps', configMap('x'), {}],
    [400, 'BadRequest', 'resourceVersion', 'POST', PATH, configMap('x', {}, { resourceVersion: '1' }), {}],
    [400, 'BadRequest', 'does not match the name', 'PUT', `${PATH}/a`, configMap('x'), {}],
    [404, 'NotFound', 'configmaps "x" not found', 'PUT', `${PATH}/x`, configMap('x'), {}],
    [400, 'BadRequest', 'invalid limit', 'GET', `${PATH}?limit=many`, undefined, {}],
    [422, 'Invalid', '', 'GET', `${PATH}?labelSelector=a%20in`, undefined, {}],
    [415, 'UnsupportedMediaType', 'application/json', 'POST', PATH, 'a: b', { 'content-type': 'application/yaml' }],
    [415, 'UnsupportedMediaType', 'merge-patch', 'PATCH', `${PATH}/a`, {}, { 'content-type': 'application/json' }],
    [413, 'RequestEntityTooLarge', 'at most 3145728 bytes', 'POST', PATH, 'x'.repeat(4_000_000), {}],
    [404, 'NotFound', 'could not find the requested resource', 'GET', '/api/v1/namespaces/ns/gadgets', undefined, {}],
    [404, 'NotFound', 'no subresource "scale"', 'GET', `${PATH}/a/scale`, undefined, {}],
    [405, 'MethodNotAllowed', 'PUT is not allowed on configmaps', 'PUT', PATH, {}, {}],
    [409, 'Conflict', '', 'DELETE', `${PATH}/a`, { preconditions: { uid: 'other' } }, {}],
    [400, 'BadRequest', 'propagationPolicy', 'DELETE', `${PATH}/a?propagationPolicy=Never`, undefined, {}],
    [404, 'NotFound', '/nowhere', 'GET', '/nowhere', undefined, {}],
  ] as const)('%i %s (%s): %s %s', async (status, reason, text, method, path, body, headers) => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a'));
    const answer = await call(server, method, path, body, headers);
    expect(answer.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code: status });
    expect(answer.status).toBe(status);
    expect(answer.json['message']).toContain(text);
  });

  it('500: a surprise, without its details', async () => {
    const store = { ...stores.store, get: () => Promise.reject(new Error('secret path /var/x')) };
    const server = await serve({ store });
    const answer = await call(server, 'GET', `${PATH}/a`);
    expect(answer.json).toMatchObject({ reason: 'InternalError', code: 500 });
    expect(answer.text).not.toContain('/var/x');
  });
});

describe('watch', () => {
  it('lists, then follows, one document a line, and ends with the server', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a'));
    const lines = follow(server, `${PATH}?watch=1`);
    expect(await lines.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } });
    await call(server, 'PATCH', `${PATH}/a`, { data: { k: '1' } });
    expect(await lines.next()).toMatchObject({ type: 'MODIFIED', object: { data: { k: '1' } } });
    await call(server, 'DELETE', `${PATH}/a`);
    expect(await lines.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } });
    await Promise.all(closers.splice(0).map((close) => close()));
    expect(await lines.next()).toBeUndefined();
  });

  it('continues after a version', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a'));
    const { json } = await call(server, 'GET', PATH);
    const { resourceVersion } = json['metadata'] as { resourceVersion: string };
    await call(server, 'POST', PATH, configMap('b'));
    const lines = follow(server, `${PATH}?watch=true&resourceVersion=${resourceVersion}`);
    expect(await lines.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
  });

  it('says 410 of a version it cannot continue from', async () => {
    const server = await serve();
    const lines = follow(server, `${PATH}?watch=1&resourceVersion=999`);
    expect(await lines.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(await lines.next()).toBeUndefined();
  });
});

describe('a watcher that does not read', () => {
  it('holds nobody up, costs a bounded amount, and is told to list again', async () => {
    await stores.close();
    stores = openMemory({ clock: systemClock, ids: countingIds(), keepChanges: 100 });
    const server = await serve();
    const lazy = connect(server.port, '127.0.0.1');
    closers.push(() => Promise.resolve(lazy.destroy()));
    lazy.write(`GET ${PATH}?watch=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await once(lazy, 'readable');
    const busy = follow(server, `${PATH}?watch=1`);
    const filler = 'x'.repeat(100_000);
    for (let i = 0; i < 300; i++) {
      await stores.store.create({ ...configMap(`c${i}`, { filler }), metadata: { name: `c${i}`, namespace: 'ns' } });
      expect(await busy.next()).toMatchObject({ object: { metadata: { name: `c${i}` } } });
    }
    // What the kernel's buffers took.
    expect(lazy.bytesRead).toBeLessThan(15_000_000);
    let text = '';
    for await (const chunk of lazy) text = (text + chunk).slice(-10_000);
    expect(text).toMatch(/"type":"ERROR".*"code":410/);
  });

  it('that dies is forgotten', async () => {
    const server = await serve();
    for (let i = 0; i < 50; i++) {
      const dying = connect(server.port, '127.0.0.1');
      dying.write(`GET ${PATH}?watch=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await once(dying, 'data');
      dying.resetAndDestroy();
    }
    const lines = follow(server, `${PATH}?watch=1`);
    await call(server, 'POST', PATH, configMap('a'));
    expect(await lines.next()).toMatchObject({ type: 'ADDED' });
  });
});

function follow(server: Listening, path: string): { next: () => Promise<unknown> } {
  const lines: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  let rest = '';
  let ended = false;
  const request = httpRequest({ host: '127.0.0.1', port: server.port, path, agent: false }, (response) => {
    response.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        const wanted = waiting.shift();
        if (wanted === undefined) lines.push(line);
        else wanted(line);
      }
    });
    response.on('close', () => {
      ended = true;
      for (const wanted of waiting.splice(0)) wanted(undefined);
    });
  });
  request.end();
  closers.push(() => Promise.resolve(request.destroy()));
  return {
    async next() {
      const line = lines.shift() ?? (ended ? undefined : await new Promise<string | undefined>((resolve) => waiting.push(resolve)));
      return line === undefined ? undefined : JSON.parse(line);
    },
  };
}

describe('pod logs', () => {
  const pod = (containers: string[]) => ({
    metadata: { name: 'p' },
    spec: { containers: containers.map((name) => ({ name })), initContainers: [{ name: 'prepare' }] },
  });

  it('streams what a container wrote', async () => {
    const asked: unknown[] = [];
    const server = await serve({
      podLogs: async function* (namespace, name, container, { follow: following }) {
        asked.push([namespace, name, container, following]);
        yield Buffer.from('one\n');
        yield Buffer.from('two\n');
      },
    });
    await call(server, 'POST', '/api/v1/namespaces/ns/pods', pod(['step-a']));
    const answer = await call(server, 'GET', '/api/v1/namespaces/ns/pods/p/log?container=step-a&follow=true');
    expect(answer.text).toBe('one\ntwo\n');
    expect(asked).toEqual([['ns', 'p', 'step-a', true]]);
  });

  it('asks which container is meant', async () => {
    const server = await serve();
    await call(server, 'POST', '/api/v1/namespaces/ns/pods', pod(['step-a', 'step-b']));
    const path = '/api/v1/namespaces/ns/pods/p/log';
    expect((await call(server, 'GET', path)).json).toMatchObject({
      code: 400,
      message: 'a container name must be specified for pod p, choose one of: [step-a step-b prepare]',
    });
    expect((await call(server, 'GET', `${path}?container=x`)).json).toMatchObject({ code: 400 });
    expect((await call(server, 'GET', '/api/v1/namespaces/ns/pods/q/log')).status).toBe(404);
  });
});

describe('events', () => {
  const deliver = (eventId: string, listener = 'el') =>
    stores.journal.append({
      eventId,
      namespace: 'ns',
      listener,
      receivedAt: 5,
      method: 'POST',
      url: '/ns/el',
      headers: { 'X-Github-Event': ['push'], 'X-Hub-Signature-256': ['sha256=00'], 'X-Gitlab-Token': ['t'], Authorization: ['Bearer t'] },
      body: Buffer.from('{"a":1}'),
    });

  it('shows an event without its body and its secrets', async () => {
    const server = await serve();
    await deliver('e1');
    const path = '/apis/tappet.dev/v1alpha1/events/e1';
    const { json } = await call(server, 'GET', path);
    expect(json).toMatchObject({ kind: 'Event', eventId: 'e1', state: 'accepted', bodyBytes: 7, sequence: 1 });
    expect(json).not.toHaveProperty('body');
    expect(json['headers']).toEqual({
      'X-Github-Event': ['push'],
      'X-Hub-Signature-256': ['[redacted]'],
      'X-Gitlab-Token': ['[redacted]'],
      Authorization: ['[redacted]'],
    });
    expect((await call(server, 'GET', `${path}?body=1`)).json['body']).toBe('{"a":1}');
    expect((await call(server, 'GET', '/apis/tappet.dev/v1alpha1/events/other')).status).toBe(404);
  });

  it('lists newest first, a page at a time', async () => {
    const server = await serve();
    for (const id of ['e1', 'e2', 'e3']) await deliver(id);
    await deliver('e4', 'other');
    const ids = ({ json }: Answer) => (json['items'] as { eventId: string }[]).map(({ eventId }) => eventId);
    const path = '/apis/tappet.dev/v1alpha1/namespaces/ns/events';
    const first = await call(server, 'GET', `${path}?listener=el&limit=2`);
    expect(ids(first)).toEqual(['e3', 'e2']);
    const { continue: before } = first.json['metadata'] as { continue: string };
    expect(ids(await call(server, 'GET', `${path}?listener=el&limit=2&before=${before}`))).toEqual(['e1']);
    expect(ids(await call(server, 'GET', '/apis/tappet.dev/v1alpha1/events'))).toEqual(['e4', 'e3', 'e2', 'e1']);
    expect((await call(server, 'GET', `${path}?state=lost`)).status).toBe(400);
  });

  it.each([
    'Authorization',
    'Cookie',
    'X-Gitlab-Token',
    'X-Hub-Signature',
    'Webhook-Signature',
    'X-Slack-Signature',
    'X-Api-Key',
    'X-My-Secret',
  ])('blanks %s', (name) => {
    expect(redactHeaders({ [name]: ['a', 'b'], 'Content-Type': ['c'] })).toEqual({
      [name]: ['[redacted]', '[redacted]'],
      'Content-Type': ['c'],
    });
  });
});

describe('access', () => {
  it('refuses names that resolve to us and pages of others', async () => {
    const server = await serve();
    expect((await call(server, 'GET', '/version', undefined, { host: 'evil.example:80' })).json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
    });
    expect((await call(server, 'GET', '/version', undefined, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await call(server, 'GET', '/version', undefined, { origin: 'null' })).status).toBe(403);
    const host = `localhost:${server.port}`;
    expect((await call(server, 'GET', '/version', undefined, { host, origin: `http://${host}` })).status).toBe(200);
    expect((await call(server, 'GET', '/livez', undefined, { host: 'pod-ip' })).text).toBe('ok');
  });

  it('wants the token', async () => {
    const server = await serve({
      access: { allowedHosts: [], authenticate: (token) => (token === 'right' ? { name: 'token:a', role: 'admin' } : undefined) },
    });
    const ask = async (headers: Record<string, string>) => (await call(server, 'GET', '/version', undefined, headers)).status;
    expect(await ask({})).toBe(401);
    expect(await ask({ authorization: 'Bearer wrong' })).toBe(401);
    expect(await ask({ authorization: 'right' })).toBe(401);
    expect(await ask({ authorization: 'Bearer right' })).toBe(200);
  });
});

describe('discovery, health and metrics', () => {
  it('tells what is served', async () => {
    const server = await serve();
    expect((await call(server, 'GET', '/api')).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    expect((await call(server, 'GET', '/apis')).json).toEqual({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: [
        {
          name: 'tekton.dev',
          versions: [
            { groupVersion: 'tekton.dev/v1', version: 'v1' },
            { groupVersion: 'tekton.dev/v1beta1', version: 'v1beta1' },
          ],
          preferredVersion: { groupVersion: 'tekton.dev/v1', version: 'v1' },
        },
      ],
    });
    const { resources } = (await call(server, 'GET', '/apis/tekton.dev/v1')).json as { resources: { name: string }[] };
    expect(resources.map(({ name }) => name)).toEqual(['tasks', 'tasks/status']);
    expect((await call(server, 'GET', '/apis/tekton.dev/v9')).status).toBe(404);
  });

  it('is alive, and ready when it is', async () => {
    let ready = false;
    const server = await serve({ readiness: () => ({ ready, text: ready ? 'ok' : 'journal: recovering' }) });
    expect(await call(server, 'GET', '/readyz')).toMatchObject({ status: 503, text: 'journal: recovering' });
    ready = true;
    expect(await call(server, 'GET', '/readyz')).toMatchObject({ status: 200, text: 'ok' });
  });

  it('prints metrics', async () => {
    const server = await serve({ metrics: () => 'ours 1\n' });
    const { text } = await call(server, 'GET', '/metrics');
    expect(text).toMatch(/^ours 1\n/);
    expect(text).toContain('process_cpu_user_seconds_total');
  });
});

describe('forms of an answer', () => {
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const accept = (value: string) => ({ accept: value });

  it('are tables with the kind’s columns, for lists, single objects and watches', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a', { k: '1' }));
    const list = await call(server, 'GET', PATH, undefined, accept(TABLE));
    expect(list.json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      columnDefinitions: [
        { name: 'Name', type: 'string', format: 'name' },
        { name: 'Data', type: 'integer' },
        { name: 'Age', type: 'date' },
      ],
      rows: [{ cells: ['a', 1, expect.any(String)], object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }],
    });
    const one = await call(server, 'GET', `${PATH}/a?includeObject=Object`, undefined, accept(TABLE));
    expect(one.json).toMatchObject({ rows: [{ object: { kind: 'ConfigMap', data: { k: '1' } } }] });
    expect((await call(server, 'GET', `${PATH}?includeObject=None`, undefined, accept(TABLE))).json['rows']).toEqual([
      { cells: ['a', 1, expect.any(String)] },
    ]);
    await call(server, 'POST', PATH, configMap('b'));
    const watched = await call(server, 'GET', `${PATH}?watch=1&timeoutSeconds=1`, undefined, accept(TABLE));
    const events = watched.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ object }) => [object.rows[0].cells[0], object.columnDefinitions === null])).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  it('are metadata alone, for informers that want no more', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a', { k: '1' }));
    const list = await call(server, 'GET', PATH, undefined, accept('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'));
    expect(list.json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    });
    expect(list.text).not.toContain('"data"');
  });

  it('are refused with 406 where there is none a client takes', async () => {
    const server = await serve();
    expect((await call(server, 'GET', PATH, undefined, accept('application/vnd.kubernetes.protobuf'))).status).toBe(406);
    expect((await call(server, 'GET', PATH, undefined, accept('application/vnd.kubernetes.protobuf,application/json'))).status).toBe(200);
  });
});

describe('patches and applies', () => {
  const type = (name: string) => ({ 'content-type': `application/${name}` });
  const APPLY = type('apply-patch+yaml');

  it('JSON patch, strategic merge for kinds of Kubernetes', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a', { k: '1' }));
    const json = await call(server, 'PATCH', `${PATH}/a`, [{ op: 'replace', path: '/data/k', value: '2' }], type('json-patch+json'));
    expect(json.json).toMatchObject({ data: { k: '2' } });
    const failed = await call(server, 'PATCH', `${PATH}/a`, [{ op: 'test', path: '/data/k', value: '9' }], type('json-patch+json'));
    expect([failed.status, failed.json['message']]).toEqual([
      422,
      'the server rejected our request due to an error in our request: operation 0: testing value "/data/k" failed',
    ]);
    const strategic = type('strategic-merge-patch+json');
    const merged = await call(
      server,
      'PATCH',
      `${PATH}/a`,
      { metadata: { '$setElementOrder/finalizers': [], finalizers: ['x/y'] } },
      strategic,
    );
    expect(merged.json).toMatchObject({ metadata: { finalizers: ['x/y'] } });
    const tasks = '/apis/tekton.dev/v1/namespaces/ns/tasks';
    await call(server, 'POST', tasks, { metadata: { name: 't' }, spec: {} });
    expect((await call(server, 'PATCH', `${tasks}/t`, {}, strategic)).status).toBe(415);
  });

  it('apply creates, changes, conflicts and forces', async () => {
    const server = await serve();
    const created = await call(server, 'PATCH', `${PATH}/a?fieldManager=x`, 'apiVersion: v1\nkind: ConfigMap\ndata: {k: "1"}\n', APPLY);
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({
      metadata: { managedFields: [{ manager: 'x', operation: 'Apply', fieldsV1: { 'f:data': { 'f:k': {} } } }] },
    });
    const conflict = await call(server, 'PATCH', `${PATH}/a?fieldManager=y`, configMap('a', { k: '2' }), APPLY);
    expect(conflict.json).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "x": .data.k',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "x"', field: '.data.k' }] },
    });
    const forced = await call(server, 'PATCH', `${PATH}/a?fieldManager=y&force=true`, configMap('a', { k: '2' }), APPLY);
    expect(forced.json).toMatchObject({ data: { k: '2' }, metadata: { managedFields: [{ manager: 'y' }] } });
    expect((await call(server, 'PATCH', `${PATH}/a?fieldManager=y`, configMap('a', { k: '2' }), APPLY)).json).toEqual(forced.json);
    expect((await call(server, 'PATCH', `${PATH}/a`, configMap('a'), APPLY)).json['message']).toContain('fieldManager: Required value');
  });

  it('an update takes over what it changes', async () => {
    const server = await serve();
    await call(server, 'PATCH', `${PATH}/a?fieldManager=x`, configMap('a', { k: '1', l: '1' }), APPLY);
    const updated = await call(server, 'PATCH', `${PATH}/a?fieldManager=editor`, { data: { l: '2' } });
    expect(updated.json).toMatchObject({
      metadata: {
        managedFields: [
          { manager: 'x', fieldsV1: { 'f:data': { 'f:k': {} } } },
          { manager: 'editor', operation: 'Update', fieldsV1: { 'f:data': { 'f:l': {} } } },
        ],
      },
    });
  });
});

describe('collections', () => {
  it('are deleted by selectors, one namespace at a time', async () => {
    const server = await serve();
    for (const name of ['a', 'b', 'c']) await call(server, 'POST', PATH, configMap(name, {}, { labels: { keep: String(name === 'b') } }));
    expect(names(await call(server, 'DELETE', `${PATH}?labelSelector=keep%3Dfalse&dryRun=All`))).toEqual(['a', 'c']);
    expect(names(await call(server, 'GET', PATH))).toEqual(['a', 'b', 'c']);
    expect(names(await call(server, 'DELETE', `${PATH}?labelSelector=keep%3Dfalse`))).toEqual(['a', 'c']);
    expect(names(await call(server, 'GET', PATH))).toEqual(['b']);
    expect((await call(server, 'DELETE', '/api/v1/configmaps')).status).toBe(400);
  });

  it('tell what a version can and cannot mean', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a'));
    const { resourceVersion } = (await call(server, 'GET', PATH)).json['metadata'] as { resourceVersion: string };
    const listed = async (query: string) => (await call(server, 'GET', `${PATH}?${query}`)).status;
    expect(await listed(`resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`)).toBe(200);
    await call(server, 'POST', PATH, configMap('b'));
    expect(await listed(`resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`)).toBe(200);
    expect(await listed(`resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`)).toBe(410);
    expect(await listed('resourceVersion=999999')).toBe(504);
    expect(await listed('resourceVersionMatch=Exact')).toBe(400);
  });

  it('are watched from their beginning, whose end a bookmark tells', async () => {
    const server = await serve();
    await call(server, 'POST', PATH, configMap('a'));
    const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1';
    const lines = (await call(server, 'GET', `${PATH}?${query}`)).text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type, object }) => [type, object.metadata.name ?? object.metadata.annotations])).toEqual([
      ['ADDED', 'a'],
      ['BOOKMARK', { 'k8s.io/initial-events-end': 'true' }],
    ]);
  });
});
