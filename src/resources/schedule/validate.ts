import { compileSchedule, prefixedTimeZone, unknownZone } from '../../expressions/schedules/compile-schedule.ts';
import { canonicalTimeZone } from '../../expressions/schedules/time-zone.ts';
import { parseDuration } from '../duration.ts';
import { validateListenerTrigger } from '../event-listener/validate.ts';
import { type FieldError, invalidValue, oneOfMissing, oneOfMultiple, under } from '../field-error.ts';
import type { Schedule, ScheduleSpec } from './schema.ts';

const MOST_CAUGHT_UP = 100;

export function validateSchedule({ spec }: Schedule): readonly FieldError[] {
  const { trigger, eventListener, jitter = '0s', catchUp = {} } = spec;
  const errors: FieldError[] = [...validatePattern(spec)];
  for (const [path, duration] of [
    ['jitter', jitter],
    ['catchUp.window', catchUp.window ?? '0s'],
  ] as const) {
    if ((parseDuration(duration) ?? 0) < 0) errors.push(invalidValue(duration, path, 'expected a duration of 0s or more'));
  }
  const { limit = 0 } = catchUp;
  if (limit < 0 || limit > MOST_CAUGHT_UP) {
    errors.push(invalidValue(limit, 'catchUp.limit', `expected a number from 0 to ${MOST_CAUGHT_UP}`));
  }
  if (trigger !== undefined && eventListener !== undefined) errors.push(oneOfMultiple('eventListener', 'trigger'));
  if (trigger === undefined && (eventListener ?? '') === '') errors.push(oneOfMissing('eventListener', 'trigger'));
  if (trigger !== undefined) errors.push(...under('trigger', validateListenerTrigger(trigger)));
  return under('spec', errors);
}

function validatePattern({ schedule, timeZone }: ScheduleSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  // A zone that stands in front of the pattern is told of there.
  const unknown = timeZone !== undefined && timeZone !== prefixedTimeZone(schedule) && canonicalTimeZone(timeZone) === undefined;
  if (unknown) errors.push(invalidValue(timeZone, 'timeZone', unknownZone(timeZone)));
  const compiled = compileSchedule(schedule, unknown ? prefixedTimeZone(schedule) : timeZone);
  if (compiled.ok) return errors;
  const { message, position } = compiled.error;
  const shown = schedule.length > 100 ? `${schedule.slice(0, 100)}…` : schedule;
  return [...errors, invalidValue(shown, 'schedule', `at character ${position + 1}: ${message}`)];
}
