import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Acceptance, Arrival } from '../../src/events/arrival.ts';
import type { KubeObject, Stored } from '../../src/resources/object.ts';
import { Ingress, type IngressOptions } from '../../src/server/ingress.ts';
import { ListenError, type Listening, type ListenOptions, listen } from '../../src/server/listen.ts';
import { BodyBudget } from '../../src/server/read-body.ts';

/** The HTTP side of the ingress alone: real sockets, and an intake that answers what the test says. */

const listener: Stored<KubeObject> = {
  apiVersion: 'triggers.tekton.dev/v1beta1',
  kind: 'EventListener',
  metadata: { name: 'el', namespace: 'foo', uid: 'el-uid', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
};
const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const uncounted = { received() {}, judged() {}, created() {}, repeated() {}, rejected() {}, forgotten() {} };

const opened: Listening[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(opened.splice(0).map((server) => server.close(0)));
});

interface Server {
  readonly port: number;
  readonly ingress: Ingress;
  readonly budget: BodyBudget;
  readonly arrivals: Arrival[];
}

async function serve(
  options: Partial<Omit<IngressOptions, 'intake'>> & {
    accept?: (arrival: Arrival) => Promise<Acceptance>;
    listening?: Partial<ListenOptions>;
  } = {},
): Promise<Server> {
  const arrivals: Arrival[] = [];
  const budget = options.budget ?? new BodyBudget(64 * 1024 * 1024);
  const ingress = new Ingress({
    clock: { now: () => 1_000, at: () => () => {} },
    logger: silent,
    meter: uncounted,
    ...options,
    budget,
    intake: {
      find: (key) => (key === 'foo/el' ? listener : undefined),
      sole: () => listener,
      accept: (_listener, arrival) => {
        arrivals.push(arrival);
        return options.accept?.(arrival) ?? Promise.resolve({ outcome: 'accepted', eventId: '12345', duplicate: false });
      },
    },
  });
  const server = await listen({
    handler: ingress.handle,
    continueHandler: ingress.handle,
    host: '127.0.0.1',
    port: 0,
    name: 'ingress',
    portOption: '--port',
    ...options.listening,
  });
  opened.push(server);
  return { port: server.port, ingress, budget, arrivals };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function send(
  port: number,
  path: string,
  options: { method?: string; body?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method: options.method ?? 'POST', headers: options.headers ?? {}, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

function dial(port: number): { socket: Socket; text: () => string; until: (pattern: RegExp) => Promise<string>; closed: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk.toString();
  });
  const until = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => pattern.test(received) && resolve(received);
      socket.on('data', look);
      socket.on('close', () => (pattern.test(received) ? resolve(received) : reject(new Error(`closed after: ${received}`))));
      look();
    });
  return { socket, text: () => received, until, closed };
}

const message = (answer: Answer) => (JSON.parse(answer.body) as { errorMessage: string }).errorMessage;

describe('accepting', () => {
  it('answers 202 in upstream words and hands over the raw request', async () => {
    const { port, arrivals, budget } = await serve({ eventUrl: (id) => `http://127.0.0.1:9/events/${id}` });
    const answer = await send(port, '/foo/el/deep?x=1', {
      body: '{"a":1}',
      headers: { 'x-github-event': 'push', 'content-type': 'text/plain' },
    });
    expect(answer.status).toBe(202);
    expect(answer.body).toBe('{"eventListener":"el","namespace":"foo","eventListenerUID":"el-uid","eventID":"12345"}\n');
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers.link).toBe('<http://127.0.0.1:9/events/12345>; rel="monitor"');
    expect(arrivals.map(({ method, url, body, receivedAt }) => ({ method, url, body: body.toString(), receivedAt }))).toEqual([
      { method: 'POST', url: '/foo/el/deep?x=1', body: '{"a":1}', receivedAt: 1_000 },
    ]);
    expect({ ...arrivals[0]?.headers }).toEqual({
      'X-Github-Event': ['push'],
      'Content-Type': ['text/plain'],
      Connection: ['close'],
      'Content-Length': ['7'],
    });
    expect(budget.used).toBe(0);
  });

  it('answers a CloudEvent with a CloudEvent', async () => {
    const { port } = await serve();
    const answer = await send(port, '/', { body: '{}', headers: { 'content-type': 'application/cloudevents+json' } });
    expect(answer.body).toBe('{"eventListener":"el","namespace":"foo","eventListenerUID":"el-uid","eventID":"12345"}');
    expect(answer.headers).toMatchObject({
      'ce-id': '12345',
      'ce-source': 'el',
      'ce-specversion': '1.0',
      'ce-subject': 'foo.el accepted 12345',
    });
  });

  it('answers as the intake says, and tells where the event is if one was kept', async () => {
    const answers: Acceptance[] = [
      { outcome: 'answered', status: 200, contentType: 'text/plain; charset=utf-8', body: 'grüße', eventId: '12345' },
      { outcome: 'answered', status: 200, contentType: 'text/plain; charset=utf-8', body: '' },
    ];
    const { port } = await serve({
      accept: () => Promise.resolve(answers.shift() as Acceptance),
      eventUrl: (id) => `http://127.0.0.1:9/events/${id}`,
    });
    const first = await send(port, '/foo/el', { body: '{}' });
    expect(first).toMatchObject({ status: 200, body: 'grüße' });
    expect(first.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '7',
      link: '<http://127.0.0.1:9/events/12345>; rel="monitor"',
    });
    const second = await send(port, '/foo/el', { body: '{}' });
    expect(second).toMatchObject({ status: 200, body: '' });
    expect(second.headers).not.toHaveProperty('link');
  });

  it.each([
    ['UTF-8', Buffer.from('grüße 🦊'), 'grüße 🦊'],
    ['other bytes', Buffer.from([0x67, 0xfc, 0xdf]), 'güß'],
  ])('reads header values as %s', async (_, bytes, expected) => {
    const { port, arrivals } = await serve();
    const { socket, until } = dial(port);
    socket.write(Buffer.concat([Buffer.from('POST /foo/el HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX-Text: '), bytes]));
    socket.write('\r\n\r\n{}');
    await until(/202 Accepted/);
    expect(arrivals[0]?.headers['X-Text']).toEqual([expected]);
  });

  it('serves the default listener under any path that names no other', async () => {
    const { port } = await serve({ defaultListener: 'foo/el' });
    expect((await send(port, '/any/where', { body: '{}' })).status).toBe(202);
  });

  it('is live', async () => {
    const { port } = await serve();
    expect(await send(port, '/live', { method: 'GET' })).toMatchObject({
      status: 200,
      body: 'ok',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  });
});

