import { describe, expect, it } from 'vitest';
import { type CompiledSchedule, compileSchedule } from './compile-schedule.ts';
import { localTime } from './local-time.ts';

function compiled(source: string, timeZone?: string): CompiledSchedule {
  const result = compileSchedule(source, timeZone);
  if (!result.ok) throw new Error(result.error.message);
  return result.schedule;
}

/** The next instants after one, as the clocks of the schedule's zone show them. */
function fires(source: string, timeZone: string, after: string, count: number): readonly string[] {
  return compiled(source, timeZone)
    .upcoming(Date.parse(after), count)
    .map((instant) => localTime(instant, timeZone));
}

describe('a pattern', () => {
  // Every row: pattern, after, the next instants in UTC.
  it.each([
    ['0 2 * * *', '2026-11-23T12:00:00Z', ['2026-11-24T02:00:00', '2026-11-25T02:00:00']],
    ['*/15 9-10 * * MON-FRI', '2026-11-20T10:40:00Z', ['2026-11-20T10:45:00', '2026-11-23T09:00:00']],
    ['0 6,18 * * *', '2026-11-23T12:00:00Z', ['2026-11-23T18:00:00', '2026-11-24T06:00:00']],
    ['*/20 * * * * *', '2026-11-23T12:00:05Z', ['2026-11-23T12:00:20', '2026-11-23T12:00:40']],
    ['  0   2 * *\t*  ', '2026-11-23T12:00:00Z', ['2026-11-24T02:00:00']],
    ['0 0 1 JAN ?', '2026-11-23T12:00:00Z', ['2027-01-01T00:00:00', '2028-01-01T00:00:00']],
    ['0 0 29 2 *', '2096-03-01T00:00:00Z', ['2104-02-29T00:00:00']],
    ['5/25 * * * *', '2026-11-23T12:00:00Z', ['2026-11-23T12:05:00', '2026-11-23T12:30:00', '2026-11-23T12:55:00', '2026-11-23T13:05:00']],
    ['0 0 * * 7', '2026-11-23T12:00:00Z', ['2026-11-29T00:00:00', '2026-12-06T00:00:00']],
    ['0 0 * * SAT-SUN', '2026-11-23T12:00:00Z', ['2026-11-28T00:00:00', '2026-11-29T00:00:00', '2026-12-05T00:00:00']],
    ['0 0 L * *', '2026-02-01T00:00:00Z', ['2026-02-28T00:00:00', '2026-03-31T00:00:00']],
    ['0 0 LW * *', '2026-05-01T00:00:00Z', ['2026-05-29T00:00:00', '2026-06-30T00:00:00']],
    ['0 0 15W * *', '2026-08-01T00:00:00Z', ['2026-08-14T00:00:00', '2026-09-15T00:00:00']],
    ['0 0 * * 5L', '2026-11-01T00:00:00Z', ['2026-11-27T00:00:00', '2026-12-25T00:00:00']],
    ['0 0 * * MON#1', '2026-11-03T00:00:00Z', ['2026-12-07T00:00:00']],
    ['@hourly', '2026-11-23T12:00:00Z', ['2026-11-23T13:00:00']],
    ['@Daily', '2026-11-23T12:00:00Z', ['2026-11-24T00:00:00']],
    ['@midnight', '2026-11-23T12:00:00Z', ['2026-11-24T00:00:00']],
    ['@weekly', '2026-11-23T12:00:00Z', ['2026-11-29T00:00:00']],
    ['@monthly', '2026-11-23T12:00:00Z', ['2026-12-01T00:00:00']],
    ['@yearly', '2026-11-23T12:00:00Z', ['2027-01-01T00:00:00']],
    ['@annually', '2026-11-23T12:00:00Z', ['2027-01-01T00:00:00']],
    ['@every 5m', '2026-11-23T12:01:00Z', ['2026-11-23T12:05:00', '2026-11-23T12:10:00']],
    ['@every 1h30m', '2026-11-23T12:00:00Z', ['2026-11-23T13:30:00', '2026-11-23T15:00:00']],
  ])('%s', (source, after, expected) => {
    expect(fires(source, 'UTC', after, expected.length)).toEqual(expected.map((text) => `${text}+00:00`));
  });

  it('fires strictly after the instant it is asked about, which may be between seconds', () => {
    const noon = Date.parse('2026-11-23T12:00:00Z');
    for (const source of ['0 12 * * *', '@every 12h']) {
      const schedule = compiled(source);
      expect(schedule.upcoming(noon - 1, 1)).toEqual([noon]);
      expect(schedule.upcoming(noon, 1)).not.toEqual([noon]);
      expect(schedule.latest(noon - 1, noon, 9)).toEqual([noon]);
      expect(schedule.latest(noon, noon + 999, 9)).toEqual([]);
    }
  });

  // Restricted on both days it is either of them; a star by any spelling restricts nothing. As robfig/cron 3, which Kubernetes uses.
  it.each([
    ['0 0 13 * FRI', ['2026-11-13', '2026-11-20', '2026-11-27', '2026-12-04']],
    ['0 0 13 * *', ['2026-11-13', '2026-12-13']],
    ['0 0 * * FRI', ['2026-11-13', '2026-11-20']],
    ['0 0 */1 * FRI', ['2026-11-13', '2026-11-20']],
    ['0 0 1,* * FRI', ['2026-11-13', '2026-11-20']],
    ['0 0 13 * ?', ['2026-11-13', '2026-12-13']],
    ['0 0 */10 * FRI', ['2026-11-11', '2026-11-13', '2026-11-20', '2026-11-21', '2026-11-27', '2026-12-01']],
  ])('%s: day of month or day of week', (source, days) => {
    expect(fires(source, 'UTC', '2026-11-10T00:00:00Z', days.length).map((text) => text.slice(0, 10))).toEqual(days);
  });

  it('that names no day there is never fires, and is told so soon', () => {
    for (const source of ['0 0 31 2 *', '0 0 30 FEB ?', '0 0 31 4,6,9,11 *']) expect(compiled(source).upcoming(0, 5)).toEqual([]);
    expect(compiled('0 0 31 2 *').latest(0, Date.parse('2026-11-23T12:00:00Z'), 5)).toEqual([]);
  });
});

