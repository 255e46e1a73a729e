import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ListenOptions {
  readonly handler: RequestHandler;
  /** For `Expect: 100-continue`; the handler itself gives leave to send. Absent: Node gives it. */
  readonly continueHandler?: RequestHandler | undefined;
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
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      connectionsCheckingInterval: Math.max(50, Math.min(2_000, options.headersTimeoutMs ?? 2_000)),
      keepAliveTimeout: 30_000,
    },
    options.handler,
  );
  server.maxConnections = options.maxConnections ?? 10_000;
  if (options.continueHandler !== undefined) server.on('checkContinue', options.continueHandler);
  server.on('clientError', answerClientError);
  // Browsers and fetch open connections ahead of need; Node counts them neither idle nor busy.
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.prependListener('request', ({ socket }) => unused.delete(socket));
  await bind(server, options);
  const { address, port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    host: address,
    port,
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    close(graceMs) {
      closing ??= close(server, unused, graceMs);
      return closing;
    },
  };
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

function close(server: Server, unused: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection whose request ends from now on is kept alive by Node all the same: swept until none is left.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
    for (const socket of unused) socket.destroy();
  });
}
