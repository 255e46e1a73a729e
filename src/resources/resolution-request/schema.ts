import { objectMetaSchema } from '../object-meta.ts';
import { paramSchema } from '../params.ts';
import { refSourceSchema, statusBase } from '../status.ts';
import { z } from '../zod.ts';

export const resolutionRequestSchema = z.object({
  apiVersion: z.literal('resolution.tekton.dev/v1beta1'),
  kind: z.literal('ResolutionRequest'),
  metadata: objectMetaSchema,
  spec: z.object({
    params: z.array(paramSchema).optional(),
    /** Of the concise syntax: a name that is a URL. */
    url: z.string().optional(),
  }),
  status: z
    .object({
      ...statusBase,
      /** What was fetched, in base64. */
      data: z.string().optional(),
      /** Upstream's old name for `refSource`; both are written. */
      source: refSourceSchema.optional(),
      refSource: refSourceSchema.optional(),
    })
    .optional(),
});
export type ResolutionRequest = z.infer<typeof resolutionRequestSchema>;
export type ResolutionRequestStatus = NonNullable<ResolutionRequest['status']>;
