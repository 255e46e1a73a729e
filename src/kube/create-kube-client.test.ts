import { describe, expect, it, onTestFinished } from 'vitest';
import { hasOpenssl, newAuthority } from '../../test/support/certificates.ts';
import { connectionTo } from '../../test/support/kube-connection.ts';
import { type Answer, localServer, rawServer } from '../../test/support/local-server.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { turnHands } from '../../test/support/turn-hands.ts';
import type { KubeConnection } from './connection.ts';
import { createKubeClient, type KubeClientOptions } from './create-kube-client.ts';
import { bearer, renewableCredentials } from './credentials.ts';
import type { KubeClient, KubeRequest } from './kube-client.ts';

const clock = new ManualClock();

function clientFor(connection: KubeConnection, options: Partial<KubeClientOptions> = {}): KubeClient {
  const client = createKubeClient(connection, { clock, random: () => 1, ...options });
  onTestFinished(() => client.close());
  return client;
}

const json = (code: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  return (_, response) => response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** The answers in turn; the last one again and again. */
function inTurn(...answers: readonly Answer[]): Answer {
  let count = 0;
  return (request, response) => answers[Math.min(count++, answers.length - 1)]?.(request, response);
}

const cut: Answer = (_, response) => response.socket?.destroy();
const GET: KubeRequest = { method: 'GET', path: '/api/v1/namespaces/ci/pods/build' };
const POST: KubeRequest = { method: 'POST', path: '/api/v1/namespaces/ci/pods', body: { kind: 'Pod' } };

describe('a request', () => {
  it('goes out as JSON with who we are, in whose name, and comes back with its warnings', async () => {
    const server = await localServer(
      json(201, { kind: 'Pod' }, { warning: '299 - "field \\"x\\" is old", 299 - "unknown field, spec.y"' }),
    );
    const client = clientFor(connectionTo(server.url));
    const answer = await client.request({
      ...POST,
      query: { dryRun: 'All', none: undefined, labelSelector: 'a in (b,c)' },
      impersonate: 'system:serviceaccount:ci:bot',
    });
    expect(answer).toEqual({ status: 201, body: { kind: 'Pod' }, warnings: ['field "x" is old', 'unknown field, spec.y'] });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/ci/pods?dryRun=All&labelSelector=a+in+%28b%2Cc%29',
      body: '{"kind":"Pod"}',
      headers: {
        authorization: 'Bearer secret-token',
        'content-type': 'application/json',
        accept: 'application/json',
        'impersonate-user': 'system:serviceaccount:ci:bot',
      },
    });
  });

  it('shares few connections among many requests', async () => {
    const server = await localServer(json(200, {}));
    const client = clientFor(connectionTo(server.url));
    await Promise.all(Array.from({ length: 100 }, () => client.request(GET)));
    expect(server.connections).toBeLessThanOrEqual(8);
  });

  it('fails with the words of the Status, its causes, and without the token', async () => {
    const causes = [{ reason: 'FieldValueInvalid', field: 'spec.x', message: 'must be y' }];
    const server = await localServer(
      json(422, { kind: 'Status', reason: 'Invalid', message: 'pod "build" is invalid: spec.x: must be y', details: { causes } }),
    );
    const error = await clientFor(connectionTo(server.url))
      .request(POST)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: 'pod "build" is invalid: spec.x: must be y',
      causes: [{ field: 'spec.x', message: 'must be y' }],
    });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-token');
  });

  it('takes a refusal in other words, and one without any', async () => {
    const server = await localServer(inTurn((_, response) => response.writeHead(404).end('no route\n'), json(500, 1), cut));
    const client = clientFor(connectionTo(server.url), { attempts: 1 });
    await expect(client.request(GET)).rejects.toMatchObject({ code: 404, reason: 'NotFound', message: 'no route' });
    await expect(client.request(GET)).rejects.toMatchObject({ code: 500, reason: 'InternalError', message: '1' });
  });

  it.each([
    ['429 with Retry-After', json(429, {}, { 'retry-after': '3' }), 3_000],
    ['503 with Retry-After', json(503, {}, { 'retry-after': '1' }), 1_000],
    ['429 without', json(429, {}), 100],
  ])('%s is waited for, also by a write', async (_, refusal, waited) => {
    const server = await localServer(inTurn(refusal, json(201, { ok: true })));
    const before = clock.now();
    expect(await turnHands(clock, clientFor(connectionTo(server.url)).request(POST))).toMatchObject({ body: { ok: true } });
    expect(clock.now() - before).toBe(waited);
  });

  it('gives up when the server stays busy, and at once when it asks for too much patience', async () => {
    const server = await localServer(
      inTurn(
        ...Array.from({ length: 5 }, () => json(429, { kind: 'Status', message: 'slow down' })),
        json(429, {}, { 'retry-after': '3600' }),
      ),
    );
    const client = clientFor(connectionTo(server.url));
    await expect(turnHands(clock, client.request(POST))).rejects.toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: 'slow down',
    });
    expect(server.requests).toHaveLength(5);
    await expect(client.request(POST)).rejects.toMatchObject({ code: 429 });
    expect(server.requests).toHaveLength(6);
  });

  it.each([
    ['is cut before the answer', cut],
    [
      'is cut in the middle of it',
      ((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"half": ', () => response.socket?.destroy());
      }) satisfies Answer,
    ],
    ['ends in 503', json(503, {})],
  ])('a GET that %s is asked again, with growing pauses', async (_, bad) => {
    const server = await localServer(inTurn(bad, bad, json(200, { ok: true })));
    const before = clock.now();
    expect(await turnHands(clock, clientFor(connectionTo(server.url)).request(GET))).toMatchObject({ body: { ok: true } });
    expect(clock.now() - before).toBe(300);
  });

  it('a write that is cut is not sent twice: it may have arrived', async () => {
    const server = await localServer(cut);
    await expect(clientFor(connectionTo(server.url)).request(POST)).rejects.toMatchObject({ code: 0, reason: 'Unreachable' });
    expect(server.requests).toHaveLength(1);
  });

  it('a write that meets nobody is sent again when somebody is there', async () => {
    const gone = await localServer(cut);
    await gone.stop();
    const error = await turnHands(clock, clientFor(connectionTo(gone.url)).request(POST)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      reason: 'Unreachable',
      message: `cannot reach the API server at ${gone.url}: connect ECONNREFUSED 127.0.0.1:${gone.port}`,
    });
  });

  it('an answer that is no JSON is an error that says so', async () => {
    const server = await localServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a": tru'));
    await expect(clientFor(connectionTo(server.url)).request(GET)).rejects.toMatchObject({ reason: 'Malformed' });
  });

  it('a head that never comes is given up for a GET to be tried again', async () => {
    const server = await localServer(inTurn(() => undefined, json(200, { ok: true })));
    const pending = clientFor(connectionTo(server.url)).request(GET);
    await server.received(1);
    clock.advance(70_000);
    expect(await turnHands(clock, pending)).toMatchObject({ body: { ok: true } });
  });

  it('ends with its signal, wherever it waits', async () => {
    const server = await localServer(inTurn(() => undefined));
    const client = clientFor(connectionTo(server.url), { qps: 1, burst: 1 });
    const abort = new AbortController();
    const asked = client.request({ ...GET, signal: abort.signal });
    const waiting = client.request({ ...GET, signal: abort.signal });
    await server.received(1);
    abort.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.requests).toHaveLength(1);
  });

  it('after 401 credentials are fetched once, however many were refused', async () => {
    let fetched = 0;
    const credentials = renewableCredentials(async () => ({ credentials: bearer(`token-${++fetched}`) }));
    const server = await localServer((request, response) =>
      json(request.headers.authorization === 'Bearer token-2' ? 200 : 401, {})(request, response),
    );
    const client = clientFor({ server: server.url, credentials });
    await Promise.all(Array.from({ length: 5 }, () => client.request(POST)));
    expect(fetched).toBe(2);
    const strict = await localServer(json(401, { kind: 'Status', message: 'Unauthorized' }));
    await expect(clientFor({ server: strict.url, credentials }).request(GET)).rejects.toMatchObject({ code: 401, reason: 'Unauthorized' });
    expect(strict.requests).toHaveLength(2);
  });

  it('keeps to its rate, after a burst', async () => {
    const server = await localServer(json(200, {}));
    const client = clientFor(connectionTo(server.url), { qps: 10, burst: 5 });
    const before = clock.now();
    await turnHands(clock, Promise.all(Array.from({ length: 25 }, () => client.request(GET))));
    expect(clock.now() - before).toBe(2_000);
  });

  it.skipIf(!hasOpenssl)('trusts the authority it was given and no other, under the name it was given', async () => {
    const authority = newAuthority();
    const server = await localServer(json(200, { ok: true }), authority.issue(['DNS:kubernetes.default']));
    const known = { ...connectionTo(server.url), authority: authority.certificate, serverName: 'kubernetes.default' };
    expect(await clientFor(known).request(GET)).toMatchObject({ body: { ok: true } });
    expect(await clientFor({ ...connectionTo(server.url), insecure: true }).request(GET)).toMatchObject({ body: { ok: true } });
    for (const wrong of [{ authority: newAuthority().certificate, serverName: 'kubernetes.default' }, { authority: authority.certificate }])
      await expect(clientFor({ ...connectionTo(server.url), ...wrong }).request(POST)).rejects.toMatchObject({
        reason: 'Untrusted',
        message: expect.stringContaining('check certificate-authority and tls-server-name'),
      });
  });
});

