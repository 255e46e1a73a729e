import { labelsSchema, rawObjectSchema, timestampSchema } from './scalars.ts';
import { z } from './zod.ts';

/** What statuses of several kinds have in common. */

export const conditionSchema = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: timestampSchema.optional(),
  severity: z.string().optional(),
});

export const refSourceSchema = z.object({
  uri: z.string().optional(),
  digest: labelsSchema.optional(),
  entryPoint: z.string().optional(),
});
export type RefSource = z.infer<typeof refSourceSchema>;

/** Where a definition came from and which flags were on; `status.provenance`. */
export const provenanceSchema = z.object({
  refSource: refSourceSchema.optional(),
  featureFlags: rawObjectSchema.optional(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/** The fields every status of a run begins with. */
export const statusBase = {
  observedGeneration: z.int().optional(),
  conditions: z.array(conditionSchema).optional(),
  annotations: labelsSchema.optional(),
};
