import { labelsSchema, timestampSchema } from './scalars.ts';
import { z } from './zod.ts';

const ownerReferenceSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
});

/** Metadata as it comes over the wire; the same shape as `ObjectMeta` of object.ts. */
export const objectMetaSchema = z.object({
  name: z.string().optional(),
  generateName: z.string().optional(),
  namespace: z.string().optional(),
  selfLink: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.int().optional(),
  creationTimestamp: timestampSchema.optional(),
  deletionTimestamp: timestampSchema.optional(),
  deletionGracePeriodSeconds: z.int().optional(),
  labels: labelsSchema.optional(),
  annotations: labelsSchema.optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z.array(ownerReferenceSchema).optional(),
  managedFields: z.array(z.unknown()).optional(),
});

/** Labels and annotations handed on to what is created: embedded tasks, custom specs, task run specs. */
export const templateMetadataSchema = z.object({
  labels: labelsSchema.optional(),
  annotations: labelsSchema.optional(),
});
export type TemplateMetadata = z.infer<typeof templateMetadataSchema>;