describe('refusing', () => {
  it('404: unknown listener, with the known form', async () => {
    const { port } = await serve();
    const answer = await send(port, '/foo/other', { body: '{}' });
    expect(answer.status).toBe(404);
    expect(message(answer)).toBe('no EventListener at "/foo/other"; POST to /<namespace>/<listener>');
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s with a body makes an event as POST does, as upstream has it', async (method) => {
    const { port, arrivals } = await serve();
    expect((await send(port, '/foo/el', { method, body: '{}', headers: { 'content-length': '2' } })).status).toBe(202);
    expect(arrivals.map((arrival) => arrival.method)).toEqual([method]);
  });

  it.each([
    [400, { outcome: 'malformed', message: 'm' }],
    [401, { outcome: 'unauthentic', message: 'm' }],
    [403, { outcome: 'unsigned', message: 'm' }],
    [503, { outcome: 'busy', message: 'm', retryAfterSeconds: 7 }],
  ] as const)('%i', async (status, acceptance) => {
    const { port } = await serve({ accept: () => Promise.resolve(acceptance) });
    const answer = await send(port, '/foo/el', { body: '{}' });
    expect(answer.status).toBe(status);
    expect(answer.body).toBe('{"eventListener":"el","namespace":"foo","eventListenerUID":"","errorMessage":"m"}\n');
    expect(answer.headers['retry-after']).toBe(status === 503 ? '7' : undefined);
  });

  it('500: something is broken; the next request is served', async () => {
    let broken = true;
    const { port, budget } = await serve({
      accept: () => {
        if (!broken) return Promise.resolve({ outcome: 'accepted', eventId: '1', duplicate: false });
        broken = false;
        return Promise.reject(new Error('disk on fire'));
      },
    });
    const answer = await send(port, '/foo/el', { body: '{}' });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('fire');
    expect((await send(port, '/foo/el', { body: '{}' })).status).toBe(202);
    expect(budget.used).toBe(0);
  });

  it('503: no answer in time', async () => {
    const { port } = await serve({ accept: () => new Promise(() => {}), limits: { answerWithinMs: 20 } });
    const answer = await send(port, '/foo/el', { body: '{}' });
    expect(answer.status).toBe(503);
    expect(message(answer)).toBe('not stored in time; send it again');
  });

  it('503: draining', async () => {
    const { port, ingress } = await serve();
    ingress.drain();
    const answer = await send(port, '/foo/el', { body: '{}' });
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({ connection: 'close', 'retry-after': '5' });
  });

  it('431: too many headers', async () => {
    const { port } = await serve();
    const headers = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`x-${index}`, '1']));
    expect((await send(port, '/foo/el', { body: '{}', headers })).status).toBe(431);
  });

  it('431: too many bytes of headers', async () => {
    const { port } = await serve();
    expect((await send(port, '/foo/el', { body: '{}', headers: { 'x-big': 'x'.repeat(40_000) } })).status).toBe(431);
  });
});

