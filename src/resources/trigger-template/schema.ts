import { objectMetaSchema } from '../object-meta.ts';
import { rawObjectSchema } from '../scalars.ts';
import { z } from '../zod.ts';

/** Strings only: a template's params are put into text. */
export const triggerTemplateParamSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  default: z.string().optional(),
});
export type TriggerTemplateParam = z.infer<typeof triggerTemplateParamSchema>;

export const triggerTemplateSpecSchema = z.object({
  params: z.array(triggerTemplateParamSchema).optional(),
  /** Resources of any kind, kept as written: `$(tt.params.x)` is replaced when an event comes. */
  resourcetemplates: z.array(rawObjectSchema).optional(),
});
export type TriggerTemplateSpec = z.infer<typeof triggerTemplateSpecSchema>;

export const triggerTemplateSchema = z.object({
  apiVersion: z.literal('triggers.tekton.dev/v1beta1'),
  kind: z.literal('TriggerTemplate'),
  metadata: objectMetaSchema,
  spec: triggerTemplateSpecSchema,
  status: rawObjectSchema.optional(),
});
export type TriggerTemplate = z.infer<typeof triggerTemplateSchema>;