describe('a time zone', () => {
  it.each([
    ['0 9 * * *', 'Asia/Kathmandu', '2026-11-23T03:15:00.000Z'],
    ['0 9 * * *', 'asia/kathmandu', '2026-11-23T03:15:00.000Z'],
    ['CRON_TZ=Asia/Kathmandu 0 9 * * *', undefined, '2026-11-23T03:15:00.000Z'],
    ['TZ=Asia/Kathmandu @daily', undefined, '2026-11-22T18:15:00.000Z'],
    ['TZ=Asia/Kathmandu 0 9 * * *', 'Asia/Kathmandu', '2026-11-23T03:15:00.000Z'],
    ['0 9 * * *', undefined, '2026-11-23T09:00:00.000Z'],
    ['0 9 * * *', 'Etc/GMT+5', '2026-11-22T14:00:00.000Z'],
  ])('%s in %s', (source, zone, expected) => {
    expect(new Date(compiled(source, zone).upcoming(Date.parse('2026-11-22T12:00:00Z'), 1)[0] ?? 0).toISOString()).toBe(expected);
  });
});

/** The table of the doc comment, with the clocks of real places. Every row: zone, pattern, after, what the clocks show at the next fires. */
describe('when clocks are turned', () => {
  it.each([
    // Spring in New York: 2026-03-08 has no hour from two to three.
    ['a named time in the gap', 'America/New_York', '30 2 * * *', '2026-03-07T12:00:00Z', ['03-08T03:00:00-04:00', '03-09T02:30:00-04:00']],
    [
      'a list of named times',
      'America/New_York',
      '30 2,14 * * *',
      '2026-03-08T00:00:00Z',
      ['03-08T03:00:00-04:00', '03-08T14:30:00-04:00'],
    ],
    [
      'two that meet behind the gap',
      'America/New_York',
      '0 2,3 * * *',
      '2026-03-08T00:00:00Z',
      ['03-08T03:00:00-04:00', '03-09T02:00:00-04:00'],
    ],
    ['every quarter of the hour that is missing', 'America/New_York', '*/15 2 * * *', '2026-03-07T12:00:00Z', ['03-09T02:00:00-04:00']],
    [
      'every half hour, over the gap',
      'America/New_York',
      '*/30 * * * *',
      '2026-03-08T06:20:00Z',
      ['03-08T01:30:00-05:00', '03-08T03:00:00-04:00', '03-08T03:30:00-04:00'],
    ],
    [
      '@hourly, over the gap',
      'America/New_York',
      '@hourly',
      '2026-03-08T05:30:00Z',
      ['03-08T01:00:00-05:00', '03-08T03:00:00-04:00', '03-08T04:00:00-04:00'],
    ],
    [
      'the last minute before and the first after',
      'America/New_York',
      '59 1,3 * * *',
      '2026-03-08T00:00:00Z',
      ['03-08T01:59:00-05:00', '03-08T03:59:00-04:00'],
    ],
    // Autumn there: 2026-11-01 has the hour from one to two twice.
    [
      'a named time that comes twice',
      'America/New_York',
      '30 1 * * *',
      '2026-11-01T00:00:00Z',
      ['11-01T01:30:00-04:00', '11-02T01:30:00-05:00'],
    ],
    [
      'a list of them',
      'America/New_York',
      '0,30 1 * * *',
      '2026-11-01T00:00:00Z',
      ['11-01T01:00:00-04:00', '11-01T01:30:00-04:00', '11-02T01:00:00-05:00'],
    ],
    ['asked for between the two', 'America/New_York', '30 1 * * *', '2026-11-01T05:45:00Z', ['11-02T01:30:00-05:00']],
    [
      'every half hour, through both',
      'America/New_York',
      '*/30 * * * *',
      '2026-11-01T05:15:00Z',
      ['11-01T01:30:00-04:00', '11-01T01:00:00-05:00', '11-01T01:30:00-05:00', '11-01T02:00:00-05:00'],
    ],
    [
      '@hourly, through both',
      'America/New_York',
      '@hourly',
      '2026-11-01T04:30:00Z',
      ['11-01T01:00:00-04:00', '11-01T01:00:00-05:00', '11-01T02:00:00-05:00'],
    ],
    [
      '@every knows no clocks',
      'America/New_York',
      '@every 1h',
      '2026-11-01T04:30:00Z',
      ['11-01T01:00:00-04:00', '11-01T01:00:00-05:00', '11-01T02:00:00-05:00'],
    ],
    // Half an hour, at Lord Howe: 2026-10-04 lacks 2:00 to 2:30, 2026-04-05 has 1:30 to 2:00 twice.
    [
      'half an hour is missing',
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-03T12:00:00Z',
      ['10-04T02:30:00+11:00', '10-05T02:15:00+11:00'],
    ],
    ['the half that is there', 'Australia/Lord_Howe', '45 2 * * *', '2026-10-03T12:00:00Z', ['10-04T02:45:00+11:00']],
    [
      'half an hour comes twice',
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-04T12:00:00Z',
      ['04-05T01:45:00+11:00', '04-06T01:45:00+10:30'],
    ],
    [
      'every quarter, through both halves',
      'Australia/Lord_Howe',
      '*/15 * * * *',
      '2026-04-04T14:40:00Z',
      ['04-05T01:45:00+11:00', '04-05T01:30:00+10:30', '04-05T01:45:00+10:30', '04-05T02:00:00+10:30'],
    ],
    // Midnight itself, in Beirut; and two hours at once, at Troll.
    ['a day that begins at one', 'Asia/Beirut', '@daily', '2026-03-28T12:00:00Z', ['03-29T01:00:00+03:00', '03-30T00:00:00+03:00']],
    ['two hours are missing', 'Antarctica/Troll', '30 2 * * *', '2026-03-28T12:00:00Z', ['03-29T03:00:00+02:00', '03-30T02:30:00+02:00']],
    // A gap to the end of the day, at Ittoqqortoormiit.
    ['the gap ends with the day', 'America/Scoresbysund', '30 23 * * *', '2026-03-28T12:00:00Z', ['03-29T23:30:00-01:00']],
  ])('%s: %s, %s', (_what, zone, source, after, expected) => {
    expect(fires(source, zone, after, expected.length)).toEqual(expected.map((text) => `2026-${text}`));
  });

  it('a day that is left out at the date line is left out', () => {
    // Samoa went from the 29th to the 31st of December 2011.
    expect(fires('0 12 * * *', 'Pacific/Apia', '2011-12-29T00:00:00Z', 2)).toEqual([
      '2011-12-29T12:00:00-10:00',
      '2011-12-31T12:00:00+14:00',
    ]);
    expect(fires('0 12 30 12 *', 'Pacific/Apia', '2011-12-01T00:00:00Z', 1)).toEqual(['2012-12-30T12:00:00+14:00']);
    expect(fires('@hourly', 'Pacific/Apia', '2011-12-30T09:30:00Z', 2)).toEqual(['2011-12-31T00:00:00+14:00', '2011-12-31T01:00:00+14:00']);
  });
});

