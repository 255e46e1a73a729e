import type { IncomingMessage } from 'node:http';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createUnzip } from 'node:zlib';

export type ReadBody =
  | { readonly ok: true; readonly body: Uint8Array; readonly decoded: boolean }
  | { readonly ok: false; readonly code: 'TooLarge' | 'Malformed'; readonly why: string };

/** What compression may add to a body that does not get smaller by it. */
const COMPRESSION_SLACK_BYTES = 4_096;

class TooLarge extends Error {}

/**
 * The whole body, decompressed, at most `limit` bytes. Decompression ends with the first byte too many, so that a bomb costs no more than the
 * largest answer. Rejects when the connection breaks off.
 */
export async function readBody(message: IncomingMessage, limit: number): Promise<ReadBody> {
  const encoding = (message.headers['content-encoding'] ?? '').trim().toLowerCase();
  const decoder = decoderOf(encoding);
  if (decoder === undefined) {
    message.destroy();
    return {
      ok: false,
      code: 'Malformed',
      why: `its answer is encoded as ${JSON.stringify(encoding)}, expected gzip, br, deflate or nothing`,
    };
  }
  const decoded = !(decoder instanceof PassThrough);
  const wireLimit = decoded ? limit + COMPRESSION_SLACK_BYTES : limit;
  const announced = Number(message.headers['content-length'] ?? 0);
  const wire = { bytes: 0 };
  const chunks: Buffer[] = [];
  try {
    if (announced > wireLimit) throw new TooLarge();
    // Bytes that decompress to nothing are bytes all the same: counted before and after.
    await pipeline(message, upTo(wireLimit, wire), decoder, upTo(limit), async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) chunks.push(chunk);
    });
    return { ok: true, body: Buffer.concat(chunks), decoded };
  } catch (error) {
    message.destroy();
    if (error instanceof TooLarge) return { ok: false, code: 'TooLarge', why: `its answer is larger than ${limit} bytes` };
    // No body at all is no body, whatever it is said to be encoded as.
    if (isZlibError(error) && wire.bytes === 0) return { ok: true, body: new Uint8Array(), decoded };
    if (isZlibError(error)) return { ok: false, code: 'Malformed', why: `its answer cannot be decompressed: ${error.message}` };
    throw error;
  }
}

function decoderOf(encoding: string): Transform | undefined {
  switch (encoding) {
    case '':
    case 'identity':
      return new PassThrough();
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
}

function upTo(limit: number, count = { bytes: 0 }): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* counted(source) {
    for await (const chunk of source) {
      count.bytes += chunk.byteLength;
      if (count.bytes > limit) throw new TooLarge();
      yield chunk;
    }
  };
}

/** Codes of zlib and of brotli: `Z_DATA_ERROR`, `ERR__ERROR_FORMAT_PADDING_1`. */
function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(Z_|ERR_*BROTLI|ERR__ERROR)/.test(String(error.code));
}
