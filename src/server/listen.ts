import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, isIP, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { frontServer, type WebServer } from './front-server.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ListenOptions {
  readonly handler: RequestHandler;
  /** For `Expect: 100-continue`; the handler itself gives leave to send. Absent: Node gives it. */
  readonly continueHandler?: RequestHandler | undefined;
  /** For connections that are to speak another protocol. Absent: they are refused. */
  readonly upgradeHandler?: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What this listener is, for error messages: `ingress`. */
  readonly name: string;
  /** The option that changes the port, for error messages: `--port`. */
  readonly portOption: string;
  /** Milliseconds for all headers of a request; a sender that drips is cut off with 408. */
  readonly headersTimeoutMs?: number | undefined;
  /** Milliseconds for a whole request, body included. 0: no limit. */
  readonly requestTimeoutMs?: number | undefined;
  readonly maxConnections?: number | undefined;
  /** Speaks TLS too, on the same port; then plain HTTP is for clients on this machine only. PEM. */
  readonly tls?: { readonly key: string; readonly certificate: string } | undefined;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /**
   * Takes no new connections, lets requests under way finish, and cuts what is still open after `graceMs`. Idempotent.
   */
  close(graceMs: number): Promise<void>;
}

/** The port cannot be had. The message is one line and says what to do. */
export class ListenError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
    this.code = code;
  }
}

const MAX_HEADER_BYTES = 32 * 1024;
const SWEEP_MS = 20;

export async function listen(options: ListenOptions): Promise<Listening> {
  const { handler, tls } = options;
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: options.headersTimeoutMs ?? 10_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    connectionsCheckingInterval: Math.max(50, Math.min(2_000, options.headersTimeoutMs ?? 2_000)),
    keepAliveTimeout: 30_000,
  };
  const plain = createServer(limits, handler);
  const secure = tls && createHttpsServer({ ...limits, key: tls.key, cert: tls.certificate, minVersion: 'TLSv1.2' }, handler);
  const webServers = secure === undefined ? [plain] : [plain, secure];
  const server = secure === undefined ? plain : frontServer(plain, secure, limits.headersTimeout);
  server.maxConnections = options.maxConnections ?? 10_000;
  const unused = unusedConnections(server, webServers);
  for (const webServer of webServers) {
    if (options.continueHandler !== undefined) webServer.on('checkContinue', options.continueHandler);
    if (options.upgradeHandler !== undefined) webServer.on('upgrade', options.upgradeHandler);
    webServer.on('clientError', answerClientError);
  }
  await bind(server, options);
  const { address, port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    host: address,
    port,
    url: `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}`,
    close(graceMs) {
      closing ??= close(server, webServers, unused, graceMs);
      return closing;
    },
  };
}

/**
 * Browsers and fetch open connections ahead of need; Node counts them neither idle nor busy. By the client's address and port, for with TLS a request
 * knows no more of the connection it came by.
 */
function unusedConnections(server: Server, webServers: readonly WebServer[]): ReadonlyMap<string, Socket> {
  const unused = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const client = clientOf(socket);
    unused.set(client, socket);
    socket.once('close', () => unused.delete(client));
  });
  for (const webServer of webServers) webServer.prependListener('request', ({ socket }) => unused.delete(clientOf(socket)));
  return unused;
}

function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function bind(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(explain(error, options));
    server.once('error', onError);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function explain(error: NodeJS.ErrnoException, { name, host, port, portOption }: ListenOptions): ListenError {
  const code = error.code ?? 'UNKNOWN';
  const where = `${name}: cannot listen on ${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new ListenError(
        code,
        `${where}: another process has this port; stop it, or choose another with ${portOption} (0 takes a free one)`,
        { cause: error },
      );
    case 'EACCES':
      return new ListenError(code, `${where}: not permitted; ports below 1024 need privileges, choose another with ${portOption}`, {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(code, `${where}: this machine has no such address; use 127.0.0.1, 0.0.0.0 or one of its own`, {
        cause: error,
      });
    default:
      return new ListenError(code, `${where}: ${error.message}`, { cause: error });
  }
}

/** What Node's parser refused before there was a request: too slow, too many header bytes, not HTTP. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

function close(server: Server, webServers: readonly WebServer[], unused: ReadonlyMap<string, Socket>, graceMs: number): Promise<void> {
  const closeIdle = (): void => {
    for (const webServer of webServers) webServer.closeIdleConnections();
  };
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      for (const webServer of webServers) webServer.closeAllConnections();
    }, graceMs);
    // A connection whose request ends from now on is kept alive by Node all the same: swept until none is left.
    const sweep = setInterval(closeIdle, SWEEP_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    closeIdle();
    for (const socket of unused.values()) socket.destroy();
  });
}
