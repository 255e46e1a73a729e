import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localServer, rawServer } from '../../test/support/local-server.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Http } from '../ports/http.ts';
import type { HttpRequest } from '../triggers/http-exchange.ts';
import { parseAllowRule } from './allow-rule.ts';
import { createHttp } from './create-http.ts';
import type { ResolveName } from './resolve-name.ts';

/** What the contract cannot see: connections that are kept, names that are remembered, the environment that is not looked at. */

function client({
  allow = ['127.0.0.1'],
  clock = new ManualClock(),
  resolve,
}: {
  allow?: string[];
  clock?: ManualClock;
  resolve?: ResolveName;
} = {}): Http {
  const rules = allow.map((text) => parseAllowRule(text)!);
  const http = createHttp({ outbound: { allow: rules, allowPrivate: false }, clock, resolve });
  onTestFinished(() => http.close());
  return http;
}

const at = (address: string): LookupAddress[] => [{ address, family: 4 }];
const get = (url: string, rest: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'GET', url, ...rest });

describe('connections', () => {
  it('are kept for the next request, whatever its method', async () => {
    const server = await localServer((_, response) => response.end('x'.repeat(100_000)));
    const http = client();
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const)
      expect(await http.send({ method, url: server.url, body: method === 'GET' ? undefined : 'body' })).toMatchObject({ ok: true });
    expect(server.connections).toBe(1);
  });

  it('are as many as requests at once', async () => {
    const held: (() => void)[] = [];
    const server = await localServer((_, response) => held.push(() => response.end()));
    const http = client();
    const results = Promise.all([http.send(get(server.url)), http.send(get(server.url))]);
    await server.received(2);
    for (const release of held) release();
    expect(await results).toMatchObject([{ ok: true }, { ok: true }]);
    expect(server.connections).toBe(2);
  });

  it('are 64 at most to one server; what is more waits its turn, and no longer than it would', async () => {
    const held: (() => void)[] = [];
    const server = await localServer((_, response) => held.push(() => response.end()));
    const clock = new ManualClock();
    const http = client({ clock });
    const results = Promise.all(Array.from({ length: 70 }, () => http.send(get(server.url))));
    await server.received(64);
    held.shift()?.();
    await server.received(65);
    expect(server.connections).toBe(64);
    clock.advance(10_000);
    expect((await results).map((result) => (result.ok ? 'ok' : result.code)).toSorted()).toEqual([...Array(69).fill('Timeout'), 'ok']);
    await expect.poll(() => server.open).toBe(0);
    const after = http.send(get(server.url));
    await server.received(66);
    held.at(-1)?.();
    expect(await after).toMatchObject({ ok: true });
  });

  it('that are kept do not spare a name its check', async () => {
    const server = await localServer((_, response) => response.end());
    const clock = new ManualClock();
    let address = '127.0.0.1';
    const http = client({ clock, resolve: async () => at(address) });
    const request = get(`http://moving.test:${server.port}/`);
    expect(await http.send(request)).toMatchObject({ ok: true });
    address = '10.0.0.1';
    clock.advance(60_000);
    expect(await http.send(request)).toMatchObject({ ok: false, code: 'Refused' });
    expect(server.requests).toHaveLength(1);
    expect(server.open).toBe(1);
  });

  it('that are kept are not lent to a request that may go elsewhere only', async () => {
    // The name moves from one allowed address to another: by name alone, the kept connection to the first would serve.
    const server = await localServer((_, response) => response.end());
    const clock = new ManualClock();
    let address = '127.0.0.1';
    const http = client({ allow: ['127.0.0.0/8'], clock, resolve: async () => at(address) });
    const request = get(`http://moving.test:${server.port}/`);
    expect(await http.send(request)).toMatchObject({ ok: true });
    address = '127.0.0.2';
    clock.advance(60_000);
    expect(await http.send(request)).toMatchObject({ ok: false, code: 'Unreachable' });
    expect(server.requests).toHaveLength(1);
  });

  it('that break in the middle of an answer, or give too large a one, are not used again', async () => {
    const server = await localServer(({ path }, response) => response.end(path === '/large' ? 'xx' : 'x'));
    const http = client();
    expect(await http.send(get(`${server.url}/large`, { maxResponseBytes: 1 }))).toMatchObject({ ok: false, code: 'TooLarge' });
    expect(await http.send(get(`${server.url}/small`, { maxResponseBytes: 1 }))).toMatchObject({ ok: true });
    expect(server.connections).toBe(2);
  });

  describe('that the server closes as we write', () => {
    /** Answers the first request of its first connection and hangs up at the second one. */
    function closing(): Promise<{ readonly url: string; readonly connections: number; readonly heard: string[] }> {
      const heard: string[] = [];
      let connections = 0;
      return rawServer((socket: Socket) => {
        const first = connections++ === 0;
        let requests = 0;
        socket.on('data', (chunk) => {
          heard.push(String(chunk).split(' ', 1)[0] ?? '');
          if (first && requests++ > 0) socket.resetAndDestroy();
          else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        });
      }).then((server) => Object.assign(server, { heard }));
    }

    it.each(['GET', 'PUT', 'DELETE'] as const)('have %s sent again, on a new one', async (method) => {
      const server = await closing();
      const http = client();
      expect(await http.send(get(server.url))).toMatchObject({ ok: true });
      expect(await http.send({ method, url: server.url })).toMatchObject({ ok: true });
      expect(server.heard).toEqual(['GET', method, method]);
    });

    it.each(['POST', 'PATCH'] as const)('do not have %s sent again: it may have been done', async (method) => {
      const server = await closing();
      const http = client();
      expect(await http.send(get(server.url))).toMatchObject({ ok: true });
      expect(await http.send({ method, url: server.url, body: 'x' })).toMatchObject({ ok: false, code: 'Unreachable' });
      expect(server.heard).toEqual(['GET', method]);
    });

    it('have nothing sent again that was new', async () => {
      const server = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
      expect(await client().send(get(server.url))).toMatchObject({ ok: false, code: 'Unreachable' });
      expect(server.connections).toBe(1);
    });
  });

  it('end when the client is closed: the idle at once, the busy with their answer', async () => {
    const held: (() => void)[] = [];
    const server = await localServer(({ path }, response) => (path === '/held' ? held.push(() => response.end()) : response.end()));
    const http = client();
    const busy = http.send(get(`${server.url}/held`));
    await server.received(1);
    expect(await http.send(get(server.url))).toMatchObject({ ok: true });
    expect(server.open).toBe(2);
    await http.close();
    await http.close();
    await expect.poll(() => server.open).toBe(1);
    for (const release of held) release();
    expect(await busy).toMatchObject({ ok: true });
    await expect.poll(() => server.open).toBe(0);
    // A latecomer is served and leaves nothing behind.
    expect(await http.send(get(server.url))).toMatchObject({ ok: true });
    await expect.poll(() => server.open).toBe(0);
  });
});

