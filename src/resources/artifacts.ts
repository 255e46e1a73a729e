import { labelsSchema } from './scalars.ts';
import { z } from './zod.ts';

/** Alpha, flag `enable-artifacts`: what a step says it read or made. */
export const artifactSchema = z.object({
  name: z.string().optional(),
  values: z.array(z.object({ digest: labelsSchema.optional(), uri: z.string().optional() })).optional(),
  buildOutput: z.boolean().optional(),
});
export type Artifact = z.infer<typeof artifactSchema>;

export const artifactsSchema = z.object({
  inputs: z.array(artifactSchema).optional(),
  outputs: z.array(artifactSchema).optional(),
});
export type Artifacts = z.infer<typeof artifactsSchema>;
