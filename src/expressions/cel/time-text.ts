import { duration, timestamp } from './arithmetic.ts';
import type { Failure } from './failure.ts';
import { plainDouble } from './format-double.ts';
import type { Duration, Timestamp } from './values.ts';

const SECOND = 1_000_000_000n;

/** Seconds and the nanoseconds beyond them, both with floor semantics. */
export function splitSeconds(nanoseconds: bigint): { readonly seconds: bigint; readonly nanos: bigint } {
  const nanos = ((nanoseconds % SECOND) + SECOND) % SECOND;
  return { seconds: (nanoseconds - nanos) / SECOND, nanos };
}

function fraction(nanos: bigint): string {
  return nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
}

/** RFC 3339 in UTC with as many fractional digits as needed, as Go's RFC3339Nano. */
export function formatTimestamp(value: Timestamp): string {
  const { seconds, nanos } = splitSeconds(value.nanoseconds);
  // toISOString writes years of four digits for 1 to 9999, which is the whole range.
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction(nanos)}Z`;
}

/** Seconds, as cel-go's `string(duration)`: `90s`, `1.5s`. It goes by way of a double, so that a century loses its nanoseconds. */
export function formatDuration(value: Duration): string {
  return `${plainDouble(Number(value.nanoseconds / SECOND) + Number(value.nanoseconds % SECOND) / 1e9)}s`;
}

// Go takes an hour of one digit here, and a comma for the point.
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:(Z)|([+-])(\d\d):(\d\d))$/;

/** As Go's `time.Parse` with RFC 3339. `undefined` when the text is no such time; a failure when it is out of CEL's range. */
export function parseTimestamp(text: string): Timestamp | Failure | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || day < 1 || day > daysIn(year, month)) return undefined;
  const [offsetHours, offsetMinutes] = [Number(match[10] ?? 0), Number(match[11] ?? 0)];
  if (offsetHours > 24 || offsetMinutes > 60) return undefined;
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const offset = (offsetHours * 60 + offsetMinutes) * (match[9] === '-' ? -60 : 60);
  const nanos = BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  return timestamp(BigInt(date.getTime() / 1000 - offset) * SECOND + nanos);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** Go's duration notation: `1h30m`, `-1.5s`, `100ms`, `0`. `undefined` when the text is none; a failure when out of range. */
export function parseDuration(text: string): Duration | Failure | undefined {
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return duration(0n);
  // Longer ones are out of range, or padded with zeros. The pattern has but one way to read a digit, or it would take quadratic time.
  if (body.length > 1_000 || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0n;
  for (const [, whole = '', part = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = UNITS[unit] ?? 0n;
    total += BigInt(whole || '0') * scale;
    if (part !== '') total += (BigInt(part.slice(0, 18)) * scale) / 10n ** BigInt(Math.min(18, part.length));
  }
  return duration(text.startsWith('-') ? -total : total);
}
