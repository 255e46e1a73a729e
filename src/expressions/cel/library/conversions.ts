import { duration, int, timestamp, uint } from '../arithmetic.ts';
import { Failure, invalidArgument, type Result } from '../failure.ts';
import { formatDouble } from '../format-double.ts';
import type { Frame } from '../frame.ts';
import { type Call, fn, type Overload, universal } from '../functions.ts';
import { spendString } from '../limits.ts';
import { lengthToRead } from '../ordering.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp, splitSeconds } from '../time-text.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type CelValue, Duration, Timestamp, TypeValue, typeNameOf, Uint } from '../values.ts';

function conversion(name: string, sources: readonly string[], convert: (value: CelValue) => Result | undefined): readonly Overload[] {
  const call: Call = (given, frame) => {
    const value = given as CelValue;
    return (
      spendString(frame as Frame, lengthToRead(value)) ??
      convert(value) ??
      invalidArgument(`type conversion error from '${typeNameOf(value)}' to '${TARGET_NAMES[name] ?? name}'`)
    );
  };
  return universal(
    name,
    'fn',
    sources.map((source) => `${source} -> ${name}`),
    call,
  );
}

const TARGET_NAMES: Readonly<Record<string, string>> = { timestamp: 'google.protobuf.Timestamp', duration: 'google.protobuf.Duration' };

function toInt(value: CelValue): Result | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value < 2n ** 63n ? value.value : int(2n ** 63n);
  if (typeof value === 'number') {
    // Both ends excluded: they are not representable, so that a double there stands for a number outside.
    return value > -(2 ** 63) && value < 2 ** 63 ? BigInt(Math.trunc(value)) : int(2n ** 63n);
  }
  if (typeof value === 'string') return parseInteger(value, /^[+-]?[0-9]+$/, int);
  if (value instanceof Timestamp) return splitSeconds(value.nanoseconds).seconds;
  return value instanceof Duration ? value.nanoseconds : undefined;
}

function toUint(value: CelValue): Result | undefined {
  if (value instanceof Uint) return value;
  if (typeof value === 'bigint') return value >= 0n ? uint(value) : uint(-1n);
  if (typeof value === 'number') {
    return value >= 0 && value < 2 ** 64 ? new Uint(BigInt(Math.trunc(value))) : uint(-1n);
  }
  return typeof value === 'string' ? parseInteger(value, /^[0-9]+$/, uint) : undefined;
}

/** Text that is no number, or too large a one, is the same error to upstream. */
function parseInteger(text: string, form: RegExp, make: (value: bigint) => Result): Result | undefined {
  if (!form.test(text) || text.length > 400) return undefined;
  const value = make(BigInt(text.replace(/^\+/, '')));
  return value instanceof Failure ? undefined : value;
}

function toDouble(value: CelValue): Result | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  return typeof value === 'string' ? parseDouble(value) : undefined;
}

function parseDouble(text: string): Result | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Also used by `%s` of `format`. */
export function toText(value: CelValue): Result | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return formatDouble(value, 6);
  }
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Uint8Array) return decodeUtf8(value) ?? invalidArgument('invalid UTF-8 in bytes, cannot convert to string');
  return undefined;
}

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function toBool(value: CelValue): Result | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (TRUE.has(value)) return true;
  return FALSE.has(value) ? false : undefined;
}

function toTimestamp(value: CelValue): Result | undefined {
  if (value instanceof Timestamp) return value;
  if (typeof value === 'bigint') return timestamp(value * 1_000_000_000n);
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}

function toDuration(value: CelValue): Result | undefined {
  if (value instanceof Duration) return value;
  if (typeof value === 'bigint') return duration(value);
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
  return parsed instanceof Failure ? undefined : parsed;
}

export const conversions: readonly Overload[] = [
  conversion('int', ['int', 'double', 'duration', 'string', 'timestamp', 'uint'], toInt),
  conversion('uint', ['uint', 'double', 'int', 'string'], toUint),
  conversion('double', ['double', 'int', 'string', 'uint'], toDouble),
  conversion('string', ['string', 'bool', 'bytes', 'double', 'duration', 'int', 'timestamp', 'uint'], toText),
  conversion('bytes', ['bytes', 'string'], (value) => {
    return typeof value === 'string' ? encodeUtf8(value) : value instanceof Uint8Array ? value : undefined;
  }),
  conversion('bool', ['bool', 'string'], toBool),
  conversion('timestamp', ['timestamp', 'int', 'string'], toTimestamp),
  conversion('duration', ['duration', 'int', 'string'], toDuration),
  fn('dyn', ['A'], 'dyn', (value) => value),
  fn('type', ['A'], 'type(A)', (value) => new TypeValue(typeNameOf(value))),
].flat();
