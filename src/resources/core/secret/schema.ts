import { objectMetaSchema } from '../../object-meta.ts';
import { z } from '../../zod.ts';

export const secretSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: objectMetaSchema,
  type: z.string().optional(),
  /** Base64. */
  data: z.record(z.string(), z.string()).optional(),
  /** Plain text, for writing only: admission moves it into `data`. */
  stringData: z.record(z.string(), z.string()).optional(),
  immutable: z.boolean().optional(),
});
export type Secret = z.infer<typeof secretSchema>;
