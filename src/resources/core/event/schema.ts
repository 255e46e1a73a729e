import { objectMetaSchema } from '../../object-meta.ts';
import { rawObjectSchema, timestampSchema } from '../../scalars.ts';
import { z } from '../../zod.ts';

const objectReferenceSchema = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  fieldPath: z.string().optional(),
});

/** What `kubectl describe` shows under Events. */
export const eventSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Event'),
  metadata: objectMetaSchema,
  involvedObject: objectReferenceSchema,
  reason: z.string().optional(),
  message: z.string().optional(),
  source: z.object({ component: z.string().optional(), host: z.string().optional() }).optional(),
  firstTimestamp: timestampSchema.optional(),
  lastTimestamp: timestampSchema.optional(),
  count: z.int().optional(),
  /** `Normal` or `Warning`. */
  type: z.string().optional(),
  eventTime: timestampSchema.optional(),
  series: rawObjectSchema.optional(),
  action: z.string().optional(),
  related: objectReferenceSchema.optional(),
  reportingComponent: z.string().optional(),
  reportingInstance: z.string().optional(),
});
export type Event = z.infer<typeof eventSchema>;
