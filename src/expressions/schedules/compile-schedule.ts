import { Cron } from 'croner';
import { parseDuration } from '../cel/time-text.ts';
import { Duration } from '../cel/values.ts';
import { readCron } from './read-cron.ts';
import { type Failed, failed, quoted } from './schedule-error.ts';
import { canonicalTimeZone, similarTimeZones } from './time-zone.ts';

/** A schedule made ready to be asked for its instants, all in milliseconds since the epoch and all whole seconds. */
export interface CompiledSchedule {
  /** The zone the pattern is read in. */
  readonly timeZone: string;
  /** The first instants strictly after `after`, at most `count`; fewer when there are no more before the year 3000. */
  upcoming(after: number, count: number): readonly number[];
  /** The newest instants after `from` and up to `to` inclusive, at most `limit`, in order. */
  latest(from: number, to: number, limit: number): readonly number[];
}

export type ScheduleCompilation = { readonly ok: true; readonly schedule: CompiledSchedule } | Failed;

/** What the calculator is asked to do about clocks that are turned; see below. */
const FIXED_TIMES = 'no-wildcard';
const LONGEST = 256;
const MACROS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * Compiles a cron expression: five fields, or six with seconds in front; `@hourly`, `@daily` …; `@every 5m`. `CRON_TZ=` or `TZ=` in front names the zone
 * when `timeZone` does not; without either it is UTC. Where both days are restricted, either will do, as everywhere since Vixie's cron.
 * `@every` is counted from 1970-01-01T00:00:00Z, so that a restart and a second server keep the rhythm.
 *
 * When clocks are turned, it matters whether the pattern names its times: no `*` and no `/` in its second, minute and hour (`30 2,14 * * *`).
 *
 * | | a pattern that names its times | any other |
 * | --- | --- | --- |
 * | spring: the time does not exist | fires once, at the first instant after the gap | does not fire for it |
 * | autumn: the time comes twice | fires the first time only | fires both times |
 * | a gap to the end of the day or beyond (Samoa 2011) | does not fire for it | does not fire for it |
 *
 * So a nightly build is neither lost nor run twice, and "every quarter of an hour" goes on through both hours. (Kubernetes loses what falls
 * into the gap.) Half-hour shifts (Lord Howe) are like any other.
 */
export function compileSchedule(source: string, timeZone?: string): ScheduleCompilation {
  if (source.length > LONGEST) return failed(`the schedule is ${source.length} characters long, expected at most ${LONGEST}`, LONGEST);
  const { zone: prefix, position, pattern } = splitPrefix(source);
  if (prefix !== undefined && timeZone !== undefined && prefix.name !== timeZone) {
    return failed(`the time zone is given twice: ${quoted(prefix.name)} here and ${quoted(timeZone)} in timeZone; leave out this one`, 0);
  }
  const name = timeZone ?? prefix?.name ?? 'UTC';
  const zone = canonicalTimeZone(name);
  if (zone === undefined) return failed(unknownZone(name), prefix?.position ?? 0);
  if (pattern.startsWith('@every')) return compileEvery(pattern, position, zone);
  const macro = pattern.startsWith('@') ? MACROS.get(pattern.toLowerCase()) : pattern;
  if (macro === undefined) {
    const known = [...MACROS.keys()].join(', ');
    return failed(`got ${quoted(pattern)}, expected one of ${known}, or "@every" with a duration`, position);
  }
  const cron = readCron(macro, position);
  return cron.ok ? { ok: true, schedule: cronSchedule(cron.text, zone) } : cron;
}

/** The zone that a schedule names in front of its pattern. */
export function prefixedTimeZone(source: string): string | undefined {
  return splitPrefix(source).zone?.name;
}

/** For a name that is no zone. */
export function unknownZone(name: string): string {
  const similar = similarTimeZones(name);
  const hint = similar.length === 0 ? 'an IANA name like Europe/Berlin or UTC' : similar.join(' or ');
  return `${quoted(name)} is no time zone, expected ${hint}`;
}

interface Split {
  readonly zone: { readonly name: string; readonly position: number } | undefined;
  readonly pattern: string;
  /** Where the pattern begins. */
  readonly position: number;
}

function splitPrefix(source: string): Split {
  const [before = '', key, name = ''] = /^\s*(?:((?:CRON_)?TZ=)(\S*)\s*)?/.exec(source) ?? [];
  const zone = key === undefined ? undefined : { name, position: before.indexOf(key) + key.length };
  return { zone, pattern: source.slice(before.length).trimEnd(), position: before.length };
}

/** A calculator is some 80 KB and made in 20 µs: each question gets one of its own, so that a thousand schedules cost nothing while they wait. */
function cronSchedule(pattern: string, timeZone: string): CompiledSchedule {
  const calculator = () => new Cron(pattern, { timezone: timeZone, paused: true, fixedTimeRule: FIXED_TIMES, mode: '6-part' });
  return {
    timeZone,
    upcoming: (after, count) =>
      calculator()
        .nextRuns(count, new Date(after))
        .map((run) => run.getTime()),
    latest(from, to, limit) {
      const cron = calculator();
      const found: number[] = [];
      // A run in the reference's own second counts as earlier than it.
      let before = to + 1;
      while (found.length < limit) {
        const run = cron.previousRuns(1, new Date(before))[0]?.getTime();
        if (run === undefined || run <= from) break;
        found.unshift(run);
        before = run;
      }
      return found;
    },
  };
}

function compileEvery(pattern: string, position: number, timeZone: string): ScheduleCompilation {
  const [, gap = '', text = ''] = /^@every(\s*)(.*)$/.exec(pattern) ?? [];
  const duration = parseDuration(text);
  const period = duration instanceof Duration ? Number(duration.nanoseconds) / 1e6 : Number.NaN;
  const at = position + '@every'.length + gap.length;
  if (!(period >= 1_000 && period % 1_000 === 0)) {
    return failed(`@every: got ${quoted(text)}, expected a duration of whole seconds like 90s, 5m or 1h30m`, at);
  }
  return {
    ok: true,
    schedule: {
      timeZone,
      upcoming: (after, count) => Array.from({ length: count }, (_, index) => (Math.floor(after / period) + 1 + index) * period),
      latest(from, to, limit) {
        const newest = Math.floor(to / period);
        const count = Math.max(0, Math.min(limit, newest - Math.floor(from / period)));
        return Array.from({ length: count }, (_, index) => (newest - count + 1 + index) * period);
      },
    },
  };
}
