import { gunzipSync } from 'node:zlib';

export type LayerRead = { readonly ok: true; readonly data: Uint8Array } | { readonly ok: false; readonly message: string };

const BLOCK = 512;
/** Of headers around the one file of a layer. */
const TAR_SLACK_BYTES = 16 * BLOCK;

/**
 * The one object in a layer: a tar of one file, compressed or not, or the object's own bytes. Decompression ends with the first byte too
 * many; entries that are no file (links, devices, directories) are refused, and nothing is ever written to disk.
 */
export function readLayer(blob: Uint8Array, mostBytes: number): LayerRead {
  const plain = decompressed(blob, mostBytes + TAR_SLACK_BYTES);
  if (!plain.ok) return plain;
  const { data } = plain;
  const file = isTar(data) ? firstFile(data) : plain;
  if (!file.ok) return file;
  return file.data.byteLength > mostBytes ? failed(`the object is larger than ${mostBytes} bytes`) : file;
}

function decompressed(blob: Uint8Array, mostBytes: number): LayerRead {
  if (blob[0] === 0x28 && blob[1] === 0xb5 && blob[2] === 0x2f && blob[3] === 0xfd)
    return failed('the layer is compressed with zstd; gzip or nothing is read');
  if (blob[0] !== 0x1f || blob[1] !== 0x8b) return { ok: true, data: blob };
  try {
    return { ok: true, data: gunzipSync(blob, { maxOutputLength: mostBytes }) };
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return failed(tooLarge ? `the layer is larger than ${mostBytes} bytes` : 'the layer cannot be decompressed');
  }
}

/** A header's checksum is over itself with blanks in its place: no YAML has one by chance. */
function isTar(data: Uint8Array): boolean {
  if (data.byteLength < BLOCK) return false;
  const header = data.subarray(0, BLOCK);
  const written = octal(header.subarray(148, 156));
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += header[index] ?? 0;
  return written === sum;
}

function firstFile(data: Uint8Array): LayerRead {
  for (let at = 0; at + BLOCK <= data.byteLength; ) {
    const header = data.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = octal(header.subarray(124, 136));
    const type = String.fromCharCode(header[156] ?? 0);
    if (size === undefined || at + BLOCK + size > data.byteLength) return failed('failed to read tar bundle: unexpected EOF');
    // Extended headers: they name the entry behind them, and names do not matter here.
    if (!['x', 'g', 'L', 'K'].includes(type)) {
      if (type !== '0' && type !== '\0') return failed('failed to read tar bundle: its first entry is no plain file');
      return { ok: true, data: data.subarray(at + BLOCK, at + BLOCK + size) };
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return failed('failed to read tar bundle: it is empty');
}

function octal(field: Uint8Array): number | undefined {
  const text = new TextDecoder('latin1')
    .decode(field)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function failed(message: string): LayerRead {
  return { ok: false, message };
}
