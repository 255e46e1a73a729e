import { type Failed, failed, quoted } from './schedule-error.ts';

/** One of a cron expression's fields: what it is called and what it may hold. */
export interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Three-letter names for the values from `min` on. */
  readonly names: readonly string[];
  /** Tells where `L`, `W` and `#` have a meaning, and 7 is a Sunday. */
  readonly kind: 'time' | 'month' | 'day of month' | 'day of week';
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const secondField: CronField = { name: 'second', min: 0, max: 59, names: [], kind: 'time' };

export const fiveFields: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59, names: [], kind: 'time' },
  { name: 'hour', min: 0, max: 23, names: [], kind: 'time' },
  { name: 'day of month', min: 1, max: 31, names: [], kind: 'day of month' },
  { name: 'month', min: 1, max: 12, names: months, kind: 'month' },
  { name: 'day of week', min: 0, max: 6, names: weekdays, kind: 'day of week' },
];

export type FieldResult = { readonly ok: true; readonly text: string } | Failed;

/**
 * Checks one field and writes it plainly: numbers for names, `*` for whatever is as good as one (`?`, a star among others in a list, a step of one),
 * `5-59/15` for `5/15`. So the calculator and robfig's parser, which Kubernetes uses, mean the same by it. `position` is the field's place.
 */
export function readField(field: CronField, source: string, position: number): FieldResult {
  const entries: string[] = [];
  let at = position;
  for (const entry of source.split(',')) {
    const read = readEntry(field, entry.toUpperCase(), at);
    if (!read.ok) return read;
    entries.push(read.text);
    at += entry.length + 1;
  }
  if (entries.includes('LW') && entries.length > 1) return failed(`${field.name}: LW stands alone, got ${quoted(source)}`, position);
  return { ok: true, text: entries.includes('*') ? '*' : entries.join(',') };
}

function readEntry(field: CronField, entry: string, position: number): FieldResult {
  if (entry === '') return failed(`${field.name}: an entry of the list is empty, expected ${expected(field)}`, position);
  const special = readSpecial(field, entry, position);
  if (special !== undefined) return special;
  const [range = '', step, ...more] = entry.split('/');
  if (more.length > 0) return failed(`${field.name}: got ${quoted(entry)}, expected at most one "/"`, position);
  const every = step === undefined ? undefined : readStep(field, step, position + range.length + 1);
  if (every?.ok === false) return every;
  const bounds = readRange(field, range, every !== undefined, position);
  if (!bounds.ok) return bounds;
  if (bounds.text === '*' && every?.text === '1') return { ok: true, text: '*' };
  return { ok: true, text: every === undefined ? bounds.text : `${bounds.text}/${every.text}` };
}

function readRange(field: CronField, range: string, stepped: boolean, position: number): FieldResult {
  if (range === '*' || range === '?') return { ok: true, text: '*' };
  const [from = '', to, ...more] = range.split('-');
  const first = readValue(field, from, position);
  if (!first.ok) return first;
  if (to === undefined) {
    // As robfig reads it: from there to the end.
    return {
      ok: true,
      text: stepped ? `${first.value % 7 === 0 && field.kind === 'day of week' ? 0 : first.value}-${field.max}` : `${first.value}`,
    };
  }
  if (more.length > 0) return failed(`${field.name}: got ${quoted(range)}, expected one "-" between two values`, position);
  const last = readValue(field, to, position + from.length + 1);
  if (!last.ok) return last;
  // SUN at the end of a range is the week's last day.
  const end = field.kind === 'day of week' && last.value === 0 && first.value > 0 ? 7 : last.value;
  if (first.value > end) {
    const split = `${from}-${nameOf(field, field.max)},${nameOf(field, field.min)}-${to}`;
    return failed(`${field.name}: the range ${quoted(range)} ends before it begins; write ${split} to go past the end`, position);
  }
  return { ok: true, text: `${first.value}-${end}` };
}

type ValueResult = { readonly ok: true; readonly value: number } | Failed;

function readValue(field: CronField, text: string, position: number): ValueResult {
  const named = text.length === 3 ? field.names.indexOf(text) : -1;
  if (named >= 0) return { ok: true, value: named + field.min };
  // 7 is a Sunday too, as in Vixie's cron.
  const max = field.kind === 'day of week' ? 7 : field.max;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= max) return { ok: true, value };
  const hint = text === 'H' ? '; H is Jenkins\': choose a value, and spread the load with "jitter"' : '';
  return failed(`${field.name}: got ${quoted(text)}, expected ${expected(field)}${hint}`, position);
}

function readStep(field: CronField, text: string, position: number): FieldResult {
  const count = field.max - field.min + 1;
  const step = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (step >= 1 && step <= count) return { ok: true, text: String(step) };
  const hint =
    step > count && field.kind === 'time'
      ? `; a step begins anew with each ${field.name === 'hour' ? 'day' : 'hour'}, "@every" does not`
      : '';
  return failed(`${field.name}: got the step ${quoted(text)}, expected a number from 1 to ${count}${hint}`, position);
}

/** `L`, `LW`, `15W`; `5L`, `FRI#2`. `undefined`: nothing of the kind. */
function readSpecial(field: CronField, entry: string, position: number): FieldResult | undefined {
  if (field.kind === 'day of month') {
    if (entry === 'L' || entry === 'LW') return { ok: true, text: entry };
    if (!/^\d+W$/.test(entry)) return undefined;
    const day = readValue(field, entry.slice(0, -1), position);
    return day.ok ? { ok: true, text: `${day.value}W` } : day;
  }
  if (field.kind !== 'day of week') return undefined;
  const [, weekday, mark] = /^([A-Z]{3}|\d)(L|#.*)$/.exec(entry) ?? [];
  if (weekday === undefined || mark === undefined) return undefined;
  const day = readValue(field, weekday, position);
  if (!day.ok) return day;
  if (mark !== 'L' && !/^#[1-5]$/.test(mark)) {
    return failed(`${field.name}: got ${quoted(entry)}, expected a number from 1 to 5 after "#"`, position + weekday.length + 1);
  }
  return { ok: true, text: `${day.value % 7}${mark}` };
}

function expected({ min, max, names, kind }: CronField): string {
  const words = names.length === 0 ? '' : ` or ${names[0]} to ${names.at(-1)}`;
  const special = { time: '', month: '', 'day of month': ', L, LW or 15W', 'day of week': ', 5L or 5#2' }[kind];
  return `a number from ${min} to ${max}${words}, a range or "*"${special}`;
}

function nameOf({ names, min }: CronField, value: number): string {
  return names[value - min] ?? String(value);
}
