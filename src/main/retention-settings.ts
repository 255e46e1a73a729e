import { parseDuration } from '../resources/duration.ts';
import { z } from '../resources/zod.ts';

const DAY_MS = 24 * 3_600_000;
const DAYS = /^(\d+(?:\.\d+)?)d$/;

/** `30d` or a Go duration (`12h`, `1h30m`), in milliseconds. */
const ageSchema = z
  .string()
  .transform((text) => {
    const [, days] = DAYS.exec(text) ?? [];
    return days === undefined ? parseDuration(text) : Number(days) * DAY_MS;
  })
  .refine((ms) => ms !== undefined && ms > 0, 'expected a time longer than nothing, e.g. 30d, 12h or 1h30m')
  .transform((ms) => ms ?? 0);

/** How long the journal keeps events, and for how long a repeated delivery is recognised; an event goes when either is exceeded. */
export const retentionSchema = z.strictObject({
  maxAge: ageSchema.prefault('30d'),
  maxCount: z.int().min(1).default(100_000),
});
