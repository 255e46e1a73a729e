import { expect, it, onTestFinished } from 'vitest';
import { connectionTo } from '../../../test/support/kube-connection.ts';
import { type Answer, type LocalServer, localServer } from '../../../test/support/local-server.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { turnHands } from '../../../test/support/turn-hands.ts';
import { createKubeClient } from '../../kube/create-kube-client.ts';
import type { Change } from '../../ports/store.ts';
import type { KubeObject } from '../../resources/object.ts';
import { KubernetesStore } from './kubernetes-store.ts';

/** What an API server does on its worse days, and what becomes of it. */
const clock = new ManualClock();

async function storeOver(answer: Answer): Promise<{ readonly store: KubernetesStore; readonly server: LocalServer }> {
  const server = await localServer(answer);
  const client = createKubeClient(connectionTo(server.url), { clock, random: () => 0 });
  const store = new KubernetesStore({ client, clock });
  onTestFinished(async () => {
    await store.close();
    client.close();
  });
  return { store, server };
}

const answered = (code: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  return (_, response) => response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const refused = (code: number, reason: string, message: string, headers = {}): Answer =>
  answered(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, headers);
const inTurn = (...answers: readonly Answer[]): Answer => {
  let count = 0;
  return (request, response) => answers[Math.min(count++, answers.length - 1)]?.(request, response);
};

const run = (resourceVersion?: string, more: object = {}): KubeObject => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { name: 'a', namespace: 'ci', ...(resourceVersion !== undefined && { resourceVersion, uid: 'u' }) },
  ...more,
});
const key = { kind: 'tekton.dev/TaskRun', namespace: 'ci', name: 'a' };
const conflict = refused(409, 'Conflict', 'the object has been modified');
const brief = ({ type, object }: Change): string => `${type} ${object.metadata.name}@${object.metadata.resourceVersion}`;

it('a write without a version goes through a storm of conflicts; one with a version is told of the first', async () => {
  const { store, server } = await storeOver(
    inTurn(
      ...Array.from({ length: 6 }, (_, n) => [answered(200, run(String(n))), conflict]).flat(),
      answered(200, run('9')),
      answered(200, run('10')),
    ),
  );
  expect((await store.update(run())).metadata.resourceVersion).toBe('10');
  expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toMatchObject({ metadata: { resourceVersion: '9' } });
  const strict = await storeOver(conflict);
  await expect(strict.store.update(run('1'))).rejects.toMatchObject({ code: 'Conflict', message: 'the object has been modified' });
  expect(strict.server.requests).toHaveLength(1);
});

it('a conflict that never ends is told after ten', async () => {
  const { store, server } = await storeOver((request, response) =>
    (request.method === 'GET' ? answered(200, run('1')) : conflict)(request, response),
  );
  await expect(store.updateStatus(run())).rejects.toMatchObject({ code: 'Conflict' });
  expect(server.requests.filter(({ method }) => method === 'PUT')).toHaveLength(10);
});

it('a busy server is waited for, by every verb', async () => {
  const busy = refused(429, 'TooManyRequests', 'slow down', { 'retry-after': '2' });
  const object = answered(200, run('1'));
  const list = answered(200, { kind: 'TaskRunList', metadata: { resourceVersion: '3' }, items: [] });
  const { store } = await storeOver(inTurn(busy, object, busy, object, busy, object, busy, list));
  const before = clock.now();
  await turnHands(clock, store.get(key));
  await turnHands(clock, store.create(run()));
  await turnHands(clock, store.patch(key, { metadata: { labels: { a: 'b' } } }));
  expect(await turnHands(clock, store.list(key.kind))).toEqual({ items: [], resourceVersion: '3' });
  expect(clock.now() - before).toBe(8_000);
});

it.each([
  [500, 'InternalError', 'etcdserver: request timed out'],
  [503, 'ServiceUnavailable', 'apiserver is shutting down'],
  [401, 'Unauthorized', 'Unauthorized'],
])('%i to a write is Unavailable, in the server’s words', async (code, reason, message) => {
  const { store } = await storeOver(refused(code, reason, message));
  await expect(turnHands(clock, store.create(run()))).rejects.toMatchObject({ code: 'Unavailable', message });
});

