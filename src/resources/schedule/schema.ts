import { eventListenerTriggerSchema } from '../event-listener/schema.ts';
import { objectMetaSchema } from '../object-meta.ts';
import { durationSchema, timestampSchema } from '../scalars.ts';
import { statusBase } from '../status.ts';
import { z } from '../zod.ts';

/** What becomes of ticks that were due while nobody could fire them. Ticks while the schedule is suspended are not missed. */
export const catchUpSchema = z.object({
  /** How late a tick may be and still fire. `0s`: none is caught up. */
  window: durationSchema.optional(),
  /** How many are caught up at once, the newest. */
  limit: z.int().optional(),
});

export const scheduleSpecSchema = z.object({
  /** Cron expression, `@daily`, `@every 5m` …: `expressions/schedules` says what and how. */
  schedule: z.string(),
  /** IANA name; UTC unless the schedule names one in front. */
  timeZone: z.string().optional(),
  /** Each tick fires up to so much later than it is due, but before the next. */
  jitter: durationSchema.optional(),
  catchUp: catchUpSchema.optional(),
  /** When a run of this schedule, in its namespace, has not ended: `Allow` another, `Forbid` it, or cancel what runs (`Replace`). */
  concurrencyPolicy: z.enum(['Allow', 'Forbid', 'Replace']).optional(),
  suspend: z.boolean().optional(),
  /** What a tick is for: a trigger as a listener has them, or `triggerRef` to one … */
  trigger: eventListenerTriggerSchema.optional(),
  /** … or an EventListener of the same namespace, all of whose triggers see it. */
  eventListener: z.string().optional(),
});
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

export const scheduleStatusSchema = z.object({
  ...statusBase,
  /** The zone and pattern that the times below are of. */
  observedSchedule: z.string().optional(),
  /** Every tick up to here was fired, or passed over for good. */
  consideredUntil: timestampSchema.optional(),
  /** The newest tick that fired: when it was due, when it fired, and its event. */
  lastScheduledFor: timestampSchema.optional(),
  lastFiredAt: timestampSchema.optional(),
  lastEventId: z.string().optional(),
  /** When the newest tick was due all of whose runs have succeeded. */
  lastSuccess: timestampSchema.optional(),
  /** When the next tick is due; jitter comes on top. */
  nextFireTime: timestampSchema.optional(),
  /** The newest time ticks were found missed. No more than the newest 100 are counted. */
  lastCatchUp: z.object({ at: timestampSchema, missed: z.int(), fired: z.int(), message: z.string() }).optional(),
  /** Runs that have not ended, the oldest first; at most 20. */
  active: z.array(z.object({ kind: z.string(), name: z.string(), scheduledFor: timestampSchema.optional() })).optional(),
});
export type ScheduleStatus = z.infer<typeof scheduleStatusSchema>;

export const scheduleSchema = z.object({
  apiVersion: z.literal('tappet.dev/v1alpha1'),
  kind: z.literal('Schedule'),
  metadata: objectMetaSchema,
  spec: scheduleSpecSchema,
  status: scheduleStatusSchema.optional(),
});
export type Schedule = z.infer<typeof scheduleSchema>;
