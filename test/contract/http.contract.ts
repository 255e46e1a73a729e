import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import type { Http } from '../../src/ports/http.ts';
import type { HttpRequest, HttpResponse, HttpResult } from '../../src/triggers/http-exchange.ts';
import { localServer, rawServer } from '../support/local-server.ts';
import { ManualClock } from '../support/manual-clock.ts';

export interface HttpFacts {
  readonly clock: Clock;
  /** As in the setting `outbound.allow`. */
  readonly allow: readonly string[];
  /** Addresses by name, asked for when they are needed; `undefined`: no such name. */
  readonly names: Readonly<Record<string, () => readonly string[] | undefined | Promise<never>>>;
}

export interface HttpUnderTest {
  open(facts: HttpFacts): Http;
}

/** A client that may call loopback, unless told otherwise, and is closed when the test ends. */
export function opened(subject: HttpUnderTest, facts: Partial<HttpFacts> = {}): Http {
  const http = subject.open({ clock: new ManualClock(), allow: ['127.0.0.1'], names: {}, ...facts });
  onTestFinished(() => http.close());
  return http;
}

export function answerOf(result: HttpResult): HttpResponse {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.response;
}

export function text({ body }: HttpResponse): string {
  return new TextDecoder().decode(body);
}

const MIB = 1024 * 1024;

