import { envVarSchema, securityContextSchema, volumeMountSchema } from '../core/pod-fields.ts';
import { objectMetaSchema } from '../object-meta.ts';
import { paramSpecSchema } from '../params.ts';
import { stepResultSchema } from '../task/schema.ts';
import { z } from '../zod.ts';

export const stepActionSpecSchema = z.object({
  description: z.string().optional(),
  image: z.string().optional(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(envVarSchema).optional(),
  script: z.string().optional(),
  workingDir: z.string().optional(),
  params: z.array(paramSpecSchema).optional(),
  results: z.array(stepResultSchema).optional(),
  securityContext: securityContextSchema.optional(),
  volumeMounts: z.array(volumeMountSchema).optional(),
});
export type StepActionSpec = z.infer<typeof stepActionSpecSchema>;

export const stepActionSchema = z.object({
  apiVersion: z.literal('tekton.dev/v1beta1'),
  kind: z.literal('StepAction'),
  metadata: objectMetaSchema,
  spec: stepActionSpecSchema,
});
export type StepAction = z.infer<typeof stepActionSchema>;
