const NEWLINE = 0x0a;

/**
 * The last lines of what there is, and with `follow` all that comes after. `read` gives the whole from its beginning, each time: up to now, or on and on.
 */
export async function* lastLines(read: (follow: boolean) => AsyncIterable<Buffer>, lines: number, follow: boolean): AsyncGenerator<Buffer> {
  let kept = Buffer.alloc(0);
  let total = 0;
  for await (const chunk of read(false)) {
    total += chunk.length;
    kept = Buffer.concat([kept, chunk]);
    kept = kept.subarray(startOfLast(kept, lines));
  }
  // A line that is still being written is left to the second reading.
  const whole = follow ? kept.lastIndexOf(NEWLINE) + 1 : kept.length;
  if (whole > 0) yield kept.subarray(0, whole);
  if (!follow) return;
  let skip = total - (kept.length - whole);
  for await (const chunk of read(true)) {
    const passed = Math.min(skip, chunk.length);
    skip -= passed;
    if (passed < chunk.length) yield chunk.subarray(passed);
  }
}

/** Each line behind its time (RFC 3339), as `timeOf` says when the line begins. Milliseconds since the epoch. */
export async function* stampLines(chunks: AsyncIterable<Buffer>, timeOf: () => number): AsyncGenerator<Buffer> {
  let isStart = true;
  for await (const chunk of chunks) {
    const parts: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (isStart) parts.push(Buffer.from(`${new Date(timeOf()).toISOString()} `));
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline < 0 ? chunk.length : newline + 1;
      parts.push(chunk.subarray(at, end));
      isStart = newline >= 0;
      at = end;
    }
    yield Buffer.concat(parts);
  }
}

function startOfLast(text: Buffer, lines: number): number {
  if (lines === 0) return text.length;
  let at = text.length;
  if (text[at - 1] === NEWLINE) at--;
  for (let found = 0; found < lines; found++) {
    const newline = at <= 0 ? -1 : text.lastIndexOf(NEWLINE, at - 1);
    if (newline < 0) return 0;
    at = newline;
  }
  return at + 1;
}
