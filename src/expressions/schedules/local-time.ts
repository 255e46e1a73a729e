/**
 * An instant as the clocks of a zone show it, with the offset they have then: `2026-11-24T02:00:00+01:00`. The offset tells the two runs of a
 * repeated hour apart.
 */
export function localTime(instant: number, timeZone: string): string {
  const { local, offset } = zoned(instant, timeZone);
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const sign = offset < 0 ? '-' : '+';
  return `${local.toISOString().slice(0, 19)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The day of the week there: `Tue`. */
export function localWeekday(instant: number, timeZone: string): string {
  return ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][zoned(instant, timeZone).local.getUTCDay()] ?? '';
}

/** The zone's wall clock as if it were UTC's, and how far it is ahead of UTC's. Whole seconds. */
function zoned(instant: number, timeZone: string): { readonly local: Date; readonly offset: number } {
  const whole = Math.floor(instant / 1_000) * 1_000;
  const parts = new Map(
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
      .formatToParts(new Date(whole))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return { local: new Date(local), offset: local - whole };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