it('a missing right is told with the rule that gives it; a used up quota is not taken for one', async () => {
  const words =
    'taskruns.tekton.dev is forbidden: User "system:serviceaccount:t:t" cannot list resource "taskruns" in API group "tekton.dev" at the cluster scope';
  const quota = 'pods "a" is forbidden: exceeded quota: q, requested: pods=1';
  const { store } = await storeOver(
    inTurn(refused(403, 'Forbidden', words), refused(403, 'Forbidden', quota), refused(403, 'Forbidden', words)),
  );
  await expect(store.list(key.kind)).rejects.toMatchObject({
    code: 'Forbidden',
    message: `${words}; add this rule to its Role or ClusterRole: {apiGroups: ["tekton.dev"], resources: ["taskruns"], verbs: ["list"]}`,
  });
  await expect(store.create(run())).rejects.toMatchObject({ code: 'Forbidden', message: quota });
  await expect(store.updateStatus(run('1'))).rejects.toMatchObject({
    message: expect.stringContaining('{apiGroups: ["tekton.dev"], resources: ["taskruns/status"], verbs: ["update"]}'),
  });
});

it('writes in the name of somebody else, reads in its own', async () => {
  const { store, server } = await storeOver(answered(200, run('1')));
  const bot = store.as('system:serviceaccount:ci:bot');
  await bot.create(run());
  await bot.update(run());
  expect(server.requests.map(({ method, headers }) => `${method} ${headers['impersonate-user'] ?? '-'}`)).toEqual([
    'POST system:serviceaccount:ci:bot',
    'GET -',
    'PUT system:serviceaccount:ci:bot',
  ]);
});

it('a status that meets another’s write after the creation still gets in', async () => {
  const { status } = run('3', { status: { x: 1 } });
  const { store, server } = await storeOver(
    inTurn(answered(201, run('1')), answered(200, run('1')), conflict, answered(200, run('2')), answered(200, run('3', { status }))),
  );
  expect(await store.create(run(undefined, { status }))).toMatchObject({ status });
  expect(server.requests.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
    'POST taskruns',
    'GET a',
    'PUT status',
    'GET a',
    'PUT status',
  ]);
});

it('a watch outlives restarts, silence and bookmarks without losing or repeating a change', async () => {
  const line = (type: string, name: string, resourceVersion: string): string =>
    `${JSON.stringify({ type, object: { ...run(resourceVersion), metadata: { name, namespace: 'ci', resourceVersion, uid: name } } })}\n`;
  const told = (text: string, end: 'end' | 'cut' | 'stay'): Answer => {
    return (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(text, () => (end === 'cut' ? response.socket?.destroy() : end === 'end' ? response.end() : undefined));
    };
  };
  const bookmark = '{"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "17"}}}\n';
  const { store, server } = await storeOver(
    inTurn(
      told(line('ADDED', 'a', '11') + bookmark, 'cut'),
      refused(503, 'ServiceUnavailable', 'starting'),
      (_, response) => response.socket?.destroy(),
      told(line('MODIFIED', 'a', '18') + line('ADDED', 'b', '19').slice(0, 30), 'cut'),
      told(line('ADDED', 'b', '19'), 'end'),
      refused(410, 'Expired', 'too old resource version: 19 (40)'),
    ),
  );
  const changes = store.watch(key.kind, { resourceVersion: '10' });
  const seen: string[] = [];
  const reading = (async () => {
    for await (const change of changes) seen.push(brief(change));
  })();
  await expect(turnHands(clock, reading)).rejects.toMatchObject({ code: 'Gone', message: 'too old resource version: 19 (40)' });
  expect(seen).toEqual(['ADDED a@11', 'MODIFIED a@18', 'ADDED b@19']);
  expect(server.requests.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('resourceVersion'))).toEqual([
    '10',
    '17',
    '17',
    '17',
    '18',
    '19',
  ]);
  expect(changes.position()).toBe('19');
});

it('a server that has lost its past makes a watch Gone, a line that is no JSON makes it Unavailable', async () => {
  const { store } = await storeOver(
    inTurn(...Array.from({ length: 5 }, () => refused(504, 'Timeout', 'Too large resource version: 99, current: 3')), (_, response) =>
      response.writeHead(200).end('{"type": "ADDED", "obj'),
    ),
  );
  const first = async (): Promise<unknown> => store.watch(key.kind, { resourceVersion: '99' })[Symbol.asyncIterator]().next();
  await expect(turnHands(clock, first())).rejects.toMatchObject({ code: 'Gone' });
  await expect(turnHands(clock, first())).rejects.toMatchObject({ code: 'Unavailable' });
});

it('closes without waiting for a server that does not answer', async () => {
  const { store, server } = await storeOver(() => undefined);
  const [reading, writing] = [store.get(key), store.create(run())];
  const outcome = Promise.allSettled([reading, writing]);
  await server.received(2);
  await turnHands(clock, store.close());
  expect((await outcome).map((settled) => settled.status === 'rejected' && (settled.reason as { code: string }).code)).toEqual([
    'Unavailable',
    'Unavailable',
  ]);
});
