import { labelsSchema } from './scalars.ts';
import { z } from './zod.ts';

/** Kubernetes' label selector; all parts must hold. */
export const labelSelectorSchema = z.object({
  matchLabels: labelsSchema.optional(),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        /** `In`, `NotIn`, `Exists`, `DoesNotExist`. */
        operator: z.string(),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
export type LabelSelector = z.infer<typeof labelSelectorSchema>;
