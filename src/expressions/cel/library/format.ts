import { compareUtf8 } from '../../compare-utf8.ts';
import { Failure, invalidArgument, limitExceeded, type Result } from '../failure.ts';
import { plainDouble } from '../format-double.ts';
import type { Frame } from '../frame.ts';
import { lengthWithin, spend, spendRead, spendString } from '../limits.ts';
import { mapEntries } from '../maps.ts';
import { spendSorting } from '../ordering.ts';
import { encodeUtf8 } from '../utf8.ts';
import { type CelList, type CelMap, type CelValue, isList, isMap, TypeValue, typeNameOf, Uint } from '../values.ts';
import { toText } from './conversions.ts';

/** Digits after the point that may be asked for; cel-go's bound. JavaScript formats no more either. */
const MOST_DIGITS = 100;

/** `'%s is %.2f'.format([name, value])`. Errors come in the order in which cel-go looks. */
export function format(template: string, args: CelList, frame: Frame): Result {
  let text = '';
  let used = 0;
  for (let offset = 0; offset < template.length; ) {
    const percent = template.indexOf('%', offset);
    const plain = template.slice(offset, percent < 0 ? undefined : percent);
    text += plain;
    const spent = spendString(frame, plain.length);
    if (spent || percent < 0) return spent ?? text;
    if (template.startsWith('%%', percent)) {
      text += '%';
      offset = percent + 2;
      continue;
    }
    const argument = args[used];
    if (argument === undefined) return new Failure('IndexOutOfBounds', `index ${used} out of range`);
    const clause = readClause(template, percent + 1);
    if (clause instanceof Failure) return clause;
    // A hundred digits of a double take some microseconds.
    const formatted = spend(frame, 10) ?? clause.formatter(argument, clause.digits, frame);
    if (formatted instanceof Failure) return formatted;
    text += formatted;
    const grown = spendString(frame, formatted.length) ?? lengthWithin(frame, text.length);
    if (grown) return grown;
    offset = clause.end;
    used += 1;
  }
  return text;
}

interface Clause {
  readonly formatter: Formatter;
  readonly digits: number | undefined;
  readonly end: number;
}

