/** Longest line of a watch: an object is 1.5 MiB at most in etcd, and longer as JSON. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** The documents of a watch. What is left of a line when the stream ends is an error, and so is what is no JSON: nothing is passed over. */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      [parts, size, start] = [[], 0, end + 1];
      if (line.trim() !== '') yield JSON.parse(line);
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      size += chunk.length - start;
      if (size > MAX_LINE_BYTES) throw new Error(`a line of more than ${MAX_LINE_BYTES} bytes`);
    }
  }
  if (Buffer.concat(parts).toString('utf8').trim() !== '') throw new Error('the stream ended in the middle of a line');
}