describe('names', () => {
  it('are asked for once by many at the same time, and again after five seconds', async () => {
    const server = await localServer((_, response) => response.end());
    const clock = new ManualClock();
    const asked: string[] = [];
    const resolve: ResolveName = async (name) => {
      asked.push(name);
      return at('127.0.0.1');
    };
    const http = client({ clock, resolve });
    const request = get(`http://a.test:${server.port}/`);
    await Promise.all([http.send(request), http.send(request), http.send(request)]);
    clock.advance(4_999);
    await http.send(request);
    expect(asked).toEqual(['a.test']);
    clock.advance(1);
    await http.send(request);
    expect(asked).toEqual(['a.test', 'a.test']);
  });

  it('that could not be resolved are asked for again', async () => {
    let asked = 0;
    const http = client({
      resolve: async () => {
        asked++;
        throw Object.assign(new Error('getaddrinfo EAI_AGAIN a.test'), { code: 'EAI_AGAIN' });
      },
    });
    for (let round = 0; round < 2; round++)
      expect(await http.send(get('http://a.test/'))).toEqual({
        ok: false,
        code: 'Unreachable',
        message: 'cannot reach http://a.test/: a.test cannot be resolved (EAI_AGAIN)',
      });
    expect(asked).toBe(2);
  });

  it('are resolved by the system: localhost is loopback', async () => {
    const server = await localServer((_, response) => response.end());
    const request = get(`http://localhost:${server.port}/`);
    expect(await client({ allow: [] }).send(request)).toMatchObject({
      ok: false,
      code: 'Refused',
      message: expect.stringContaining('loopback'),
    });
    expect(await client({ allow: [`localhost:${server.port}`] }).send(request)).toMatchObject({ ok: true });
  });
});

describe('the environment', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy', 'NODE_USE_ENV_PROXY'])('says nothing by %s', async (variable) => {
    const proxy = await localServer((_, response) => response.end('proxy'));
    const server = await localServer((_, response) => response.end('server'));
    const before = process.env[variable];
    onTestFinished(() => {
      if (before === undefined) delete process.env[variable];
      else process.env[variable] = before;
    });
    process.env[variable] = variable === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url;
    const result = await client().send(get(server.url));
    expect(result.ok && new TextDecoder().decode(result.response.body)).toBe('server');
    expect(proxy.connections).toBe(0);
  });
});
