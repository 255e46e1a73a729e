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
import { type ClauseLetter, MOST_DIGITS, outOfRange, readClause, refusal } from './format-clause.ts';

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
    if (argument === undefined) return outOfRange(used);
    const clause = readClause(template, percent + 1);
    if (clause instanceof Failure) return clause;
    // A hundred digits of a double take some microseconds.
    const formatted = spend(frame, 10) ?? FORMATTERS[clause.letter](argument, clause.digits, frame);
    if (formatted instanceof Failure) return formatted;
    text += formatted;
    const grown = spendString(frame, formatted.length) ?? lengthWithin(frame, text.length);
    if (grown) return grown;
    offset = clause.end;
    used += 1;
  }
  return text;
}

type Formatter = (value: CelValue, digits: number | undefined, frame: Frame) => string | Failure;

function refuse(letter: ClauseLetter, value: CelValue): Failure {
  return invalidArgument(refusal(letter, typeNameOf(value)));
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
  const scalar = toText(value) ?? refuse('s', value);
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
  return refuse('d', value);
}

function fixed(value: CelValue, digits = 6): string | Failure {
  const number = typeof value === 'number' ? value : integerOf(value);
  if (number === undefined) return refuse('f', value);
  return special(Number(number)) ?? rounded(Number(number), digits, fixedPoint);
}

function scientific(value: CelValue, digits = 6): string | Failure {
  const number = typeof value === 'number' ? value : integerOf(value);
  if (number === undefined) return refuse('e', value);
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
  return integerOf(value)?.toString(2) ?? refuse('b', value);
}

function octal(value: CelValue): string | Failure {
  return integerOf(value)?.toString(8) ?? refuse('o', value);
}

function hexadecimal(value: CelValue, digits: number | undefined, frame: Frame): string | Failure {
  if (typeof value === 'string') return spendRead(frame, value.length * 3) ?? hexadecimal(encodeUtf8(value), digits, frame);
  if (value instanceof Uint8Array) return spendString(frame, value.length * 2) ?? hexOf(value);
  return integerOf(value)?.toString(16) ?? refuse('x', value);
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

const FORMATTERS: Readonly<Record<ClauseLetter, Formatter>> = {
  s: text,
  d: decimal,
  f: fixed,
  e: scientific,
  b: binary,
  o: octal,
  x: hexadecimal,
  X: (value, digits, frame) => {
    const lower = hexadecimal(value, digits, frame);
    return typeof lower === 'string' ? lower.toUpperCase() : lower;
  },
};
