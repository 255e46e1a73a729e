import type { IncomingMessage } from 'node:http';

/** Memory that all bodies being received may take together. */
export class BodyBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }

  get used(): number {
    return this.#used;
  }
}

export type Body =
  /** The bytes stay counted in the budget; who is done with them gives them back. */
  | { readonly outcome: 'read'; readonly bytes: Buffer }
  | { readonly outcome: 'too-large' }
  | { readonly outcome: 'no-memory' }
  /** The sender went away, or was cut off by the request deadline. */
  | { readonly outcome: 'aborted' };

const EMPTY = Buffer.alloc(0);

/** The size the sender announces; `undefined` when it announces none (chunked, or no body at all). */
export function announcedLength(request: IncomingMessage): number | undefined {
  const text = request.headers['content-length'];
  return text === undefined ? undefined : Number(text);
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || (announcedLength(request) ?? 0) > 0;
}

/**
 * Reads the raw body, never holding more than `limit` bytes of it, nor more than the budget has left. An announced size over the limit is refused before
 * the first byte is read. After `too-large` and `no-memory` the rest of the body is still on the wire: the caller closes the connection.
 */
export function readBody(request: IncomingMessage, limit: number, budget: BodyBudget): Promise<Body> {
  if ((announcedLength(request) ?? 0) > limit) return Promise.resolve({ outcome: 'too-large' });
  if (!hasBody(request)) return Promise.resolve({ outcome: 'read', bytes: EMPTY });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      if (size + chunk.length > limit) stop({ outcome: 'too-large' });
      else if (!budget.take(chunk.length)) stop({ outcome: 'no-memory' });
      else {
        size += chunk.length;
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => settle({ outcome: 'read', bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size) });
    const onClose = (): void => stop({ outcome: 'aborted' });
    const onError = (): void => stop({ outcome: 'aborted' });
    const settle = (body: Body): void => {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
      request.off('error', onError);
      resolve(body);
    };
    const stop = (body: Body): void => {
      request.pause();
      budget.giveBack(size);
      settle(body);
    };
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onClose);
    request.on('error', onError);
  });
}
