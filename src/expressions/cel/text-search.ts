/**
 * Finding text in text. The built-in search takes, at its worst, time in proportion to the product of both lengths; where that would be
 * much, the search of Knuth, Morris and Pratt is used, which is linear.
 */

/** Longest text that the built-in search looks for. */
const LONGEST_BUILT_IN = 64;

/** Steps to account for before any of the searches below. */
export function searchCost(text: string, part: string): number {
  if (part.length > LONGEST_BUILT_IN) return (text.length + part.length) >>> 5;
  // Looking for but one character that is everywhere already takes some nanoseconds at each.
  return Math.floor((text.length * (part.length + 16)) / 256);
}

/** Where `part` begins in `text` at `from` or behind, or -1. */
export function findFirst(text: string, part: string, from = 0): number {
  if (part.length <= LONGEST_BUILT_IN) return text.indexOf(part, from);
  for (const start of occurrences(text, part, from)) return start;
  return -1;
}

/** The last beginning of `part` at or before `limit`, or -1. */
export function findLast(text: string, part: string, limit: number): number {
  if (part.length <= LONGEST_BUILT_IN) return text.lastIndexOf(part, limit);
  let last = -1;
  for (const start of occurrences(text, part, 0)) {
    if (start > limit) break;
    last = start;
  }
  return last;
}

/** As `text.split(part, most)`, for a `part` that is not empty. */
export function splitAt(text: string, part: string, most: number): string[] {
  if (part.length <= LONGEST_BUILT_IN) return text.split(part, most);
  const pieces: string[] = [];
  let end = 0;
  for (const start of occurrences(text, part, 0)) {
    if (start < end) continue;
    if (pieces.length === most) return pieces;
    pieces.push(text.slice(end, start));
    end = start + part.length;
  }
  if (pieces.length < most) pieces.push(text.slice(end));
  return pieces;
}

/** All beginnings in order, overlapping ones too. */
function* occurrences(text: string, part: string, from: number): Generator<number> {
  const borders = bordersOf(part);
  let matched = 0;
  for (let index = from; index < text.length; index++) {
    const code = text.charCodeAt(index);
    while (matched > 0 && part.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (part.charCodeAt(matched) === code) matched += 1;
    if (matched < part.length) continue;
    yield index + 1 - part.length;
    matched = borders[matched - 1] ?? 0;
  }
}

/** For every prefix the length of the longest part that it both begins and ends with. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  let length = 0;
  for (let index = 1; index < part.length; index++) {
    const code = part.charCodeAt(index);
    while (length > 0 && part.charCodeAt(length) !== code) length = borders[length - 1] ?? 0;
    if (part.charCodeAt(length) === code) length += 1;
    borders[index] = length;
  }
  return borders;
}
