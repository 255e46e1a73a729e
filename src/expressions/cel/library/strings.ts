import { codePointCount, codePoints, countBefore, pointAt, unitOf } from '../code-points.ts';
import { Failure, invalidArgument, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { fn, method, type Overload } from '../functions.ts';
import { spend, spendElements, spendRead, spendString } from '../limits.ts';
import { preview } from '../preview.ts';
import { findFirst, findLast, searchCost, splitAt } from '../text-search.ts';
import { toWellFormed } from '../utf8.ts';
import type { CelList } from '../values.ts';
import { format } from './format.ts';

/** cel-go's strings extension. Positions and lengths count code points. */

function outOfRange(index: bigint): Failure {
  return new Failure('IndexOutOfBounds', `index out of range: ${index}`);
}

function charAt(text: string, index: bigint, frame: Frame): Result {
  const spent = spendRead(frame, text.length * 2);
  if (spent) return spent;
  if (index < 0n || index > BigInt(codePointCount(text))) return outOfRange(index);
  return pointAt(text, unitOf(text, Number(index)));
}

function indexOf(text: string, part: string, from: bigint, frame: Frame): Result {
  const spent = spendRead(frame, text.length * 3) ?? spend(frame, searchCost(text, part));
  if (spent) return spent;
  if (from < 0n || from > BigInt(codePointCount(text))) return outOfRange(from);
  if (part === '') return from;
  const found = findFirst(text, part, unitOf(text, Number(from)));
  return found < 0 ? -1n : BigInt(countBefore(text, found));
}

function lastIndexOf(text: string, part: string, from: bigint | undefined, frame: Frame): Result {
  const spent = spendRead(frame, text.length * 3) ?? spend(frame, searchCost(text, part));
  if (spent) return spent;
  const length = codePointCount(text);
  if (from !== undefined && (from < 0n || from > BigInt(length))) return outOfRange(from);
  const limit = from ?? BigInt(length);
  if (part === '') return limit;
  const found = findLast(text, part, unitOf(text, Number(limit)));
  return found < 0 ? -1n : BigInt(countBefore(text, found));
}

function substring(text: string, start: bigint, end: bigint | undefined, frame: Frame): Result {
  const spent = spendRead(frame, text.length * 3);
  if (spent) return spent;
  const length = BigInt(codePointCount(text));
  const stop = end ?? length;
  if (end !== undefined && start > end) return invalidArgument(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > length) return outOfRange(start);
  if (stop < 0n || stop > length) return outOfRange(stop);
  const piece = text.slice(unitOf(text, Number(start)), unitOf(text, Number(stop)));
  return spendString(frame, piece.length) ?? piece;
}

function join(list: CelList, separator: string, frame: Frame): Result {
  const spent = spend(frame, list.length);
  if (spent) return spent;
  let length = 0;
  for (const element of list) {
    if (typeof element !== 'string') return invalidArgument(`join: invalid input: ${preview(element)}`);
    length += element.length + separator.length;
  }
  return spendString(frame, length) ?? list.join(separator);
}

/** The pieces between the separators; between code points for an empty one. At most one more than may be made. */
function piecesOf(text: string, separator: string, frame: Frame): string[] | Failure {
  const most = frame.limits.maxElements + 1;
  const spent = spendRead(frame, text.length) ?? spend(frame, searchCost(text, separator));
  if (spent) return spent;
  const pieces = separator === '' ? codePoints(text.slice(0, most * 2)) : splitAt(text, separator, most);
  return spendElements(frame, pieces.length) ?? pieces;
}

/** A negative limit means no limit. */
function replace(text: string, old: string, replacement: string, limit: bigint, frame: Frame): Result {
  const pieces = piecesOf(text, old, frame);
  if (pieces instanceof Failure) return pieces;
  const parts = old === '' ? ['', ...pieces, ''] : pieces;
  const possible = parts.length - 1;
  const count = limit < 0n || limit > BigInt(possible) ? possible : Number(limit);
  const spent = spendString(frame, text.length + count * replacement.length);
  if (spent) return spent;
  const replaced = parts.slice(0, count + 1).join(replacement);
  return count === possible ? replaced : [replaced, ...parts.slice(count + 1)].join(old);
}

function split(text: string, separator: string, limit: bigint, frame: Frame): Result {
  if (limit === 0n) return [];
  const parts = piecesOf(text, separator, frame);
  if (parts instanceof Failure || limit < 0n || limit >= BigInt(parts.length)) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

/** A text of about the same length made of another. */
function transform(name: string, change: (text: string) => string): Overload {
  return method(name, ['string'], 'string', (text, frame) => spendString(frame, text.length) ?? change(text));
}

const QUOTED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Escapes what CEL escapes; what is no Unicode (see `utf8.ts`) becomes U+FFFD. */
function quote(text: string): string {
  return `"${toWellFormed(text).replace(/[\u0007\b\f\n\r\t\v\\"]/g, (special) => QUOTED[special] ?? special)}"`;
}

/** Without white space at both ends. Looked for from the ends: a pattern would try every blank inside as the beginning of the end. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charAt(start))) start += 1;
  while (end > start && isBlank(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Unicode white space as Go has it: JavaScript's, without the byte order mark, with U+0085. */
function isBlank(character: string): boolean {
  return character === '\u0085' || (character !== '\ufeff' && character.trim() === '');
}

export const strings: readonly Overload[] = [
  method('charAt', ['string', 'int'], 'string', charAt),
  method('indexOf', ['string', 'string'], 'int', (text, part, frame) => indexOf(text, part, 0n, frame)),
  method('indexOf', ['string', 'string', 'int'], 'int', indexOf),
  method('lastIndexOf', ['string', 'string'], 'int', (text, part, frame) => lastIndexOf(text, part, undefined, frame)),
  method('lastIndexOf', ['string', 'string', 'int'], 'int', lastIndexOf),
  method('join', ['list(string)'], 'string', (list, frame) => join(list, '', frame)),
  method('join', ['list(string)', 'string'], 'string', join),
  transform('lowerAscii', (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  transform('upperAscii', (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  method('replace', ['string', 'string', 'string'], 'string', (text, old, by, frame) => replace(text, old, by, -1n, frame)),
  method('replace', ['string', 'string', 'string', 'int'], 'string', replace),
  method('split', ['string', 'string'], 'list(string)', (text, separator, frame) => split(text, separator, -1n, frame)),
  method('split', ['string', 'string', 'int'], 'list(string)', split),
  method('substring', ['string', 'int'], 'string', (text, start, frame) => substring(text, start, undefined, frame)),
  method('substring', ['string', 'int', 'int'], 'string', substring),
  transform('trim', trim),
  transform('reverse', (text) => codePoints(text).reverse().join('')),
  method('format', ['string', 'list(dyn)'], 'string', format),
  fn('strings.quote', ['string'], 'string', (text, frame) => spendString(frame, text.length * 2) ?? quote(text)),
];
