import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/triggers/http-exchange.ts';
import { localServer, rawServer } from '../support/local-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { answerOf, type HttpUnderTest, opened, text } from './http.contract.ts';

/** Where requests may go, by themselves and by redirect. */
export function httpDestinationsContract(name: string, subject: HttpUnderTest): void {
  const get = (url: string, rest: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'GET', url, ...rest });

  describe(`http contract: ${name}: destinations`, () => {
    it.each([
      '',
      'nonsense',
      '/only/a/path',
      '//no.scheme/',
      'http://',
      'http://[::1',
      'http://[fe80::1%25eth0]/',
      'http://a b/',
      'http://h:99999/',
    ])('knows that %j is no URL', async (url) => {
      expect(await opened(subject).send(get(url))).toMatchObject({ ok: false, code: 'Malformed' });
    });

    it.each([
      'file:///etc/passwd',
      'ftp://example.com/',
      'gopher://127.0.0.1/',
      'data:text/plain,x',
      'javascript:1',
      'unix:/run/docker.sock',
    ])('does not speak %s', async (url) => {
      expect(await opened(subject).send(get(url))).toMatchObject({
        ok: false,
        code: 'Refused',
        message: expect.stringContaining('expected http or https'),
      });
    });

    it.each([
      'http://user:pa55word@127.0.0.1/',
      'http://pa55word@127.0.0.1/',
      'http://:pa55word@127.0.0.1/',
      'ftp://user:pa55word@h/',
      'http://u:pa55word@[',
    ])('refuses credentials in a URL and does not repeat them (%#)', async (url) => {
      const result = await opened(subject).send(get(url));
      expect(result).toMatchObject({ ok: false });
      expect(JSON.stringify(result)).not.toContain('pa55word');
    });

    it.each([
      'http://127.0.0.1/',
      'http://127.1/',
      'http://2130706433/',
      'http://0x7f000001/',
      'http://0177.0.0.1/',
      'http://127.0.0.1./',
      'http://１２７.0.0.1/',
      'http://%31%32%37.0.0.1/',
      'http://[::1]/',
      'http://[0:0:0:0:0:0:0:1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:7f00:1]/',
      'http://[::127.0.0.1]/',
      'http://[64:ff9b::127.0.0.1]/',
      'http://[2002:7f00:1::]/',
      'http://0.0.0.0/',
      'http://0/',
      'http://[::]/',
      'http://169.254.1.1/',
      'http://169.254.169.254/latest/meta-data/',
      'http://[fd00:ec2::254]/',
      'http://[::ffff:169.254.169.254]/',
      'http://[fe80::1]/',
      'http://metadata.google.internal/',
      'http://METADATA.google.internal./',
      'http://224.0.0.1/',
      'http://255.255.255.255/',
      'http://[ff02::1]/',
    ])('refuses %s, private network or not', async (url) => {
      const http = opened(subject, { allow: [] });
      for (const privateNetwork of [false, true])
        expect(await http.send(get(url, { privateNetwork }))).toMatchObject({ ok: false, code: 'Refused' });
    });

    it.each(['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '[fd12:3456::1]', '[::ffff:10.0.0.1]'])('refuses %s', async (host) => {
      expect(await opened(subject, { allow: [] }).send(get(`http://${host}/`))).toMatchObject({ ok: false, code: 'Refused' });
    });

    it('says what was refused, why, and what allows it', async () => {
      const http = opened(subject, { allow: [], names: { 'hooks.internal': () => ['10.0.0.5'] } });
      expect(await http.send(get('http://hooks.internal:9000/a/b?token=secret#x'))).toEqual({
        ok: false,
        code: 'Refused',
        message:
          'http://hooks.internal:9000/a/b is not called: hooks.internal is 10.0.0.5, a private address; if it is meant, allow it with --allow-outbound hooks.internal:9000 or in the setting outbound.allow',
      });
    });

    it('connects to nothing when it refuses', async () => {
      const server = await localServer((_, response) => response.end());
      const http = opened(subject, { allow: [], names: { 'inside.test': () => ['127.0.0.1'] } });
      for (const host of ['127.0.0.1', 'inside.test', '[::ffff:127.0.0.1]'])
        expect(await http.send(get(`http://${host}:${server.port}/`))).toMatchObject({ code: 'Refused' });
      expect(server.connections).toBe(0);
    });

    it('refuses a name as soon as one of its addresses is refused', async () => {
      const server = await localServer((_, response) => response.end());
      const names = { 'mixed.test': () => ['127.0.0.1', '10.0.0.1'], 'xedmi.test': () => ['10.0.0.1', '127.0.0.1'] };
      const http = opened(subject, { names });
      for (const host of Object.keys(names))
        expect(await http.send(get(`http://${host}:${server.port}/`))).toMatchObject({
          code: 'Refused',
          message: expect.stringContaining('10.0.0.1'),
        });
      expect(server.connections).toBe(0);
    });

    it.each([
      ['an address', (port: number) => [`127.0.0.1:${port}`], '127.0.0.1'],
      ['a range', () => ['127.0.0.0/8'], '127.0.0.1'],
      ['a name', () => ['hooks.internal'], 'hooks.internal'],
      ['a name with its port', (port: number) => [`hooks.internal:${port}`], 'hooks.internal'],
      ['a name, spelt otherwise', () => ['Hooks.Internal'], 'HOOKS.internal.'],
      ['the address of a name', () => ['127.0.0.1'], 'hooks.internal'],
    ])('calls what is allowed as %s', async (_, allow, host) => {
      const server = await localServer((_request, response) => response.end('here'));
      const names = { 'hooks.internal': () => ['127.0.0.1'], 'hooks.internal.': () => ['127.0.0.1'] };
      const http = opened(subject, { allow: allow(server.port), names });
      expect(text(answerOf(await http.send(get(`http://${host}:${server.port}/`))))).toBe('here');
    });

    it.each([
      ['another port', (port: number) => [`127.0.0.1:${port + 1}`, `hooks.internal:${port + 1}`]],
      ['another address', () => ['127.0.0.2', '126.0.0.0/8']],
      ['another name', () => ['internal', 'hooks', 'other.hooks.internal']],
    ])('does not call what is allowed for %s', async (_, allow) => {
      const server = await localServer((_request, response) => response.end());
      const http = opened(subject, { allow: allow(server.port), names: { 'hooks.internal': () => ['127.0.0.1'] } });
      for (const host of ['127.0.0.1', 'hooks.internal'])
        expect(await http.send(get(`http://${host}:${server.port}/`))).toMatchObject({ code: 'Refused' });
    });

    it('asks for the address of a name once for each connection it makes, and goes to the one it checked', async () => {
      const server = await localServer((_, response) => response.end());
      let asked = 0;
      const rebinding = (): string[] => (asked++ === 0 ? ['127.0.0.1'] : ['10.0.0.1']);
      const http = opened(subject, { names: { 'rebinding.test': rebinding } });
      expect(answerOf(await http.send(get(`http://rebinding.test:${server.port}/`))).status).toBe(200);
      expect(asked).toBe(1);
    });
  });

  describe(`http contract: ${name}: redirects`, () => {
    it('are the answer unless they are asked to be followed', async () => {
      const server = await localServer((_, response) => response.writeHead(302, { Location: '/b' }).end('moved'));
      const response = answerOf(await opened(subject).send(get(`${server.url}/a`)));
      expect(response).toMatchObject({ status: 302, url: `${server.url}/a`, headers: { Location: ['/b'] } });
      expect(text(response)).toBe('moved');
      expect(server.requests).toHaveLength(1);
    });

    it.each([300, 304, 305, 306])('are not what status %i is', async (status) => {
      const server = await localServer((_, response) => response.writeHead(status, { Location: '/b' }).end());
      expect(answerOf(await opened(subject).send(get(server.url, { maxRedirects: 3 }))).status).toBe(status);
    });

    it('without a Location are an answer', async () => {
      const server = await localServer((_, response) => response.writeHead(301).end('where?'));
      expect(text(answerOf(await opened(subject).send(get(server.url, { maxRedirects: 3 }))))).toBe('where?');
    });

    it.each<[number, HttpRequest['method'], HttpRequest['method'], boolean]>([
      [301, 'GET', 'GET', false],
      [301, 'POST', 'GET', false],
      [302, 'POST', 'GET', false],
      [303, 'POST', 'GET', false],
      [301, 'PUT', 'PUT', true],
      [302, 'PATCH', 'PATCH', true],
      [303, 'PUT', 'GET', false],
      [303, 'DELETE', 'GET', false],
      [307, 'POST', 'POST', true],
      [307, 'DELETE', 'DELETE', true],
      [308, 'POST', 'POST', true],
      [308, 'PUT', 'PUT', true],
    ])('by %i turn %s into %s; with the body: %s', async (status, method, then, withBody) => {
      const server = await localServer(({ path }, response) => {
        if (path === '/a?b') response.writeHead(status, { Location: 'c?d#e' }).end('x'.repeat(100_000));
        else response.end('there');
      });
      const body = method === 'GET' ? undefined : 'payload';
      const headers = { 'Content-Type': 'text/plain', 'Content-Language': 'en', 'X-Kept': 'yes', Authorization: 'kept at home' };
      const response = answerOf(await opened(subject).send({ method, url: `${server.url}/a?b`, headers, body, maxRedirects: 1 }));
      expect(text(response)).toBe('there');
      expect(response.url).toBe(`${server.url}/c?d`);
      const second = server.requests[1];
      expect(second).toMatchObject({ method: then, path: '/c?d', body: withBody ? 'payload' : '' });
      expect(second?.headers).toMatchObject({ 'x-kept': 'yes', authorization: 'kept at home' });
      const bodyHeaders = ['content-type', 'content-language', 'content-length'].filter((header) => second?.headers[header] !== undefined);
      if (method !== 'GET') expect(bodyHeaders).toHaveLength(withBody ? 3 : 0);
    });

    it('are followed as often as is said and no more', async () => {
      const server = await localServer(({ path }, response) => {
        const step = Number.parseInt(path.slice(1), 10);
        if (step < 3) response.writeHead(302, { Location: `/${step + 1}` });
        response.end(path);
      });
      const http = opened(subject);
      expect(text(answerOf(await http.send(get(`${server.url}/0`, { maxRedirects: 3 }))))).toBe('/3');
      expect(await http.send(get(`${server.url}/0?secret`, { maxRedirects: 2 }))).toEqual({
        ok: false,
        code: 'TooManyRedirects',
        message: `${server.url}/0 redirects more than 2 times, at last from ${server.url}/2`,
      });
    });

    it('in a circle end', async () => {
      const server = await localServer(({ path }, response) => response.writeHead(307, { Location: path === '/a' ? '/b' : '/a' }).end());
      expect(await opened(subject).send(get(`${server.url}/a`, { maxRedirects: 10 }))).toMatchObject({ code: 'TooManyRedirects' });
      expect(server.requests).toHaveLength(11);
    });

    it('share one deadline', async () => {
      const slow = await localServer(() => {});
      const clock = new ManualClock();
      const first = await localServer((_, response) => {
        clock.advance(6_000);
        response.writeHead(302, { Location: `${slow.url}/slow` }).end();
      });
      const result = opened(subject, { clock }).send(get(first.url, { maxRedirects: 1 }));
      await slow.received(1);
      clock.advance(4_000);
      expect(await result).toMatchObject({ code: 'Timeout', message: expect.stringContaining(`${slow.url}/slow`) });
    });

    it.each([
      'http://169.254.169.254/latest/meta-data/iam',
      'http://metadata.google.internal/computeMetadata/v1/',
      '//127.0.0.2/',
      'http://10.0.0.1/',
      'http://[::1]/',
      'http://inside.test/',
      'file:///etc/passwd',
      'http://user:password@127.0.0.1/',
    ])('to %s are refused', async (location) => {
      const server = await localServer((_, response) => response.writeHead(302, { Location: location }).end());
      const http = opened(subject, { names: { 'inside.test': () => ['169.254.169.254'] } });
      expect(await http.send(get(server.url, { maxRedirects: 3 }))).toMatchObject({ ok: false, code: 'Refused' });
    });

    it('to another server of the private network are refused: the request did not name that one', async () => {
      const server = await localServer((_, response) => response.writeHead(302, { Location: 'http://inside.test/' }).end());
      const http = opened(subject, { names: { 'inside.test': () => ['10.0.0.1'] } });
      expect(await http.send(get(server.url, { maxRedirects: 1, privateNetwork: true }))).toMatchObject({ ok: false, code: 'Refused' });
    });

    it('to a place that is none are told as such', async () => {
      const server = await localServer((_, response) => response.writeHead(302, { Location: 'http://[' }).end());
      expect(await opened(subject).send(get(`${server.url}/a`, { maxRedirects: 3 }))).toMatchObject({
        code: 'Malformed',
        message: `${server.url}/a redirects: "http://[" is no URL; expected e.g. https://example.com/hook`,
      });
    });

    const headers = {
      Authorization: 'Bearer a',
      COOKIE: 'b',
      'X-Gitlab-Token': 'c',
      'Private-Token': 'd',
      'X-Hub-Signature-256': 'e',
      'webhook-signature': 'f',
      'X-Api-Key': 'g',
      'X-Client-Secret': 'h',
      'X-Auth': 'i',
      'X-Kept': 'yes',
      'Content-Type': 'text/plain',
    };
    const credentials = Object.keys(headers)
      .slice(0, 9)
      .map((header) => header.toLowerCase());

    it('to another origin leave credentials behind, for good', async () => {
      const home = await localServer(({ path }, response) => {
        if (path === '/out') response.writeHead(307, { Location: `${away.url}/back` }).end();
        else response.end('home again');
      });
      const away = await localServer((_, response) => response.writeHead(307, { Location: `${home.url}/home` }).end());
      const request: HttpRequest = { method: 'POST', url: `${home.url}/out`, headers, body: 'payload', maxRedirects: 2 };
      expect(text(answerOf(await opened(subject).send(request)))).toBe('home again');
      expect(home.requests[0]?.headers).toMatchObject({ authorization: 'Bearer a', cookie: 'b', 'x-gitlab-token': 'c' });
      for (const received of [away.requests[0], home.requests[1]]) {
        expect(received).toMatchObject({ method: 'POST', body: 'payload', headers: { 'x-kept': 'yes', 'content-type': 'text/plain' } });
        expect(credentials.filter((header) => received?.headers[header] !== undefined)).toEqual([]);
      }
      expect(away.requests[0]?.headers.host).toBe(`127.0.0.1:${away.port}`);
    });

    it('to another name of the same address leave credentials behind', async () => {
      const server = await localServer(({ headers: { host = '' } }, response) => {
        if (host.startsWith('a.test')) response.writeHead(302, { Location: `http://b.test:${server.port}/` });
        response.end();
      });
      const http = opened(subject, { names: { 'a.test': () => ['127.0.0.1'], 'b.test': () => ['127.0.0.1'] } });
      answerOf(await http.send(get(`http://a.test:${server.port}/`, { headers, maxRedirects: 1 })));
      expect(server.requests.map((received) => received.headers.authorization)).toEqual(['Bearer a', undefined]);
    });

    it('are not sent on by a server that hangs up', async () => {
      const server = await rawServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 302 Found\r\nLocation: /b')));
      expect(await opened(subject).send(get(server.url, { maxRedirects: 1 }))).toMatchObject({ code: 'Unreachable' });
      expect(server.connections).toBe(1);
    });
  });
}
