import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface RawServer {
  readonly port: number;
  /** `http://127.0.0.1:1234`, without a slash. */
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Ends itself and its connections. Idempotent; the end of the test does it too. */
  stop(): Promise<void>;
}

export interface LocalServer extends RawServer {
  /** Requests so far, in order. */
  readonly requests: readonly Received[];
  /** Resolves when that many requests have been received. */
  received(count: number): Promise<void>;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** What the client called us in its TLS handshake. */
  readonly serverName: string | undefined;
}

export type Answer = (request: Received, response: ServerResponse) => void;

/** A server on loopback for one test, which ends it. */
export async function localServer(answer: Answer, tls?: { readonly key: string; readonly cert: string }, port = 0): Promise<LocalServer> {
  const requests: Received[] = [];
  const waiting = new Set<() => void>();
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const serverName = request.socket instanceof TLSSocket && request.socket.servername ? request.socket.servername : undefined;
      const received = { method, path, headers, body: Buffer.concat(chunks).toString(), serverName };
      requests.push(received);
      for (const check of [...waiting]) check();
      answer(received, response);
    });
  };
  const server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
  const listener = await listening(server, tls === undefined ? 'http' : 'https', port);
  const received = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (requests.length < count) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return Object.assign(listener, { requests, received });
}

/** A server that does to its connections what it likes. */
export function rawServer(onConnection: (socket: Socket) => void): Promise<RawServer> {
  const server = createRawServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  return listening(server, 'http');
}

async function listening(server: Server, scheme: string, wanted = 0): Promise<RawServer> {
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: wanted }, resolve));
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    stopped ??= new Promise((resolve) => server.close(() => resolve()));
    return stopped;
  };
  onTestFinished(stop);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    stop,
  };
}
