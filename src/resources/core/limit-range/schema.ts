import { objectMetaSchema } from '../../object-meta.ts';
import { quantitySchema } from '../../scalars.ts';
import { z } from '../../zod.ts';

const quantitiesSchema = z.record(z.string(), quantitySchema).optional();

export const limitRangeSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('LimitRange'),
  metadata: objectMetaSchema,
  spec: z
    .object({
      limits: z
        .array(
          z.object({
            type: z.string(),
            max: quantitiesSchema,
            min: quantitiesSchema,
            default: quantitiesSchema,
            defaultRequest: quantitiesSchema,
            maxLimitRequestRatio: quantitiesSchema,
          }),
        )
        .optional(),
    })
    .optional(),
});
export type LimitRange = z.infer<typeof limitRangeSchema>;
