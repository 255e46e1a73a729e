import { codePointCount, codePoints, sliceCodePoints } from '../code-points.ts';
import { Failure, invalidArgument, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { fn, method, type Overload } from '../functions.ts';
import { spendElements, spendString } from '../limits.ts';
import { preview } from '../preview.ts';
import { toWellFormed } from '../utf8.ts';
import type { CelList } from '../values.ts';
import { format } from './format.ts';

/** cel-go's strings extension. Positions and lengths count code points. */

function outOfRange(index: bigint): Failure {
  return new Failure('IndexOutOfBounds', `index out of range: ${index}`);
}

function charAt(text: string, index: bigint): Result {
  const points = codePoints(text);
  if (index < 0n || index > BigInt(points.length)) return outOfRange(index);
  return points[Number(index)] ?? '';
}

function indexOf(text: string, part: string, from: bigint): Result {
  const length = codePointCount(text);
  if (from < 0n || from > BigInt(length)) return outOfRange(from);
  if (part === '') return from;
  const start = sliceCodePoints(text, 0, Number(from)).length;
  const found = text.indexOf(part, start);
  return found < 0 ? -1n : BigInt(codePointCount(text.slice(0, found)));
}

function lastIndexOf(text: string, part: string, from: bigint | undefined): Result {
  const length = codePointCount(text);
  if (from !== undefined && (from < 0n || from > BigInt(length))) return outOfRange(from);
  const limit = from ?? BigInt(length);
  if (part === '') return limit;
  const found = text.lastIndexOf(part, sliceCodePoints(text, 0, Number(limit)).length);
  return found < 0 ? -1n : BigInt(codePointCount(text.slice(0, found)));
}

function substring(text: string, start: bigint, end: bigint | undefined): Result {
  const length = BigInt(codePointCount(text));
  const stop = end ?? length;
  if (end !== undefined && start > end) return invalidArgument(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > length) return outOfRange(start);
  if (stop < 0n || stop > length) return outOfRange(stop);
  return sliceCodePoints(text, Number(start), Number(stop));
}

function join(list: CelList, separator: string, frame: Frame): Result {
  const parts: string[] = [];
  let length = 0;
  for (const element of list) {
    if (typeof element !== 'string') return invalidArgument(`join: invalid input: ${preview(element)}`);
    parts.push(element);
    length += element.length + separator.length;
  }
  return spendString(frame, length + parts.length) ?? parts.join(separator);
}

/** A negative limit means no limit. */
function replace(text: string, old: string, replacement: string, limit: bigint, frame: Frame): Result {
  const parts = old === '' ? ['', ...codePoints(text), ''] : text.split(old);
  const possible = parts.length - 1;
  const count = limit < 0n || limit > BigInt(possible) ? possible : Number(limit);
  const spent = spendString(frame, text.length + count * replacement.length) ?? spendElements(frame, parts.length);
  if (spent) return spent;
  const replaced = parts.slice(0, count + 1).join(replacement);
  return count === possible ? replaced : [replaced, ...parts.slice(count + 1)].join(old);
}

function split(text: string, separator: string, limit: bigint, frame: Frame): Result {
  if (limit === 0n) return [];
  const parts = separator === '' ? [...codePoints(text)] : text.split(separator);
  const spent = spendElements(frame, parts.length);
  if (spent || limit < 0n || limit >= BigInt(parts.length)) return spent ?? parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
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

function asciiCase(text: string, from: RegExp, convert: (letters: string) => string): string {
  return text.replace(from, convert);
}

export const strings: readonly Overload[] = [
  method('charAt', ['string', 'int'], 'string', charAt),
  method('indexOf', ['string', 'string'], 'int', (text, part) => indexOf(text, part, 0n)),
  method('indexOf', ['string', 'string', 'int'], 'int', indexOf),
  method('lastIndexOf', ['string', 'string'], 'int', (text, part) => lastIndexOf(text, part, undefined)),
  method('lastIndexOf', ['string', 'string', 'int'], 'int', lastIndexOf),
  method('join', ['list(string)'], 'string', (list, frame) => join(list, '', frame)),
  method('join', ['list(string)', 'string'], 'string', join),
  method('lowerAscii', ['string'], 'string', (text) => asciiCase(text, /[A-Z]+/g, (letters) => letters.toLowerCase())),
  method('upperAscii', ['string'], 'string', (text) => asciiCase(text, /[a-z]+/g, (letters) => letters.toUpperCase())),
  method('replace', ['string', 'string', 'string'], 'string', (text, old, by, frame) => replace(text, old, by, -1n, frame)),
  method('replace', ['string', 'string', 'string', 'int'], 'string', replace),
  method('split', ['string', 'string'], 'list(string)', (text, separator, frame) => split(text, separator, -1n, frame)),
  method('split', ['string', 'string', 'int'], 'list(string)', split),
  method('substring', ['string', 'int'], 'string', (text, start) => substring(text, start, undefined)),
  method('substring', ['string', 'int', 'int'], 'string', substring),
  method('trim', ['string'], 'string', trim),
  method('reverse', ['string'], 'string', (text) => [...codePoints(text)].reverse().join('')),
  method('format', ['string', 'list(dyn)'], 'string', format),
  fn('strings.quote', ['string'], 'string', quote),
];
