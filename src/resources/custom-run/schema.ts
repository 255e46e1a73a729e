import { objectMetaSchema, templateMetadataSchema } from '../object-meta.ts';
import { paramSchema } from '../params.ts';
import { taskRefSchema } from '../references.ts';
import { durationSchema, rawObjectSchema, timestampSchema } from '../scalars.ts';
import { statusBase } from '../status.ts';
import { workspaceBindingSchema } from '../workspaces.ts';
import { z } from '../zod.ts';

export const customRunSpecSchema = z.object({
  customRef: taskRefSchema.optional(),
  customSpec: z
    .object({
      apiVersion: z.string().optional(),
      kind: z.string().optional(),
      metadata: templateMetadataSchema.optional(),
      spec: rawObjectSchema.nullable().optional(),
    })
    .optional(),
  params: z.array(paramSchema).optional(),
  /** `RunCancelled` or empty. */
  status: z.string().optional(),
  statusMessage: z.string().optional(),
  retries: z.int().optional(),
  serviceAccountName: z.string().optional(),
  timeout: durationSchema.optional(),
  workspaces: z.array(workspaceBindingSchema).optional(),
});
export type CustomRunSpec = z.infer<typeof customRunSpecSchema>;

export const customRunStatusSchema = z.object({
  ...statusBase,
  startTime: timestampSchema.optional(),
  completionTime: timestampSchema.optional(),
  results: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  retriesStatus: z.array(rawObjectSchema).optional(),
  extraFields: z.unknown().optional(),
});
export type CustomRunStatus = z.infer<typeof customRunStatusSchema>;

export const customRunSchema = z.object({
  apiVersion: z.literal('tekton.dev/v1beta1'),
  kind: z.literal('CustomRun'),
  metadata: objectMetaSchema,
  spec: customRunSpecSchema,
  status: customRunStatusSchema.optional(),
});
export type CustomRun = z.infer<typeof customRunSchema>;
