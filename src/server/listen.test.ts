import { once } from 'node:events';
import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../main/tls/self-signed.ts';
import { isOnThisMachine } from './front-server.ts';
import { type Listening, listen } from './listen.ts';

const day = 86_400_000;
const tls = selfSigned(['127.0.0.1'], { from: new Date(Date.now() - day), to: new Date(Date.now() + day) });
const open: Listening[] = [];
afterEach(async () => {
  for (const listening of open.splice(0)) await listening.close(0);
});

async function serve(more: { readonly headersTimeoutMs?: number } = {}): Promise<Listening> {
  const listening = await listen({
    host: '127.0.0.1',
    port: 0,
    name: 'test',
    portOption: '--test',
    tls,
    handler: (request, response) => {
      request.pipe(response);
    },
    ...more,
  });
  open.push(listening);
  return listening;
}

async function echoed(port: number, kind: 'plain' | 'tls', body: string): Promise<string> {
  const options = { host: '127.0.0.1', port, method: 'POST', agent: false };
  const request = kind === 'plain' ? requestPlain(options) : requestTls({ ...options, ca: tls.certificate });
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('one port for plain HTTP and TLS', () => {
  it('answers both, large bodies too', async () => {
    const { port } = await serve();
    const body = 'x'.repeat(1_000_000);
    expect(await echoed(port, 'plain', 'a')).toBe('a');
    expect(await echoed(port, 'tls', 'b')).toBe('b');
    expect(await Promise.all([echoed(port, 'plain', body), echoed(port, 'tls', body)])).toEqual([body, body]);
  });

  it('cuts off a client that says nothing', async () => {
    const { port } = await serve({ headersTimeoutMs: 50 });
    const socket = await connected(port);
    await once(socket, 'close');
  });

  it('lets go of connections that were never used, without waiting for them', async () => {
    const listening = await serve();
    const socket = await connected(listening.port);
    const closed = once(socket, 'close');
    await listening.close(60_000);
    await closed;
  });

  it('answers garbage with 400 and goes on', async () => {
    const { port } = await serve();
    const socket = await connected(port);
    socket.end('GARBAGE\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    const broken = await connected(port);
    broken.on('error', () => undefined);
    broken.end(Buffer.from([0x16, 1, 2, 3, 4]));
    await once(broken, 'close');
    expect(await echoed(port, 'tls', 'still there')).toBe('still there');
  });
});

describe('plain HTTP is for clients', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.5', '127.0.0.1', true],
    ['::1', '::1', true],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.1', true],
    ['192.168.1.5', '192.168.1.5', true],
    ['192.168.1.6', '192.168.1.5', false],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
    [undefined, '10.0.0.2', false],
  ])('from %s at %s: %s', (remoteAddress, localAddress, expected) => {
    expect(isOnThisMachine({ remoteAddress, localAddress })).toBe(expected);
  });
});

describe('closing', () => {
  it.each(['plain', 'tls'] as const)('does not wait for %s connections that are kept alive', async (kind) => {
    const listening = await serve();
    const Agent = kind === 'plain' ? PlainAgent : TlsAgent;
    const agent = new Agent({ keepAlive: true });
    const options = { host: '127.0.0.1', port: listening.port, agent };
    const request = kind === 'plain' ? requestPlain(options) : requestTls({ ...options, ca: tls.certificate });
    request.end();
    const [response] = await once(request, 'response');
    for await (const _ of response);
    await listening.close(60_000);
    agent.destroy();
  });
});
