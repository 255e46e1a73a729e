import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PlannedCheck } from '../../../tasks/pod-plan.ts';
import { runCheck } from './run-check.ts';

const never = new AbortController().signal;
const ask = (check: PlannedCheck, signal = never) => runCheck(check, async () => ({ ok: true }), signal);

async function listen(server: Pick<Server, 'listen' | 'close' | 'address' | 'once'>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a check', () => {
  it.each([
    [200, true],
    [302, true],
    [399, true],
    [404, false],
    [500, false],
  ])('HTTP status %i: %s', async (status, ok) => {
    const seen: unknown[] = [];
    const server = createServer(({ url, headers }, response) => {
      seen.push([url, headers['x-who'], headers.host]);
      response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(100_000));
    });
    const port = await listen(server);
    const outcome = await ask({ type: 'http', scheme: 'http', port, path: '/up?a=1', headers: [{ name: 'X-Who', value: 'me' }] });
    expect([outcome, seen]).toEqual([ok ? { ok } : { ok, message: `HTTP status ${status}` }, [['/up?a=1', 'me', `127.0.0.1:${port}`]]]);
  });

  it('a server that says nothing in time', async () => {
    const server = createServer(() => undefined);
    const port = await listen(server);
    const over = new AbortController();
    server.on('request', () => over.abort());
    const outcome = await ask({ type: 'http', scheme: 'http', port, path: '/', headers: [] }, over.signal);
    server.closeAllConnections();
    expect(outcome).toEqual({ ok: false, message: 'no answer in time' });
  });

  it('a socket that is open, one that is not, and a port nobody has', async () => {
    const server = createTcpServer((socket) => socket.end());
    const port = await listen(server as unknown as Server);
    expect(await ask({ type: 'tcp', port })).toEqual({ ok: true });
    await new Promise((resolve) => server.close(resolve));
    expect(await ask({ type: 'tcp', port })).toEqual({ ok: false, message: expect.stringContaining('ECONNREFUSED') });
    expect(await ask({ type: 'tcp', port: 'web' })).toEqual({ ok: false, message: 'the container has no port "web"' });
  });
});
