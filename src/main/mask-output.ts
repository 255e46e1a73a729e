/** Shorter values are left: masking every "on" or "12" would make output unreadable and hide nothing worth hiding. */
const SHORTEST = 4;
/** Of a value with several lines (a private key) each long line is masked by itself. */
const SHORTEST_LINE = 12;
const MASK = Buffer.from('***');

/** What to look for in output, longest first, so that a value that contains another one goes as a whole. */
export function maskedValues(secrets: Iterable<Buffer>): readonly Buffer[] {
  const found = new Map<string, Buffer>();
  for (const secret of secrets) {
    const text = secret.toString('utf8').trim();
    const lines = text.split('\n').map((line) => line.trim());
    for (const value of lines.length === 1 ? [text] : [text, ...lines.filter((line) => line.length >= SHORTEST_LINE)]) {
      const bytes = Buffer.from(value, 'utf8');
      if (bytes.length >= SHORTEST) found.set(value, bytes);
    }
  }
  return [...found.values()].sort((a, b) => b.length - a.length);
}

/**
 * Replaces secrets in a stream of output by `***`, also where one is cut in two by the border of two chunks: what could be the
 * beginning of a secret is held back until it is decided.
 */
export async function* maskOutput(chunks: AsyncIterable<Buffer>, values: readonly Buffer[]): AsyncGenerator<Buffer> {
  if (values.length === 0) {
    yield* chunks;
    return;
  }
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const { done, rest } = mask(held.length === 0 ? chunk : Buffer.concat([held, chunk]), values, false);
    held = rest;
    if (done.length > 0) yield done;
  }
  const { done } = mask(held, values, true);
  if (done.length > 0) yield done;
}

function mask(input: Buffer, values: readonly Buffer[], last: boolean): { readonly done: Buffer; readonly rest: Buffer } {
  const parts: Buffer[] = [];
  let from = 0;
  for (;;) {
    const next = firstOf(input, values, from);
    if (next === undefined) break;
    parts.push(input.subarray(from, next.at), MASK);
    from = next.at + next.length;
  }
  const open = last ? input.length : Math.max(from, input.length - openEnd(input.subarray(from), values));
  parts.push(input.subarray(from, open));
  return { done: Buffer.concat(parts), rest: input.subarray(open) };
}

function firstOf(input: Buffer, values: readonly Buffer[], from: number): { readonly at: number; readonly length: number } | undefined {
  let first: { at: number; length: number } | undefined;
  for (const value of values) {
    const at = input.indexOf(value, from);
    if (at >= 0 && (first === undefined || at < first.at)) first = { at, length: value.length };
  }
  return first;
}

/** How many bytes at the end of `input` may be the beginning of a value. */
function openEnd(input: Buffer, values: readonly Buffer[]): number {
  let longest = 0;
  for (const value of values) {
    for (let length = Math.min(value.length - 1, input.length); length > longest; length--) {
      if (input.subarray(input.length - length).equals(value.subarray(0, length))) longest = length;
    }
  }
  return longest;
}