describe('too large', () => {
  it('413 for an announced size, before a byte of it is read', async () => {
    const { port, budget, arrivals } = await serve();
    const { socket, until, closed } = dial(port);
    socket.write('POST /foo/el HTTP/1.1\r\nHost: x\r\nContent-Length: 10737418240\r\n\r\n');
    const text = await until(/\n$/);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('body too large: at most 10485760 bytes, got 10737418240 bytes');
    expect(budget.used).toBe(0);
    socket.write('x'.repeat(512 * 1024));
    await closed;
    expect(arrivals).toEqual([]);
  });

  it('413 instead of 100 Continue', async () => {
    const { port } = await serve();
    const { socket, until, closed } = dial(port);
    socket.write('POST /foo/el HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n');
    expect(await until(/\}\n$/)).toMatch(/^HTTP\/1\.1 413 /);
    await closed;
  });

  it('100 Continue for what will be read', async () => {
    const { port, arrivals } = await serve();
    const { socket, until } = dial(port);
    socket.write('POST /foo/el HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n');
    await until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    socket.write('{}');
    await until(/202 Accepted/);
    expect(arrivals).toHaveLength(1);
  });

  it('413 for a chunked flood, holding no more than the cap', async () => {
    let held = 0;
    class Watched extends BodyBudget {
      override take(bytes: number): boolean {
        const taken = super.take(bytes);
        held = Math.max(held, this.used);
        return taken;
      }
    }
    const { port, budget, arrivals } = await serve({ budget: new Watched(64 * 1024 * 1024), limits: { maxBodyBytes: 256 * 1024 } });
    const { socket, until, closed } = dial(port);
    socket.write('POST /foo/el HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let sent = 0;
    const flood = (): void => {
      while (!socket.destroyed && sent < 200 && socket.write(chunk)) sent++;
      sent++;
      if (!socket.destroyed && sent < 200) socket.once('drain', flood);
    };
    flood();
    expect(await until(/413/)).toContain('got more');
    await closed;
    expect(held).toBeLessThanOrEqual(256 * 1024);
    expect(budget.used).toBe(0);
    expect(arrivals).toEqual([]);
  });

  it('503 when all bodies together take too much', async () => {
    const { port } = await serve({ budget: new BodyBudget(1_000) });
    expect((await send(port, '/foo/el', { body: 'x'.repeat(2_000), headers: { 'content-length': '2000' } })).status).toBe(503);
    expect((await send(port, '/foo/el', { body: '{}' })).status).toBe(202);
  });
});

describe('slow senders', () => {
  it('408 when the headers do not come', async () => {
    const { port } = await serve({ listening: { headersTimeoutMs: 60 } });
    const { socket, until, closed } = dial(port);
    socket.write('POST /foo/el HTTP/1.1\r\nHost: x\r\n');
    expect(await until(/408/)).toContain('Connection: close');
    await closed;
  });

  it('cut off when the body does not come; its memory is given back', async () => {
    const { port, budget, arrivals } = await serve({ listening: { headersTimeoutMs: 60, requestTimeoutMs: 90 } });
    const { socket, until, closed } = dial(port);
    socket.write('POST /foo/el HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"a":');
    expect(await until(/408/)).toContain('Connection: close');
    await closed;
    expect(budget.used).toBe(0);
    expect(arrivals).toEqual([]);
  });

  it('a sender that goes away leaves nothing behind', async () => {
    const { port, budget, arrivals } = await serve();
    const { socket, closed } = dial(port);
    socket.write('POST /foo/el HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"a":');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.end();
    await closed;
    expect(budget.used).toBe(0);
    expect(arrivals).toEqual([]);
  });
});

describe('listen', () => {
  it('says which port is taken and what to do', async () => {
    const { port } = await serve();
    const taken = listen({ handler: () => {}, host: '127.0.0.1', port, name: 'ingress', portOption: '--port' });
    await expect(taken).rejects.toThrow(
      new ListenError(
        'EADDRINUSE',
        `ingress: cannot listen on 127.0.0.1:${port}: another process has this port; stop it, or choose another with --port (0 takes a free one)`,
      ),
    );
  });

  it('says which address is not this machine', async () => {
    const away = listen({ handler: () => {}, host: '192.0.2.1', port: 0, name: 'api', portOption: '--api-port' });
    await expect(away).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('finishes what is under way before it closes', async () => {
    let answer: (acceptance: Acceptance) => void = () => {};
    let arrived: () => void = () => {};
    const underWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { port } = await serve({
      accept: () =>
        new Promise((resolve) => {
          answer = resolve;
          arrived();
        }),
    });
    const sent = send(port, '/foo/el', { body: '{}' });
    await underWay;
    const closed = opened[0]?.close(60_000);
    answer({ outcome: 'accepted', eventId: '1', duplicate: false });
    expect((await sent).status).toBe(202);
    await closed;
    await expect(send(port, '/live', { method: 'GET' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
