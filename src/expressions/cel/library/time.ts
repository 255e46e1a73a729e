import { BoundedCache } from '../bounded-cache.ts';
import { Failure, invalidArgument, type Result } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { method, type Overload } from '../functions.ts';
import { spend } from '../limits.ts';
import { splitSeconds } from '../time-text.ts';
import type { Timestamp } from '../values.ts';

/** Calendar fields of a time in some zone, carried in the UTC fields of a `Date`. */
type LocalTime = Date;

const formatters = new BoundedCache<string, Intl.DateTimeFormat>(100);

/** `UTC`, an offset such as `+02:00` or `02:00`, or a name of the zone database. */
function localTime(value: Timestamp, zone: string): LocalTime | Failure {
  const milliseconds = Number(splitSeconds(value.nanoseconds).seconds) * 1000;
  if (zone === '' || zone === 'UTC') return new Date(milliseconds);
  const offset = /^([+-]?)(\d{1,4}):(\d{1,4})$/.exec(zone);
  if (offset) {
    if (Number(offset[3]) > 59) return invalidArgument(`timezone offset minutes out of range [0, 59]: ${zone}`);
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(milliseconds + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  try {
    // Newer JavaScript knows offsets such as +0100 here, Go does not.
    if (zone.length <= 100 && /^[A-Za-z]/.test(zone)) return new Date(milliseconds + zoneOffset(milliseconds, zone));
  } catch {
    // Not a name of a zone.
  }
  return invalidArgument(`unknown time zone ${zone.slice(0, 100)}`);
}

/** Milliseconds that `zone` is ahead of UTC at that time. Throws a RangeError for an unknown zone. */
function zoneOffset(milliseconds: number, zone: string): number {
  const format = formatters.get(zone, () => {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  });
  const parts = new Map(format.formatToParts(milliseconds).map((part) => [part.type, part.value]));
  const field = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const local = new Date(0);
  const year = parts.get('era') === 'BC' ? 1 - field('year') : field('year');
  local.setUTCFullYear(year, field('month') - 1, field('day'));
  local.setUTCHours(field('hour'), field('minute'), field('second'));
  return local.getTime() - milliseconds;
}

function getter(name: string, read: (local: LocalTime) => number): readonly Overload[] {
  const get = (value: Timestamp, zone: string, frame?: Frame): Result => {
    // Asking the zone database takes some microseconds, and longer for a zone that it does not know.
    const spent = frame && spend(frame, 100);
    if (spent) return spent;
    const local = localTime(value, zone);
    return local instanceof Failure ? local : BigInt(read(local));
  };
  return [method(name, ['timestamp'], 'int', (value) => get(value, 'UTC')), method(name, ['timestamp', 'string'], 'int', get)];
}

function milliseconds(value: Timestamp): bigint {
  return splitSeconds(value.nanoseconds).nanos / 1_000_000n;
}

function dayOfYear(local: LocalTime): number {
  const start = new Date(local.getTime());
  start.setUTCMonth(0, 1);
  return Math.round((local.getTime() - start.getTime()) / 86_400_000);
}

function part(name: string, nanoseconds: bigint): Overload {
  return method(name, ['duration'], 'int', (value) => value.nanoseconds / nanoseconds);
}

export const time: readonly Overload[] = [
  ...getter('getFullYear', (local) => local.getUTCFullYear()),
  ...getter('getMonth', (local) => local.getUTCMonth()),
  ...getter('getDayOfYear', dayOfYear),
  ...getter('getDayOfMonth', (local) => local.getUTCDate() - 1),
  ...getter('getDate', (local) => local.getUTCDate()),
  ...getter('getDayOfWeek', (local) => local.getUTCDay()),
  ...getter('getHours', (local) => local.getUTCHours()),
  ...getter('getMinutes', (local) => local.getUTCMinutes()),
  ...getter('getSeconds', (local) => local.getUTCSeconds()),
  method('getMilliseconds', ['timestamp'], 'int', milliseconds),
  method('getMilliseconds', ['timestamp', 'string'], 'int', milliseconds),
  part('getHours', 3_600_000_000_000n),
  part('getMinutes', 60_000_000_000n),
  part('getSeconds', 1_000_000_000n),
  // The milliseconds beyond the seconds, as the specification has it.
  method('getMilliseconds', ['duration'], 'int', (value) => (value.nanoseconds / 1_000_000n) % 1000n),
];
