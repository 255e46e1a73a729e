import { objectMetaSchema } from '../object-meta.ts';
import { rawObjectSchema } from '../scalars.ts';
import { z } from '../zod.ts';

export const bindingParamSchema = z.object({ name: z.string(), value: z.string() });
export type BindingParam = z.infer<typeof bindingParamSchema>;

export const triggerBindingSpecSchema = z.object({ params: z.array(bindingParamSchema).optional() });
export type TriggerBindingSpec = z.infer<typeof triggerBindingSpecSchema>;

export const triggerBindingSchema = z.object({
  apiVersion: z.literal('triggers.tekton.dev/v1beta1'),
  kind: z.literal('TriggerBinding'),
  metadata: objectMetaSchema,
  spec: triggerBindingSpecSchema,
  status: rawObjectSchema.optional(),
});
export type TriggerBinding = z.infer<typeof triggerBindingSchema>;
