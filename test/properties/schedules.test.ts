import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../src/expressions/schedules/compile-schedule.ts';
import { jitterOf } from '../../src/expressions/schedules/jitter.ts';
import { localTime } from '../../src/expressions/schedules/local-time.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A field as text, and what it stands for: reckoned when it is made up, not read from the text. */
interface Field {
  readonly text: string;
  readonly values: ReadonlySet<number>;
}

function fieldBetween(min: number, max: number): fc.Arbitrary<Field> {
  const value = fc.integer({ min, max });
  const from = (first: number, step: number): ReadonlySet<number> =>
    new Set(Array.from({ length: Math.floor((max - first) / step) + 1 }, (_, index) => first + index * step));
  return fc.oneof(
    namedBetween(min, max),
    fc.constant({ text: '*', values: from(min, 1) }),
    fc.integer({ min: 2, max: max - min + 1 }).map((step) => ({ text: `*/${step}`, values: from(min, step) })),
    fc
      .tuple(value, fc.integer({ min: 2, max: max - min + 1 }))
      .map(([first, step]) => ({ text: `${first}/${step}`, values: from(first, step) })),
  );
}

function namedBetween(min: number, max: number): fc.Arbitrary<Field> {
  const value = fc.integer({ min, max });
  return fc.oneof(
    value.map((only) => ({ text: String(only), values: new Set([only]) })),
    fc.array(value, { minLength: 2, maxLength: 8 }).map((some) => ({ text: some.join(','), values: new Set(some) })),
    fc.tuple(value, value).map(([a, b]) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      return { text: `${first}-${last}`, values: new Set(Array.from({ length: last - first + 1 }, (_, index) => first + index)) };
    }),
  );
}

const pattern = fc.record({
  minute: fc.oneof(namedBetween(0, 59), fieldBetween(0, 59)),
  hour: fc.oneof(namedBetween(0, 6), fieldBetween(0, 23)),
  day: fc.oneof({ weight: 2, arbitrary: fc.constant({ text: '*', values: new Set<number>() }) }, fieldBetween(1, 31)),
  month: fc.oneof(
    { weight: 4, arbitrary: fc.constant({ text: '*', values: new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) }) },
    fieldBetween(1, 12),
  ),
  weekday: fc.oneof({ weight: 2, arbitrary: fc.constant({ text: '*', values: new Set<number>() }) }, fieldBetween(0, 6)),
});
type Pattern = typeof pattern extends fc.Arbitrary<infer T> ? T : never;

/** Places and days on which clocks are turned: by an hour, half an hour, two hours, at midnight, over the date line; and where they never are. */
const places = fc.constantFrom(
  ['UTC', '2026-02-28T00:00:00Z'],
  ['America/New_York', '2026-03-07T20:00:00Z'],
  ['America/New_York', '2026-10-31T20:00:00Z'],
  ['Europe/Berlin', '2026-03-28T12:00:00Z'],
  ['Europe/Berlin', '2026-10-24T12:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T00:00:00Z'],
  ['Antarctica/Troll', '2026-03-28T12:00:00Z'],
  ['Antarctica/Troll', '2026-10-24T12:00:00Z'],
  ['Asia/Beirut', '2026-03-28T10:00:00Z'],
  ['America/Havana', '2026-11-01T00:00:00Z'],
  ['America/Scoresbysund', '2026-03-28T12:00:00Z'],
  ['Africa/Casablanca', '2026-02-14T12:00:00Z'],
  ['Pacific/Apia', '2011-12-29T00:00:00Z'],
  ['Asia/Kathmandu', '2026-12-30T00:00:00Z'],
  ['America/St_Johns', '2026-03-07T12:00:00Z'],
);

/** What a zone's clocks show, as if it were UTC. Each minute is worked out once: asking `Intl` is what takes the time here. */
const clocks = new Map<string, (instant: number) => number>();
function wallClock(zone: string): (instant: number) => number {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const walls = new Map<number, number>();
  const wallOf = (instant: number): number => {
    const seen = walls.get(instant);
    if (seen !== undefined) return seen;
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(parts['year'] ?? 0, (parts['month'] ?? 0) - 1, parts['day'], parts['hour'], parts['minute']);
    walls.set(instant, wall);
    return wall;
  };
  clocks.set(zone, wallOf);
  return wallOf;
}

