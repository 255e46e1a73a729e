import { KubeError } from './kube-client.ts';

/** One object of twice the size that etcd takes at most. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** A JSON document a line. A line that is none, or that breaks off, is an error: what it would have told is lost. */
export async function* jsonLines<T>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  // Parts of a line that has not ended; joined once, however many there are.
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end));
      start = end + 1;
      const line = parts.join('');
      parts = [];
      length = 0;
      if (line.trim() !== '') yield parseLine<T>(line);
    }
    const rest = text.slice(start);
    length += rest.length;
    if (length > MAX_LINE_BYTES) throw broken(`is longer than ${MAX_LINE_BYTES} characters`);
    if (rest !== '') parts.push(rest);
  }
  const rest = parts.join('');
  if (rest.trim() !== '') yield parseLine<T>(rest);
}

function parseLine<T>(line: string): T {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw broken(`is not JSON (${error instanceof Error ? error.message.split('\n', 1)[0]?.slice(0, 100) : String(error)})`);
  }
}

function broken(why: string): KubeError {
  return new KubeError(0, 'Malformed', `a line of the API server's watch ${why}`);
}
