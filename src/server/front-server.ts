import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';

export type WebServer = HttpServer | HttpsServer;

/** The first byte of every TLS connection: a handshake record. No HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16;
const PLAIN_REFUSED = 'This port speaks HTTPS; plain HTTP is answered to clients on this machine only.\n';

/**
 * One port for both: a connection's first byte tells which of the two it is for. What is sent in the clear must not cross a network, so plain HTTP is
 * answered on this machine's own addresses only; others get 400 and a word.
 */
export function frontServer(plain: HttpServer, secure: HttpsServer, firstByteTimeoutMs: number): Server {
  const front = createServer((socket) => {
    const drop = (): void => void socket.destroy();
    socket.setTimeout(firstByteTimeoutMs, drop);
    socket.on('error', drop);
    socket.once('data', (chunk) => {
      socket.setTimeout(0);
      socket.off('timeout', drop);
      socket.off('error', drop);
      socket.pause();
      const isTls = chunk[0] === TLS_HANDSHAKE;
      if (!isTls && !isOnThisMachine(socket)) return refusePlain(socket);
      socket.unshift(chunk);
      (isTls ? secure : plain).emit('connection', socket);
      // The server it went to has its listeners now.
      process.nextTick(() => socket.resume());
    });
  });
  // Node's web servers watch over their connections (timeouts, which are idle) from the moment they listen, which these two never do themselves.
  front.once('listening', () => {
    for (const server of [plain, secure]) server.emit('listening');
  });
  front.once('close', () => {
    for (const server of [plain, secure]) server.close();
  });
  return front;
}

/** A connection from an address to itself. */
export function isOnThisMachine({ remoteAddress = '', localAddress }: Pick<Socket, 'remoteAddress' | 'localAddress'>): boolean {
  return remoteAddress === localAddress || /^(127\.|::1$|::ffff:127\.)/.test(remoteAddress);
}

function refusePlain(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${PLAIN_REFUSED.length}\r\n\r\n${PLAIN_REFUSED}`,
    () => socket.destroy(),
  );
}
