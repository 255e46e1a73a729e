import { expect, it, onTestFinished } from 'vitest';
import { connectionTo } from '../../test/support/kube-connection.ts';
import { type Answer, type LocalServer, localServer, type Received } from '../../test/support/local-server.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { turnHands } from '../../test/support/turn-hands.ts';
import { createKubeClient } from './create-kube-client.ts';
import type { KubeError } from './kube-client.ts';
import { type ListWatchEvent, listWatch } from './list-watch.ts';

const clock = new ManualClock();
const path = '/apis/tekton.dev/v1/taskruns';
const object = (name: string, resourceVersion: string) => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { name, resourceVersion },
});
const line = (type: string, ...[name, version]: [string, string]) => `${JSON.stringify({ type, object: object(name, version) })}\n`;
const expired = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`;

const list = (version: string, names: readonly string[] = [], next?: string): Answer => {
  const items = names.map((name) => object(name, version));
  const body = { kind: 'TaskRunList', apiVersion: 'tekton.dev/v1', metadata: { resourceVersion: version, continue: next }, items };
  return (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const status =
  (code: number, headers = {}): Answer =>
  (_, response) =>
    response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ kind: 'Status', code, message: `no: ${code}` }));
/** These lines, and then what `end` does. */
const watched =
  (lines: readonly string[], end: 'close' | 'cut' | 'stay' = 'stay'): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (end === 'close') response.end(lines.join(''));
    else response.write(lines.join('') || ' ', () => end === 'cut' && response.socket?.destroy());
  };

/** A server that answers in turn, and what the loop says of it, until so many events have come. */
async function play(
  answers: readonly Answer[],
  count: number,
): Promise<{ seen: string[]; asked: string[]; trouble: unknown[]; server: LocalServer }> {
  let turn = 0;
  const server = await localServer((request, response) => (answers[turn++] ?? watched([]))(request, response));
  const client = createKubeClient(connectionTo(server.url), { clock, random: () => 1, attempts: 1 });
  onTestFinished(() => client.close());
  const abort = new AbortController();
  const trouble: unknown[] = [];
  const seen: string[] = [];
  const loop = async (): Promise<void> => {
    const query = { labelSelector: 'a=b' };
    for await (const event of listWatch(client, {
      path,
      query,
      clock,
      signal: abort.signal,
      random: () => 0,
      onTrouble: (e) => trouble.push(e),
    })) {
      seen.push(brief(event));
      if (seen.length === count) abort.abort();
    }
  };
  await turnHands(clock, loop());
  return { seen, asked: server.requests.map(asked), trouble, server };
}

function brief(event: ListWatchEvent): string {
  if (event.type !== 'LISTED') return `${event.type} ${event.object.metadata.name}`;
  return `LISTED ${event.items.map(({ metadata }) => metadata.name).join()}`;
}

function asked({ path: target }: Received): string {
  const { searchParams } = new URL(target, 'http://x');
  const rest = searchParams.get('continue');
  return searchParams.has('watch') ? `watch ${searchParams.get('resourceVersion')}` : `list${rest === null ? '' : ` ${rest}`}`;
}

it('lists page by page, then watches from there with bookmarks and an end', async () => {
  const { seen, server } = await play([list('7', ['a', 'b'], 'more'), list('7', ['c']), watched([line('ADDED', 'd', '8')])], 2);
  expect(seen).toEqual(['LISTED a,b,c', 'ADDED d']);
  expect(server.requests.map((request) => request.path)).toEqual([
    `${path}?labelSelector=a%3Db&limit=500`,
    `${path}?labelSelector=a%3Db&limit=500&continue=more`,
    `${path}?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300`,
  ]);
});

it('begins a list again whose pages have expired', async () => {
  const { seen, asked: requests } = await play([list('7', ['a'], 'more'), status(410), list('9', ['b'])], 1);
  expect(seen).toEqual(['LISTED b']);
  expect(requests).toEqual(['list', 'list more', 'list']);
});

it.each(['close', 'cut'] as const)('takes a watch up where it stood when the server ends it by %s', async (end) => {
  const bookmark = `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '20' } } })}\n`;
  const {
    seen,
    asked: requests,
    trouble,
  } = await play(
    [list('7'), watched([line('ADDED', 'a', '8'), bookmark], end), watched([], end), watched([line('DELETED', 'a', '21')])],
    3,
  );
  expect(seen).toEqual(['LISTED ', 'ADDED a', 'DELETED a']);
  expect(requests).toEqual(['list', 'watch 7', 'watch 20', 'watch 20']);
  expect(trouble).toEqual([]);
});

it.each([
  ['in the answer', status(410)],
  ['in the watch', watched([expired], 'close')],
])('lists again when its version is too old, as told %s', async (_, gone) => {
  const {
    seen,
    asked: requests,
    trouble,
  } = await play([list('7', ['a']), gone, list('30', ['b']), watched([line('MODIFIED', 'b', '31')])], 3);
  expect(seen).toEqual(['LISTED a', 'LISTED b', 'MODIFIED b']);
  expect(requests).toEqual(['list', 'watch 7', 'list', 'watch 30']);
  expect(trouble).toEqual([]);
});

it('does not rush through a list and watch that expire again and again', async () => {
  const before = clock.now();
  await play(
    Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? list(String(n)) : status(410))),
    6,
  );
  expect(clock.now() - before).toBe(200 + 400 + 800 + 1_600);
});

it.each([
  ['is no JSON', '{"type": "ADDED", "object": {"metada\n'],
  ['ends before it does', '{"type": "ADDED", "object": {'],
])('says so and lists again when a line %s: what it told is lost', async (_, bad) => {
  const { seen, trouble } = await play([list('7'), watched([line('ADDED', 'a', '8'), bad], 'close'), list('9', ['a', 'b'])], 3);
  expect(seen).toEqual(['LISTED ', 'ADDED a', 'LISTED a,b']);
  expect(trouble).toEqual([expect.objectContaining({ reason: 'Malformed', message: expect.stringContaining('watch is not JSON') })]);
});

it('watches anew when the connection has fallen silent', async () => {
  let turn = 0;
  const answers = [list('7'), watched([]), watched([line('ADDED', 'a', '8')])];
  const server = await localServer((request, response) => answers[turn++]?.(request, response));
  const client = createKubeClient(connectionTo(server.url), { clock, attempts: 1 });
  onTestFinished(() => client.close());
  const abort = new AbortController();
  const events = listWatch(client, { path, clock, signal: abort.signal });
  expect((await events.next()).value).toMatchObject({ type: 'LISTED' });
  const next = events.next();
  await server.received(2);
  clock.advance(150_000);
  expect(await turnHands(clock, next)).toMatchObject({ value: { type: 'ADDED' } });
  expect(server.requests.map(asked)).toEqual(['list', 'watch 7', 'watch 7']);
  abort.abort();
  expect(await events.next()).toMatchObject({ done: true });
});

it('lives through a storm of refusals, an expired token and a right that is taken away, with growing pauses', async () => {
  const storm = [status(429), status(503), status(500), status(401), status(403)];
  const { seen, asked: requests, trouble } = await play([...storm, list('7'), ...storm.slice(0, 3), watched([line('ADDED', 'a', '8')])], 2);
  expect(seen).toEqual(['LISTED ', 'ADDED a']);
  expect(trouble.map((error) => (error as KubeError).code)).toEqual([429, 503, 500, 401, 403]);
  expect(requests.slice(-4)).toEqual(Array(4).fill('watch 7'));
});

it('finds a server again that was restarted', async () => {
  const first = await localServer((request, response) =>
    (request.path.includes('watch') ? watched([]) : list('7', ['a']))(request, response),
  );
  const client = createKubeClient(connectionTo(first.url), { clock, attempts: 1 });
  onTestFinished(() => client.close());
  const abort = new AbortController();
  const trouble: unknown[] = [];
  const events = listWatch(client, { path, clock, signal: abort.signal, onTrouble: (error) => trouble.push(error) });
  expect(brief((await events.next()).value as ListWatchEvent)).toBe('LISTED a');
  const next = events.next();
  await first.received(2);
  await first.stop();
  // Nobody is there for a while; then somebody is, who no longer keeps the old version.
  let turn = 0;
  const answers = [status(410), list('40', ['b'])];
  setImmediate(() => void localServer((request, response) => answers[turn++]?.(request, response), undefined, first.port));
  expect(brief((await turnHands(clock, next)).value as ListWatchEvent)).toBe('LISTED b');
  expect(trouble).toEqual([]);
  abort.abort();
});

it('knows items of built-in kinds, which do not say what they are', async () => {
  const body = {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1' },
    items: [{ metadata: { name: 'p', resourceVersion: '1' } }],
  };
  const server = await localServer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
  );
  const client = createKubeClient(connectionTo(server.url), { clock });
  onTestFinished(() => client.close());
  const events = listWatch(client, { path: '/api/v1/pods', clock });
  expect(await events.next()).toMatchObject({ value: { items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }] } });
  await events.return(undefined);
});