/** Reads `.2f` at `start`. */
function readClause(template: string, start: number): Clause | Failure {
  if (start === template.length) return invalidArgument('unexpected end of string');
  let end = start;
  let digits: number | undefined;
  if (template[start] === '.') {
    end += 1;
    while (/[0-9]/.test(template.charAt(end))) end += 1;
    if (end === template.length) return badPrecision('could not find end of precision specifier');
    const number = template.slice(start + 1, end);
    if (number === '') return badPrecision('error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax');
    digits = Number(number);
    if (digits > MOST_DIGITS) return badPrecision(`precision ${number} exceeds maximum allowed precision ${MOST_DIGITS}`);
  }
  const letter = String.fromCodePoint(template.codePointAt(end) ?? 0);
  const formatter = FORMATTERS.get(letter);
  if (!formatter) return invalidArgument(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
  return { formatter, digits, end: end + 1 };
}

function badPrecision(why: string): Failure {
  return invalidArgument(`could not parse formatting clause: error while parsing precision: ${why}`);
}

type Formatter = (value: CelValue, digits: number | undefined, frame: Frame) => string | Failure;

function refuse(expected: string, value: CelValue): Failure {
  return invalidArgument(`error during formatting: ${expected}, was given ${typeNameOf(value)}`);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? 'Infinity' : '-Infinity';
}

function integerOf(value: CelValue): bigint | undefined {
  return typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined;
}

function text(value: CelValue, _digits: number | undefined, frame: Frame): string | Failure {
  return textOf(value, frame, 0);
}

function textOf(value: CelValue, frame: Frame, depth: number): string | Failure {
  const spent = spend(frame, 1);
  if (spent) return spent;
  if (depth > frame.limits.maxDataDepth) return limitExceeded(`value is nested deeper than ${frame.limits.maxDataDepth}`);
  if (value === null) return 'null';
  if (typeof value === 'number') return special(value) ?? plainDouble(value);
  if (value instanceof TypeValue) return value.name;
  if (isList(value)) return listText(value, frame, depth);
  if (isMap(value)) return mapText(value, frame, depth);
  const read = value instanceof Uint8Array ? spendString(frame, value.length) : undefined;
  if (read) return read;
  const scalar =
    toText(value) ??
    refuse('string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps', value);
  return scalar instanceof Failure ? scalar : String(scalar);
}

function listText(list: CelList, frame: Frame, depth: number): string | Failure {
  const parts: string[] = [];
  let length = 2;
  for (const element of list) {
    const part = textOf(element, frame, depth + 1);
    if (part instanceof Failure) return part;
    parts.push(part);
    length += part.length + 2;
  }
  return spendString(frame, length) ?? `[${parts.join(', ')}]`;
}

function mapText(map: CelMap, frame: Frame, depth: number): string | Failure {
  const parts: (readonly [string, string])[] = [];
  let length = 2;
  for (const [key, value] of mapEntries(map)) {
    const keyPart = textOf(key, frame, depth + 1);
    if (keyPart instanceof Failure) return keyPart;
    const valuePart = textOf(value, frame, depth + 1);
    if (valuePart instanceof Failure) return valuePart;
    parts.push([keyPart, valuePart]);
    length += keyPart.length + valuePart.length + 4;
  }
  const spent = spendSorting(
    frame,
    parts.map(([key]) => key),
  );
  if (spent) return spent;
  parts.sort(([a], [b]) => compareUtf8(a, b));
  return spendString(frame, length) ?? `{${parts.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;
}

function decimal(value: CelValue): string | Failure {
  const integer = integerOf(value);
  if (integer !== undefined) return String(integer);
  if (typeof value === 'number') return special(value) ?? plainDouble(value);
  return refuse('decimal clause can only be used on integers', value);
}

function fixed(value: CelValue, digits = 6): string | Failure {
  const number = typeof value === 'number' ? value : integerOf(value);
  if (number === undefined) return refuse('fixed-point clause can only be used on doubles', value);
  return special(Number(number)) ?? rounded(Number(number), digits, fixedPoint);
}

function scientific(value: CelValue, digits = 6): string | Failure {
  const number = typeof value === 'number' ? value : integerOf(value);
  if (number === undefined) return refuse('scientific clause can only be used on doubles', value);
  const text = special(Number(number)) ?? rounded(Number(number), digits, (absolute, places) => absolute.toExponential(places));
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** As `toFixed`, for large numbers too. */
function fixedPoint(value: number, digits: number): string {
  return value < 1e21 ? value.toFixed(digits) : `${BigInt(value)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
}

/**
 * Written by `write`, but as Go does it: exact halves go to the even digit, where JavaScript rounds them up, and a negative zero keeps its
 * sign. A half shows in fifty digits more: nothing but zeros follow its five.
 */
function rounded(value: number, digits: number, write: (absolute: number, digits: number) => string): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const absolute = Math.abs(value);
  const more = Math.min(50, MOST_DIGITS - digits);
  const [mantissa = '', exponent] = write(absolute, digits + more).split('e');
  const below = mantissa.slice(0, mantissa.length - more).replace(/\.$/, '');
  const isHalf = more > 0 && /^50*$/.test(mantissa.slice(-more));
  if (!isHalf || Number(below.at(-1)) % 2 === 1) return sign + write(absolute, digits);
  return sign + below + (exponent === undefined ? '' : `e${exponent}`);
}

function binary(value: CelValue): string | Failure {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return integerOf(value)?.toString(2) ?? refuse('only integers and bools can be formatted as binary', value);
}

function octal(value: CelValue): string | Failure {
  return integerOf(value)?.toString(8) ?? refuse('octal clause can only be used on integers', value);
}

function hexadecimal(value: CelValue, digits: number | undefined, frame: Frame): string | Failure {
  if (typeof value === 'string') return spendRead(frame, value.length * 3) ?? hexadecimal(encodeUtf8(value), digits, frame);
  if (value instanceof Uint8Array) return spendString(frame, value.length * 2) ?? hexOf(value);
  return integerOf(value)?.toString(16) ?? refuse('only integers, byte buffers, and strings can be formatted as hex', value);
}

const HEX_DIGITS = new TextEncoder().encode('0123456789abcdef');

function hexOf(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    const octet = bytes[index] ?? 0;
    digits[index * 2] = HEX_DIGITS[octet >> 4] ?? 0;
    digits[index * 2 + 1] = HEX_DIGITS[octet & 15] ?? 0;
  }
  return new TextDecoder().decode(digits);
}

const FORMATTERS: ReadonlyMap<string, Formatter> = new Map<string, Formatter>([
  ['s', text],
  ['d', decimal],
  ['f', fixed],
  ['e', scientific],
  ['b', binary],
  ['o', octal],
  ['x', hexadecimal],
  [
    'X',
    (value, digits, frame) => {
      const lower = hexadecimal(value, digits, frame);
      return typeof lower === 'string' ? lower.toUpperCase() : lower;
    },
  ],
]);