/** One exchange with a server that is called: what is sent, what comes back, and what servers may do to us. */
export function httpContract(name: string, subject: HttpUnderTest): void {
  describe(`http contract: ${name}: requests`, () => {
    it('sends method, path, headers and body as given, and says how long the body is', async () => {
      const server = await localServer((_, response) => response.end());
      const headers = { 'X-One': 'a', 'X-Many': ['b', 'c'], 'Content-Type': 'application/json' };
      const body = '{"ä":1}';
      answerOf(await opened(subject).send({ method: 'POST', url: `${server.url}/a%20b/c?d=e&f#g`, headers, body }));
      expect(server.requests).toMatchObject([{ method: 'POST', path: '/a%20b/c?d=e&f', body }]);
      expect(server.requests[0]?.headers).toMatchObject({
        host: `127.0.0.1:${server.port}`,
        'x-one': 'a',
        'x-many': 'b, c',
        'content-type': 'application/json',
        'content-length': '8',
      });
    });

    it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)('sends %s without a body', async (method) => {
      const server = await localServer((_, response) => response.end());
      answerOf(await opened(subject).send({ method, url: server.url }));
      expect(server.requests).toMatchObject([{ method, path: '/', body: '' }]);
      expect(server.requests[0]?.headers['content-length']).toBe(['GET', 'DELETE'].includes(method) ? undefined : '0');
    });

    it('keeps what belongs to the connection to itself, whatever is passed on from a webhook', async () => {
      const server = await localServer((_, response) => response.end());
      const headers = {
        Host: 'elsewhere.test',
        'Content-Length': '1',
        'Transfer-Encoding': 'chunked',
        Connection: 'close, X-Kept',
        Upgrade: 'h2c',
        Expect: '100-continue',
        'Proxy-Authorization': 'Basic x',
        'Accept-Encoding': 'zstd',
        'X-Kept': 'yes',
      };
      answerOf(await opened(subject).send({ method: 'POST', url: server.url, headers, body: 'four' }));
      const [received] = server.requests;
      expect(received?.body).toBe('four');
      expect(received?.headers).toMatchObject({ host: `127.0.0.1:${server.port}`, 'content-length': '4', 'x-kept': 'yes' });
      for (const gone of ['transfer-encoding', 'upgrade', 'expect', 'proxy-authorization'])
        expect(received?.headers).not.toHaveProperty(gone);
      expect(received?.headers['accept-encoding']).not.toContain('zstd');
    });

    it.each<[string, Partial<HttpRequest>, RegExp]>([
      ['a line break in a value', { headers: { 'X-A': 'b\r\nX-Smuggled: c' } }, /header X-A has characters/],
      ['a line break in one of several values', { headers: { 'X-A': ['b', 'c\nd'] } }, /header X-A has characters/],
      ['a line break in a name', { headers: { 'X-A\r\nX-Smuggled': 'b' } }, /header name "X-A\\r\\nX-Smuggled"/],
      ['an empty name', { headers: { '': 'b' } }, /header name ""/],
      ['a method that is none', { method: 'GET / HTTP/1.1\r\nX: y\r\n\r\nPOST' as 'GET' }, /expected one of GET, POST/],
      ['a method we do not send', { method: 'CONNECT' as 'GET' }, /expected one of GET, POST/],
    ])('does not send %s', async (_, part, message) => {
      const server = await localServer((_request, response) => response.end());
      const result = await opened(subject).send({ method: 'GET', url: `${server.url}/?q=secret`, ...part });
      expect(result).toMatchObject({ ok: false, code: 'Malformed', message: expect.stringMatching(message) });
      expect(JSON.stringify(result)).not.toContain('secret');
      expect(server.requests).toEqual([]);
    });

    it('is not misled by headers called like parts of an object', async () => {
      const server = await localServer((_, response) => response.end());
      const headers = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": "c"}');
      answerOf(await opened(subject).send({ method: 'GET', url: server.url, headers }));
      expect(Object.keys(server.requests[0]?.headers ?? {})).toEqual(expect.arrayContaining(['constructor', 'tostring']));
    });
  });

  describe(`http contract: ${name}: answers`, () => {
    it('gives status, reason, every header under its canonical name, the body and where it came from', async () => {
      const server = await localServer((_, response) => {
        response.writeHead(418, 'Short and stout', ['x-many', 'a', 'X-MANY', 'b', 'content-type', 'text/plain']);
        response.end(Buffer.from([0, 255, 10]));
      });
      const response = answerOf(await opened(subject).send({ method: 'GET', url: `${server.url}/a?b#c` }));
      expect(response).toMatchObject({ status: 418, statusText: 'Short and stout', url: `${server.url}/a?b` });
      expect(response.headers).toMatchObject({ 'X-Many': ['a', 'b'], 'Content-Type': ['text/plain'] });
      expect([...response.body]).toEqual([0, 255, 10]);
      expect(Object.getPrototypeOf(response.headers)).toBeNull();
    });

    it.each([
      ['gzip', gzipSync('plain text')],
      ['x-gzip', gzipSync('plain text')],
      ['deflate', deflateSync('plain text')],
      ['br', brotliCompressSync('plain text')],
      ['identity', Buffer.from('plain text')],
      ['GZIP', Buffer.concat([gzipSync('plain '), gzipSync('text')])],
    ])('decompresses %s', async (encoding, body) => {
      const server = await localServer((_, response) => {
        response.writeHead(200, { 'Content-Encoding': encoding, 'Content-Length': body.byteLength }).end(body);
      });
      const response = answerOf(await opened(subject).send({ method: 'GET', url: server.url }));
      expect(text(response)).toBe('plain text');
      if (encoding === 'identity') return;
      expect(response.headers).not.toHaveProperty('Content-Encoding');
      expect(response.headers).not.toHaveProperty('Content-Length');
    });

    it.each([204, 200])('takes an empty body for one, whatever its encoding is said to be (%i)', async (status) => {
      const server = await localServer((_, response) => response.writeHead(status, { 'Content-Encoding': 'gzip' }).end());
      expect(answerOf(await opened(subject).send({ method: 'GET', url: server.url }))).toMatchObject({ status, body: new Uint8Array() });
    });

    it.each([
      ['what is said to be gzip and is not', 'gzip', Buffer.from('plain text'), /cannot be decompressed/],
      ['half of a gzip', 'gzip', gzipSync('plain text').subarray(0, 14), /cannot be decompressed/],
      ['what is said to be brotli and is not', 'br', Buffer.alloc(64, 255), /cannot be decompressed/],
      ['an encoding we did not ask for', 'zstd', Buffer.from('x'), /encoded as "zstd"/],
      ['several encodings', 'gzip, gzip', gzipSync(gzipSync('x')), /encoded as "gzip, gzip"/],
    ])('refuses %s', async (_, encoding, body, message) => {
      const server = await localServer((_request, response) => response.writeHead(200, { 'Content-Encoding': encoding }).end(body));
      const result = await opened(subject).send({ method: 'GET', url: server.url });
      expect(result).toMatchObject({ ok: false, code: 'Malformed', message: expect.stringMatching(message) });
    });
  });

  describe(`http contract: ${name}: more than was asked for`, () => {
    const tenMegabytes = Buffer.alloc(10 * MIB, 'x');

    it('takes a body of 1 MiB and not a byte more', async () => {
      const server = await localServer(({ path }, response) => response.end(tenMegabytes.subarray(0, MIB + Number(path.slice(1)))));
      const http = opened(subject);
      expect(answerOf(await http.send({ method: 'GET', url: `${server.url}/0` })).body.byteLength).toBe(MIB);
      expect(await http.send({ method: 'GET', url: `${server.url}/1` })).toMatchObject({ ok: false, code: 'TooLarge' });
    });

    it.each(['announced', 'in chunks'])('refuses 10 MB, %s, and takes them when asked for as many', async (how) => {
      const server = await localServer((_, response) => {
        if (how === 'announced') response.setHeader('Content-Length', tenMegabytes.byteLength);
        response.end(tenMegabytes);
      });
      const http = opened(subject);
      const result = await http.send({ method: 'GET', url: `${server.url}/a?secret` });
      expect(result).toEqual({ ok: false, code: 'TooLarge', message: `${server.url}/a: its answer is larger than 1048576 bytes` });
      expect(answerOf(await http.send({ method: 'GET', url: server.url, maxResponseBytes: 10 * MIB })).body.byteLength).toBe(10 * MIB);
    });

    it.each([
      ['gzip', gzipSync(Buffer.alloc(64 * MIB))],
      ['deflate', deflateSync(Buffer.alloc(64 * MIB))],
      ['br', brotliCompressSync(Buffer.alloc(64 * MIB), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ])('refuses a bomb of %s by what it becomes', async (encoding, bomb) => {
      expect(bomb.byteLength).toBeLessThan(MIB);
      const server = await localServer((_, response) => response.writeHead(200, { 'Content-Encoding': encoding }).end(bomb));
      expect(await opened(subject).send({ method: 'GET', url: server.url })).toMatchObject({ ok: false, code: 'TooLarge' });
    });

    it('refuses bytes without end that decompress to nothing', async () => {
      const nothing = Buffer.concat(Array.from({ length: 1_000 }, () => gzipSync('')));
      const server = await localServer((_, response) => {
        response.writeHead(200, { 'Content-Encoding': 'gzip' });
        const more = (): boolean => response.write(nothing);
        response.on('drain', more);
        more();
      });
      expect(await opened(subject).send({ method: 'GET', url: server.url })).toMatchObject({ ok: false, code: 'TooLarge' });
    });

    it('refuses headers without end', async () => {
      const server = await rawServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = (): boolean => socket.write('X-Filler: abcdefghijklmnopqrstuvwxyz\r\n'.repeat(1_000));
        socket.on('drain', more);
        more();
      });
      expect(await opened(subject).send({ method: 'GET', url: server.url })).toMatchObject({ ok: false, code: 'TooLarge' });
    });

    it('keeps every one of many small headers', async () => {
      const many = Array.from({ length: 2_500 }, (_, index) => `h${index}: \r\n`).join('');
      const server = await rawServer((socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${many}Content-Length: 0\r\n\r\n`));
      });
      const { headers } = answerOf(await opened(subject).send({ method: 'GET', url: server.url }));
      expect(headers['H2499']).toEqual(['']);
    });
  });

  describe(`http contract: ${name}: time`, () => {
    it.each<[string, number | undefined, number]>([
      ['10 seconds when nothing is said', undefined, 10_000],
      ['as long as is said', 250, 250],
    ])('waits %s for a server that says nothing', async (_, timeoutMs, ms) => {
      const server = await localServer(() => {});
      const clock = new ManualClock();
      const result = opened(subject, { clock }).send({ method: 'GET', url: `${server.url}/slow?secret`, timeoutMs });
      await server.received(1);
      expect(clock.next).toBe(clock.now() + ms);
      clock.advance(ms);
      expect(await result).toEqual({
        ok: false,
        code: 'Timeout',
        message: `${server.url}/slow: gave up after ${ms / 1_000} s, while waiting for its answer`,
      });
      await expect.poll(() => server.open).toBe(0);
    });

    it('gives up as soon as it is told to, and calls nobody when it was told before', async () => {
      const server = await localServer(() => {});
      const stop = new AbortController();
      const clock = new ManualClock();
      const http = opened(subject, { clock });
      const ask = () => http.send({ method: 'GET', url: `${server.url}/slow?secret`, signal: stop.signal });
      const result = ask();
      await server.received(1);
      stop.abort();
      const message = `${server.url}/slow: gave up when told to, while waiting for its answer`;
      expect(await result).toEqual({ ok: false, code: 'Timeout', message });
      expect(clock.next).toBeUndefined();
      await expect.poll(() => server.open).toBe(0);
      expect(await ask()).toMatchObject({ ok: false, code: 'Timeout' });
      expect(server.connections).toBe(1);
    });

    it.each([
      ['whose headers trickle', 'HTTP/1.1 200 OK\r\nX-Slow'],
      ['whose body trickles', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx'],
      ['whose body has no end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n'],
      ['that says "continue" and no more', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'],
    ])('gives up on a server %s', async (_, beginning) => {
      let written = (): void => {};
      const begun = new Promise<void>((resolve) => {
        written = resolve;
      });
      const server = await rawServer((socket) => socket.once('data', () => socket.write(beginning, () => written())));
      const clock = new ManualClock();
      const result = opened(subject, { clock }).send({ method: 'GET', url: server.url });
      await begun;
      clock.advance(10_000);
      expect(await result).toMatchObject({ ok: false, code: 'Timeout' });
      await expect.poll(() => server.open).toBe(0);
    });

    it('gives up on a TLS handshake that nobody answers', async () => {
      let connected = (): void => {};
      const connection = new Promise<void>((resolve) => {
        connected = resolve;
      });
      const server = await rawServer((socket) => socket.once('data', () => connected()));
      const clock = new ManualClock();
      const result = opened(subject, { clock }).send({ method: 'GET', url: server.url.replace('http:', 'https:') });
      await connection;
      clock.advance(10_000);
      expect(await result).toMatchObject({ ok: false, code: 'Timeout' });
    });

    it('gives up on a name that is never resolved', async () => {
      const clock = new ManualClock();
      const http = opened(subject, { clock, names: { 'slow.test': () => new Promise<never>(() => {}) } });
      const result = http.send({ method: 'GET', url: 'http://slow.test/' });
      clock.advance(10_000);
      expect(await result).toEqual({
        ok: false,
        code: 'Timeout',
        message: 'http://slow.test/: gave up after 10 s, while resolving its name',
      });
    });

    it('leaves no timer behind', async () => {
      const server = await localServer((_, response) => response.end());
      const clock = new ManualClock();
      answerOf(await opened(subject, { clock }).send({ method: 'GET', url: server.url }));
      expect(clock.next).toBeUndefined();
    });
  });

  describe(`http contract: ${name}: servers that fail`, () => {
    it.each([
      ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n'],
      ['nothing but line breaks and zeros', '\r\n\r\n\0\0\0\0'],
      ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
      ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
      ['a header with a bare carriage return', 'HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n'],
      ['chunks that are none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ])('says what %s is: no HTTP', async (_, garbage) => {
      const server = await rawServer((socket) => socket.once('data', () => socket.end(garbage)));
      expect(await opened(subject).send({ method: 'GET', url: server.url })).toMatchObject({ ok: false, code: 'Malformed' });
    });

    it.each([
      ['before a word', ''],
      ['in its headers', 'HTTP/1.1 200 OK\r\nX-'],
      ['in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
      ['between chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ])('cannot reach a server that hangs up %s', async (_, beginning) => {
      const server = await rawServer((socket) => socket.once('data', () => socket.end(beginning)));
      expect(await opened(subject).send({ method: 'GET', url: `${server.url}/?secret` })).toEqual({
        ok: false,
        code: 'Unreachable',
        message: expect.not.stringContaining('secret'),
      });
    });

    it('cannot reach a port at which nobody listens', async () => {
      const server = await rawServer((socket) => socket.end());
      const port = server.port;
      await server.stop();
      const result = await opened(subject).send({ method: 'GET', url: `http://127.0.0.1:${port}/a?secret` });
      expect(result).toEqual({
        ok: false,
        code: 'Unreachable',
        message: `cannot reach http://127.0.0.1:${port}/a: connect ECONNREFUSED 127.0.0.1:${port}`,
      });
    });

    it('cannot reach a name that does not exist, and finds it once it does', async () => {
      const server = await localServer((_, response) => response.end());
      let addresses: string[] | undefined;
      const http = opened(subject, { allow: ['late.test'], names: { 'late.test': () => addresses } });
      const request = { method: 'GET', url: `http://late.test:${server.port}/a` } as const;
      expect(await http.send(request)).toMatchObject({ ok: false, code: 'Unreachable', message: expect.stringContaining('late.test') });
      addresses = ['127.0.0.1'];
      expect(answerOf(await http.send(request)).status).toBe(200);
    });

    it('uses the address that answers, of several', async () => {
      const server = await localServer((_, response) => response.end('here'));
      const http = opened(subject, { allow: ['two.test'], names: { 'two.test': () => ['::1', '127.0.0.1'] } });
      expect(text(answerOf(await http.send({ method: 'GET', url: `http://two.test:${server.port}/` })))).toBe('here');
      expect(server.requests[0]?.headers.host).toBe(`two.test:${server.port}`);
    });
  });
}
