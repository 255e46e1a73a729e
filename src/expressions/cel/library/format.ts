import { Failure, invalidArgument, limitExceeded, type Result } from '../failure.ts';
import { formatDouble } from '../format-double.ts';
import type { Frame } from '../frame.ts';
import { spend, spendString } from '../limits.ts';
import { mapEntries } from '../maps.ts';
import { compareStrings } from '../ordering.ts';
import { encodeUtf8 } from '../utf8.ts';
import { type CelList, type CelMap, type CelValue, isList, isMap, TypeValue, typeNameOf, Uint } from '../values.ts';
import { toText } from './conversions.ts';

/** Digits after the point that may be asked for. JavaScript formats no more. */
const MOST_DIGITS = 100;

/** `'%s is %.2f'.format([name, value])`. */
export function format(template: string, args: CelList, frame: Frame): Result {
  let text = '';
  let used = 0;
  for (let offset = 0; offset < template.length; ) {
    const percent = template.indexOf('%', offset);
    if (percent < 0) {
      text += template.slice(offset);
      break;
    }
    text += template.slice(offset, percent);
    const clause = /^%(?:%|(?:\.([0-9]+))?(.?))/su.exec(template.slice(percent, percent + 24));
    if (!clause || clause[0] === '%') return invalidArgument('unexpected end of format string');
    offset = percent + clause[0].length;
    if (clause[0] === '%%') {
      text += '%';
      continue;
    }
    const argument = args[used];
    const formatter = FORMATTERS.get(clause[2] ?? '');
    if (!formatter) return invalidArgument(`could not parse formatting clause: unrecognized formatting clause "${clause[2]}"`);
    if (argument === undefined) return new Failure('IndexOutOfBounds', `index ${used} out of range`);
    const digits = clause[1] === undefined ? undefined : Number(clause[1]);
    if (digits !== undefined && digits > MOST_DIGITS) return limitExceeded(`precision ${digits} is larger than ${MOST_DIGITS}`);
    used += 1;
    const formatted = formatter(argument, digits, frame);
    if (formatted instanceof Failure) return formatted;
    text += formatted;
    const spent = spendString(frame, text.length);
    if (spent) return spent;
  }
  return text;
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
  if (typeof value === 'number') return special(value) ?? formatDouble(value, 21);
  if (value instanceof TypeValue) return value.name;
  if (isList(value)) return listText(value, frame, depth);
  if (isMap(value)) return mapText(value, frame, depth);
  const scalar =
    toText(value) ??
    refuse('string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps', value);
  return scalar instanceof Failure ? scalar : String(scalar);
}

function listText(list: CelList, frame: Frame, depth: number): string | Failure {
  const parts: string[] = [];
  for (const element of list) {
    const part = textOf(element, frame, depth + 1);
    if (part instanceof Failure) return part;
    parts.push(part);
  }
  return `[${parts.join(', ')}]`;
}

function mapText(map: CelMap, frame: Frame, depth: number): string | Failure {
  const parts: (readonly [string, string])[] = [];
  for (const [key, value] of mapEntries(map)) {
    const keyPart = textOf(key, frame, depth + 1);
    if (keyPart instanceof Failure) return keyPart;
    const valuePart = textOf(value, frame, depth + 1);
    if (valuePart instanceof Failure) return valuePart;
    parts.push([keyPart, valuePart]);
  }
  parts.sort(([a], [b]) => compareStrings(a, b));
  return `{${parts.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;
}

function decimal(value: CelValue): string | Failure {
  const integer = integerOf(value);
  if (integer !== undefined) return String(integer);
  if (typeof value === 'number') return special(value) ?? formatDouble(value, 21);
  return refuse('decimal clause can only be used on integers', value);
}

function fixed(value: CelValue, digits = 6): string | Failure {
  const number = typeof value === 'number' ? value : integerOf(value);
  if (number === undefined) return refuse('fixed-point clause can only be used on doubles', value);
  return special(Number(number)) ?? fixedPoint(Number(number), digits);
}

/** As `toFixed`, for large numbers too, and with halves (exactly representable ones) to even as C and Go round. */
function fixedPoint(value: number, digits: number): string {
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
  const rounded = value.toFixed(digits);
  const scaled = Math.abs(value) * 10 ** digits;
  const isHalf =
    scaled < 2 ** 52 &&
    scaled - Math.floor(scaled) === 0.5 &&
    value.toFixed(Math.min(100, digits + 20)).slice(-20) === '50000000000000000000';
  if (!isHalf || Math.floor(scaled) % 2 === 1) return rounded;
  const even = (Math.floor(scaled) / 10 ** digits).toFixed(digits);
  return value < 0 ? `-${even}` : even;
}

function scientific(value: CelValue, digits = 6): string | Failure {
  const number = typeof value === 'number' ? value : integerOf(value);
  if (number === undefined) return refuse('scientific clause can only be used on doubles', value);
  return (
    special(Number(number)) ??
    Number(number)
      .toExponential(digits)
      .replace(/e([+-])(\d)$/, 'e$10$2')
  );
}

function binary(value: CelValue): string | Failure {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return integerOf(value)?.toString(2) ?? refuse('only integers and bools can be formatted as binary', value);
}

function octal(value: CelValue): string | Failure {
  return integerOf(value)?.toString(8) ?? refuse('octal clause can only be used on integers', value);
}

function hexadecimal(value: CelValue): string | Failure {
  if (typeof value === 'string') return hexadecimal(encodeUtf8(value));
  if (value instanceof Uint8Array) return Array.from(value, (octet) => octet.toString(16).padStart(2, '0')).join('');
  return integerOf(value)?.toString(16) ?? refuse('only integers, byte buffers, and strings can be formatted as hex', value);
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
    (value) => {
      const lower = hexadecimal(value);
      return typeof lower === 'string' ? lower.toUpperCase() : lower;
    },
  ],
]);
