import {
  type CelFunc,
  type CelInput,
  CelScalar,
  type CelValue,
  celFunc,
  celMethod,
  celUint,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
  listType,
  objectType,
  run,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { formatDouble, plainDouble } from '../../../src/expressions/cel/format-double.ts';
import { compareUtf8 } from '../../../src/expressions/compare-utf8.ts';
import { commonNotation, notation, type Outcome } from './outcome.ts';
import { type Json, type Variables, withMaps } from './variables.ts';

const { INT, UINT, DOUBLE, STRING, BOOL } = CelScalar;
const DURATION = objectType('google.protobuf.Duration');
const TIMESTAMP = objectType('google.protobuf.Timestamp');

/** A message as it comes out of the engine. */
interface Time {
  readonly message: { readonly $typeName: string; readonly seconds: bigint; readonly nanos: number };
}

function nanosecondsOf({ message }: Time): bigint {
  return message.seconds * 1_000_000_000n + BigInt(message.nanos);
}

function secondsOf({ message }: Time): number {
  return Number(message.seconds) + message.nanos / 1e9;
}

function made(expression: string): CelValue {
  const value = run(expression);
  if (isCelError(value)) throw value;
  return value;
}

function integer(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new Error('not an integer');
  const value = BigInt(text.replace('+', ''));
  if (value < -(2n ** 63n) || value >= 2n ** 63n) throw new Error('out of range');
  return value;
}

function unsigned(text: string): bigint {
  if (!/^[0-9]+$/.test(text) || BigInt(text) >= 2n ** 64n) throw new Error('not an unsigned integer');
  return BigInt(text);
}

function secondsText(nanoseconds: bigint): string {
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return `${nanoseconds < 0n ? '-' : ''}${absolute / 1_000_000_000n}.${String(absolute % 1_000_000_000n).padStart(9, '0')}s`;
}

function shorter(text: unknown): string {
  return String(text).replace(/\.(\d*?)0+([sZ])$/, (_, digits: string, unit: string) => (digits === '' ? unit : `.${digits}${unit}`));
}

function points(text: string): readonly string[] {
  return Array.from(text);
}

function substring(text: string, start: bigint, end = BigInt(points(text).length)): string {
  const length = BigInt(points(text).length);
  if (start < 0n || start > end || end > length) throw new Error('out of range');
  return points(text).slice(Number(start), Number(end)).join('');
}

/** Position of `part` in code points; brute force. */
function indexOf(text: string, part: string, last: boolean): bigint {
  const [all, wanted] = [points(text), points(part)];
  const starts = all.map((_, start) => start).concat(all.length);
  const found = starts.filter((start) => wanted.every((point, offset) => all[start + offset] === point));
  return BigInt((last ? found.at(-1) : found[0]) ?? -1);
}

/** Functions of @bufbuild/cel 0.6.1 that are wrong, or follow no cel-go, mended. Everything else is its own. */
const mended: readonly CelFunc[] = [
  // Doubles are printed as JavaScript does; cel-go prints as Go's %g.
  celFunc('string', [DOUBLE], STRING, (value) => formatDouble(value, 6)),
  // BigInt and Number read '', blanks and hexadecimal as numbers.
  celFunc('int', [STRING], INT, integer),
  celFunc('uint', [STRING], UINT, (text) => celUint(unsigned(text))),
  celFunc('double', [STRING], DOUBLE, (text) => {
    if (text === 'NaN' || /^[+-]Inf$/.test(text)) return Number(text.replace('Inf', 'Infinity'));
    if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) throw new Error('not a number');
    return Number(text);
  }),
  // Numbers are seconds and milliseconds where cel-go has nanoseconds and seconds.
  celFunc('int', [DURATION], INT, (value) => nanosecondsOf(value as unknown as Time)),
  celFunc('duration', [INT], DURATION, (value) => made(`duration('${secondsText(value)}')`) as never),
  celFunc('timestamp', [INT], TIMESTAMP, (value) => made(`timestamp('1970-01-01T00:00:00Z') + duration('${value}s')`) as never),
  // No number at all is taken for none.
  celFunc('duration', [STRING], DURATION, (text) => {
    if (!/[0-9]/.test(text)) throw new Error('not a duration');
    return made(`duration(${JSON.stringify(text)})`) as never;
  }),
  // Fractions of seconds have three, six or nine digits; in Go as many as are needed.
  celFunc('string', [TIMESTAMP], STRING, (value) => shorter(run('string(t)', { t: value }))),
  // Durations are exact; upstream goes by way of a double.
  celFunc('string', [DURATION], STRING, (value) => `${plainDouble(secondsOf(value as unknown as Time))}s`),
  // Upstream reports the quotient that has no int although the remainder is 0.
  celFunc('_%_', [INT, INT], INT, (a, b) => {
    if (b === 0n || (a === -(2n ** 63n) && b === -1n)) throw new Error('no remainder');
    return a % b;
  }),
  // Quotients above the largest int are taken for an overflow.
  celFunc('_/_', [UINT, UINT], UINT, (a, b) => celUint(a.value / b.value)),
  // Strings are ordered by UTF-16 units; the specification says code points.
  celFunc('_<_', [STRING, STRING], BOOL, (a, b) => compareUtf8(a, b) < 0),
  celFunc('_<=_', [STRING, STRING], BOOL, (a, b) => compareUtf8(a, b) <= 0),
  celFunc('_>_', [STRING, STRING], BOOL, (a, b) => compareUtf8(a, b) > 0),
  celFunc('_>=_', [STRING, STRING], BOOL, (a, b) => compareUtf8(a, b) >= 0),
  // Positions are counted in UTF-16 units.
  celMethod('indexOf', STRING, [STRING], INT, function (part) {
    return indexOf(this, part, false);
  }),
  celMethod('lastIndexOf', STRING, [STRING], INT, function (part) {
    return indexOf(this, part, true);
  }),
  celMethod('charAt', STRING, [INT], STRING, function (index) {
    if (index < 0n || index > BigInt(points(this).length)) throw new Error('out of range');
    return points(this)[Number(index)] ?? '';
  }),
  celMethod('substring', STRING, [INT], STRING, function (start) {
    return substring(this, start, undefined);
  }),
  celMethod('substring', STRING, [INT, INT], STRING, function (start, end) {
    return substring(this, start, end);
  }),
  // An empty separator splits between UTF-16 units; a limit cuts the rest off instead of leaving it in the last part.
  celMethod('split', STRING, [STRING], listType(STRING), function (separator) {
    return (separator === '' ? points(this) : this.split(separator)) as never;
  }),
  celMethod('split', STRING, [STRING, INT], listType(STRING), function (separator, limit) {
    const parts = separator === '' ? points(this) : this.split(separator);
    if (limit < 0n || limit >= BigInt(parts.length)) return parts as never;
    const kept = Number(limit) - 1;
    return (limit === 0n ? [] : [...parts.slice(0, kept), parts.slice(kept).join(separator)]) as never;
  }),
  // An empty text is replaced at the wrong places, and with a limit searched as often as that says.
  celMethod('replace', STRING, [STRING, STRING], STRING, function (old, by) {
    return (old === '' ? ['', ...points(this), ''] : this.split(old)).join(by);
  }),
  celMethod('replace', STRING, [STRING, STRING, INT], STRING, function (old, by, limit) {
    const parts = old === '' ? ['', ...points(this), ''] : this.split(old);
    const count = limit < 0n || limit >= BigInt(parts.length) ? parts.length - 1 : Number(limit);
    return [parts.slice(0, count + 1).join(by), ...parts.slice(count + 1)].join(old);
  }),
];

const options = { funcs: [...strings, ...mended] };
const ts = made("timestamp('2023-11-14T22:13:20.123Z')");

export function runBufbuild(source: string, variables: Variables): Outcome {
  const given: Record<string, CelInput> = {
    ...variables,
    u: celUint(variables.u),
    n: null,
    m: new Map(Object.entries(variables.m)),
    body: withMaps(variables.body as Json) as CelInput,
    ts,
  };
  // A comment without a newline behind it does not parse.
  const result = run(`${source}\n`, given, options);
  return isCelError(result) ? { kind: 'error', message: result.message } : { kind: 'value', text: write(result) };
}

function write(value: CelValue): string {
  const common = commonNotation(value);
  if (common !== undefined) return common;
  if (isCelUint(value)) return notation.uint(value.value);
  if (isCelType(value)) return notation.type(value.name);
  if (isCelList(value)) return notation.list([...value].map(write));
  if (isCelMap(value)) return notation.map([...value].map(([key, entry]) => [write(key), write(entry)]));
  const time = value as unknown as Time;
  const isTimestamp = time.message.$typeName === 'google.protobuf.Timestamp';
  return isTimestamp ? notation.timestamp(nanosecondsOf(time)) : notation.duration(nanosecondsOf(time));
}
