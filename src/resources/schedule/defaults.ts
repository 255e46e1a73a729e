import { prefixedTimeZone } from '../../expressions/schedules/compile-schedule.ts';
import { defaultTriggerParts } from '../trigger/defaults.ts';
import type { Schedule } from './schema.ts';

/** A day and one: what a night's downtime cost is made up for once, in the morning. */
const catchUp = { window: '24h0m0s', limit: 1 };

export function defaultSchedule(schedule: Schedule): Schedule {
  const { spec } = schedule;
  return {
    ...schedule,
    spec: {
      ...spec,
      timeZone: (spec.timeZone ?? '') === '' ? (prefixedTimeZone(spec.schedule) ?? 'UTC') : spec.timeZone,
      catchUp: { ...catchUp, ...spec.catchUp },
      concurrencyPolicy: spec.concurrencyPolicy ?? 'Allow',
      suspend: spec.suspend ?? false,
      ...(spec.trigger === undefined ? {} : { trigger: defaultTriggerParts(spec.trigger) }),
    },
  };
}