/**
 * Looks at every minute there is. `named`: the pattern names its times, so that a minute which comes twice counts once, and one that is left out
 * counts at the end of the gap if that is the same day.
 */
function scan(wanted: Pattern, zone: string, after: number, until: number): readonly number[] {
  const named = !/[*/]/.test(wanted.minute.text + wanted.hour.text);
  const wallOf = wallClock(zone);
  const found: number[] = [];
  // Far enough back to know what a repeated hour repeats.
  const seen = new Set<number>();
  let before = wallOf(after - DAY);
  for (let instant = after - DAY + MINUTE; instant <= until; instant += MINUTE) {
    const wall = wallOf(instant);
    const skipped: number[] = [];
    for (let missing = before + MINUTE; missing < wall; missing += MINUTE)
      if (Math.floor(missing / DAY) === Math.floor(wall / DAY)) skipped.push(missing);
    const due = named
      ? (!seen.has(wall) && matches(wanted, wall)) || skipped.some((missing) => matches(wanted, missing))
      : matches(wanted, wall);
    if (due && instant > after) found.push(instant);
    seen.add(wall);
    before = wall;
  }
  return found;
}

function matches({ minute, hour, day, month, weekday }: Pattern, wall: number): boolean {
  const date = new Date(wall);
  if (!minute.values.has(date.getUTCMinutes()) || !hour.values.has(date.getUTCHours()) || !month.values.has(date.getUTCMonth() + 1))
    return false;
  const byDay = day.values.has(date.getUTCDate());
  const byWeekday = weekday.values.has(date.getUTCDay());
  if (day.text === '*' && weekday.text === '*') return true;
  if (day.text === '*') return byWeekday;
  return weekday.text === '*' ? byDay : byDay || byWeekday;
}

describe('schedules', () => {
  it('fire when a look at every minute says so, whatever the clocks do', () => {
    fc.assert(
      fc.property(pattern, places, fc.integer({ min: 0, max: DAY / MINUTE }), (wanted, [zone = '', day = ''], offset) => {
        const { minute, hour, day: dayOfMonth, month, weekday } = wanted;
        const text = [minute, hour, dayOfMonth, month, weekday].map((field) => field.text).join(' ');
        const compiled = compileSchedule(text, zone);
        if (!compiled.ok) throw new Error(`${text}: ${compiled.error.message}`);
        const after = Date.parse(day) + offset * MINUTE;
        const until = after + 2 * DAY;
        const expected = scan(wanted, zone, after, until);
        const told = compiled.schedule.upcoming(after, expected.length + 1).filter((instant) => instant <= until);
        // Text only where they differ: it takes longer than all the rest.
        const show = (instants: readonly number[]) => instants.map((instant) => localTime(instant, zone));
        if (JSON.stringify(told) !== JSON.stringify(expected)) expect(show(told), `${text} in ${zone}`).toEqual(show(expected));
        expect(compiled.schedule.latest(after, until, 20)).toEqual(expected.slice(-20));
      }),
      { numRuns: 400 },
    );
  }, 120_000);

  it('have a jitter below the longest, the same each time, spread over all of it', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e8 }), (uid, instant, longest) => {
        const jitter = jitterOf(uid, instant, longest);
        expect(Number.isInteger(jitter) && jitter >= 0 && jitter < longest).toBe(true);
        expect(jitterOf(uid, instant, longest)).toBe(jitter);
      }),
    );
    const quarters = new Set(Array.from({ length: 100 }, (_, index) => Math.floor(jitterOf('uid', index * 1_000, 1_000) / 250)));
    expect(quarters).toEqual(new Set([0, 1, 2, 3]));
    expect(jitterOf('uid', 1, 0)).toBe(0);
  });
});