describe('what came last', () => {
  const minute = 60_000;
  const noon = Date.parse('2026-11-23T12:00:00Z');

  it.each(['* * * * *', '@every 1m'])('%s: the newest, in order, at most so many', (source) => {
    const schedule = compiled(source);
    expect(schedule.latest(noon - 10 * minute, noon + 30_000, 3)).toEqual([noon - 2 * minute, noon - minute, noon]);
    expect(schedule.latest(noon - 2 * minute, noon, 3)).toEqual([noon - minute, noon]);
    expect(schedule.latest(noon - 2 * minute, noon, 0)).toEqual([]);
    expect(schedule.latest(noon, noon - minute, 3)).toEqual([]);
  });
});

describe('an error', () => {
  it.each([
    ['', 'got 0 fields in "", expected 5 (minute, hour, day of month, month, day of week), or 6 with the second in front', 0],
    ['* * * *', 'got 4 fields in "* * * *", expected 5', 0],
    ['0 0 0 1 1 * 2026', 'got 7 fields', 0],
    ['nightly', 'got 1 field in "nightly"', 0],
    ['0 25 * * *', 'hour: got "25", expected a number from 0 to 23, a range or "*"', 2],
    ['0 2 32 * *', 'day of month: got "32", expected a number from 1 to 31, a range or "*", L, LW or 15W', 4],
    ['0 2 * 13 *', 'month: got "13", expected a number from 1 to 12 or JAN to DEC', 6],
    ['0 2 * * 8', 'day of week: got "8", expected a number from 0 to 6 or SUN to SAT, a range or "*", 5L or 5#2', 8],
    ['0 2 * * MONDAY', 'day of week: got "MONDAY"', 8],
    ['60 0 2 * * *', 'second: got "60", expected a number from 0 to 59', 0],
    ['0 1,,3 * * *', 'hour: an entry of the list is empty', 4],
    ['0 1,2, * * *', 'hour: an entry of the list is empty', 6],
    ['0 1-2-3 * * *', 'hour: got "1-2-3", expected one "-" between two values', 2],
    ['0 9-5 * * *', 'hour: the range "9-5" ends before it begins; write 9-23,0-5 to go past the end', 2],
    ['0 0 * * FRI-MON', 'the range "FRI-MON" ends before it begins; write FRI-SAT,SUN-MON', 8],
    ['*/90 * * * *', 'minute: got the step "90", expected a number from 1 to 60; a step begins anew with each hour, "@every" does not', 2],
    ['*/0 * * * *', 'minute: got the step "0"', 2],
    ['*/5/5 * * * *', 'minute: got "*/5/5", expected at most one "/"', 0],
    ['/5 * * * *', 'minute: got ""', 0],
    ['H 2 * * *', 'minute: got "H", expected a number from 0 to 59, a range or "*"; H is Jenkins\': choose a value', 0],
    ['0 0 LW,15 * *', 'day of month: LW stands alone, got "LW,15"', 4],
    ['0 0 * * MON#6', 'day of week: got "MON#6", expected a number from 1 to 5 after "#"', 12],
    ['0 0 * * L', 'day of week: got "L"', 8],
    ['0 0 * * +5', 'day of week: got "+5"', 8],
    ['1e1 * * * *', 'minute: got "1E1"', 0],
    ['@nightly', 'got "@nightly", expected one of @yearly, @annually', 0],
    ['@reboot', 'got "@reboot", expected one of', 0],
    ['@every', '@every: got "", expected a duration of whole seconds like 90s, 5m or 1h30m', 6],
    ['@every 500ms', '@every: got "500ms", expected a duration of whole seconds', 7],
    ['@every 1.5s', '@every: got "1.5s"', 7],
    ['@every -5m', '@every: got "-5m"', 7],
    ['@every 5', '@every: got "5"', 7],
    ['@every 0s', '@every: got "0s"', 7],
    ['TZ=Mars/Base 0 2 * * *', '"Mars/Base" is no time zone, expected an IANA name like Europe/Berlin or UTC', 3],
    ['  CRON_TZ=Berlin 0 2 * * *', '"Berlin" is no time zone, expected Europe/Berlin', 10],
    ['TZ= 0 2 * * *', '"" is no time zone', 3],
    ['TZ=UTC 0 25 * * *', 'hour: got "25"', 9],
    ['TZ=+02:00 0 2 * * *', '"+02:00" is no time zone', 3],
    ['TZ=local 0 2 * * *', '"local" is no time zone', 3],
    [`0 2 * * ${'1,'.repeat(200)}1`, 'the schedule is 409 characters long, expected at most 256', 256],
  ])('of %j tells what was got, what is expected and where', (source, message, position) => {
    const result = compileSchedule(source);
    expect(result.ok ? 'compiled' : result.error.message).toContain(message);
    expect(result.ok ? undefined : result.error.position).toBe(position);
  });

  it('of a zone that is given twice', () => {
    const result = compileSchedule('TZ=Asia/Tokyo 0 2 * * *', 'Europe/Berlin');
    expect(result.ok ? '' : result.error.message).toBe(
      'the time zone is given twice: "Asia/Tokyo" here and "Europe/Berlin" in timeZone; leave out this one',
    );
  });
});
