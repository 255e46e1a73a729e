import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createUnzip } from 'node:zlib';

export type ReadBody =
  | { readonly ok: true; readonly body: Uint8Array; readonly decoded: boolean }
  | { readonly ok: false; readonly code: 'TooLarge' | 'Malformed'; readonly why: string };

/** What compression may add to a body that does not get smaller by it. */
const COMPRESSION_SLACK_BYTES = 4_096;

const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createUnzip],
  ['x-gzip', createUnzip],
  ['deflate', createUnzip],
  ['br', createBrotliDecompress],
]);

class TooLarge extends Error {}

/**
 * The whole body, decompressed, at most `limit` bytes. Decompression ends with the first byte too many, so that a bomb costs no more than the
 * largest answer. Rejects when the connection breaks off.
 */
export async function readBody(message: IncomingMessage, limit: number): Promise<ReadBody> {
  const encoding = (message.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const decoder = decoders.get(encoding)?.();
  const decoded = decoder !== undefined;
  if (!decoded && encoding !== 'identity' && encoding !== '') {
    message.destroy();
    const why = `its answer is encoded as ${JSON.stringify(encoding)}, expected gzip, br, deflate or nothing`;
    return { ok: false, code: 'Malformed', why };
  }
  const wireLimit = decoded ? limit + COMPRESSION_SLACK_BYTES : limit;
  let wireBytes = 0;
  /** Bytes that decompress to nothing are bytes all the same. */
  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      wireBytes += chunk.byteLength;
      if (wireBytes > wireLimit) throw new TooLarge();
      yield chunk;
    }
  }
  try {
    if (Number(message.headers['content-length']) > wireLimit) throw new TooLarge();
    const body = decoded
      ? await pipeline(message, counted, decoder, (source: AsyncIterable<Buffer>) => collected(source, limit))
      : await collected(message, limit);
    return { ok: true, body, decoded };
  } catch (error) {
    message.destroy();
    if (error instanceof TooLarge) return { ok: false, code: 'TooLarge', why: `its answer is larger than ${limit} bytes` };
    // No body at all is no body, whatever it is said to be encoded as.
    if (isZlibError(error) && wireBytes === 0) return { ok: true, body: new Uint8Array(), decoded };
    if (isZlibError(error)) return { ok: false, code: 'Malformed', why: `its answer cannot be decompressed: ${error.message}` };
    throw error;
  }
}

async function collected(source: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > limit) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Codes of zlib and of brotli: `Z_DATA_ERROR`, `ERR__ERROR_FORMAT_PADDING_1`. */
function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(Z_|ERR_*BROTLI|ERR__ERROR)/.test(String(error.code));
}