describe('a stream', () => {
  const text = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
    const all: Uint8Array[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return Buffer.concat(all).toString();
  };

  it('gives the body as it comes, to its end', async () => {
    const server = await localServer((_, response) => response.writeHead(200).end('one\ntwo\n'));
    expect(await text(clientFor(connectionTo(server.url)).stream({ path: '/log' }))).toBe('one\ntwo\n');
  });

  it('rejects when it breaks off, when it is refused, and ends when it is aborted', async () => {
    const server = await localServer(
      inTurn(
        (_, response) => {
          response.writeHead(200);
          response.write('half', () => response.socket?.destroy());
        },
        json(403, { kind: 'Status', reason: 'Forbidden', message: 'no' }),
        (_, response) => void response.writeHead(200).write('begun'),
      ),
    );
    const client = clientFor(connectionTo(server.url));
    await expect(text(client.stream({ path: '/log' }))).rejects.toMatchObject({ code: 0, reason: 'Unreachable' });
    await expect(text(client.stream({ path: '/log' }))).rejects.toMatchObject({ code: 403, message: 'no' });
    const abort = new AbortController();
    const seen: string[] = [];
    for await (const chunk of client.stream({ path: '/log', signal: abort.signal })) {
      seen.push(Buffer.from(chunk).toString());
      abort.abort();
    }
    expect(seen).toEqual(['begun']);
  });

  it('leaves the connections of requests alone, and ends with the client', async () => {
    const server = await localServer((request, response) => {
      if (request.path === '/watch') response.writeHead(200).write('x');
      else json(200, {})(request, response);
    });
    const client = clientFor(connectionTo(server.url));
    const streams = Array.from({ length: 20 }, () => client.stream({ path: '/watch' })[Symbol.asyncIterator]());
    await Promise.all(streams.map((stream) => stream.next()));
    await client.request(GET);
    const rest = Promise.allSettled(streams.map((stream) => stream.next()));
    client.close();
    expect((await rest).map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
  });
});

it('speaks to what is no HTTP server with an error', async () => {
  const server = await rawServer((socket) => socket.end('220 smtp\r\n'));
  await expect(clientFor(connectionTo(server.url)).request(POST)).rejects.toMatchObject({ reason: 'Unreachable' });
});
