import { objectMetaSchema } from '../../object-meta.ts';
import { quantitySchema, rawObjectSchema } from '../../scalars.ts';
import { z } from '../../zod.ts';
import { computeResourcesSchema } from '../pod-fields.ts';

export const persistentVolumeClaimSpecSchema = z.object({
  accessModes: z.array(z.string()).optional(),
  selector: rawObjectSchema.optional(),
  resources: computeResourcesSchema.optional(),
  volumeName: z.string().optional(),
  storageClassName: z.string().optional(),
  volumeMode: z.string().optional(),
  dataSource: rawObjectSchema.optional(),
  dataSourceRef: rawObjectSchema.optional(),
  volumeAttributesClassName: z.string().optional(),
});

export const persistentVolumeClaimSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('PersistentVolumeClaim'),
  metadata: objectMetaSchema,
  spec: persistentVolumeClaimSpecSchema.optional(),
  status: z
    .looseObject({
      phase: z.string().optional(),
      accessModes: z.array(z.string()).optional(),
      capacity: z.record(z.string(), quantitySchema).optional(),
    })
    .optional(),
});
export type PersistentVolumeClaim = z.infer<typeof persistentVolumeClaimSchema>;

/** As a workspace embeds it: nothing is required. */
export const claimTemplateSchema = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: objectMetaSchema.optional(),
  spec: persistentVolumeClaimSpecSchema.optional(),
  status: rawObjectSchema.optional(),
});
export type ClaimTemplate = z.infer<typeof claimTemplateSchema>;
