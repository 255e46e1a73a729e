import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcedLength, hasBody } from './read-body.ts';

/** What a refused request may still send before the connection is cut: enough for a sender to notice the answer. */
const LINGER_BYTES = 256 * 1024;
const LINGER_MS = 1_000;
/** Bodies up to this size are read and thrown away, so that the connection can be used again. */
const DRAIN_BYTES = 64 * 1024;

/** Where a request is refused before its body was read, or in the middle of it. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Answers and gets rid of the body. A small announced one is skipped. Otherwise the answer goes out at once, a little of the rest is read and
 * thrown away (a socket closed over unread data is reset, and the sender would never see the answer), and the connection is closed.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const length = Buffer.byteLength(refusal.body);
  const withBody = hasBody(request) && !request.readableEnded;
  const small = (announcedLength(request) ?? Number.POSITIVE_INFINITY) <= DRAIN_BYTES;
  const expectsContinue = request.headers.expect !== undefined;
  if (!withBody || (small && !expectsContinue)) {
    response.writeHead(refusal.status, { ...refusal.headers, 'Content-Length': length });
    response.end(refusal.body);
    if (withBody) request.resume();
    return;
  }
  response.writeHead(refusal.status, { ...refusal.headers, 'Content-Length': length, Connection: 'close' });
  if (expectsContinue) {
    // The sender waits for leave to send and now gets none.
    response.end(refusal.body);
    return;
  }
  response.write(refusal.body);
  linger(request, response);
}

function linger(request: IncomingMessage, response: ServerResponse): void {
  let skipped = 0;
  const close = (): void => {
    clearTimeout(timer);
    request.off('data', onData);
    response.end();
    request.socket.destroySoon();
  };
  const onData = (chunk: Buffer): void => {
    skipped += chunk.length;
    if (skipped > LINGER_BYTES) close();
  };
  const timer = setTimeout(close, LINGER_MS);
  request.on('data', onData);
  request.once('end', close);
  request.once('close', () => clearTimeout(timer));
  request.once('error', () => clearTimeout(timer));
  request.resume();
}
