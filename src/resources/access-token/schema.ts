import { objectMetaSchema } from '../object-meta.ts';
import { timestampSchema } from '../scalars.ts';
import { z } from '../zod.ts';

/** Each may do what those before it may. */
export const accessRoles = ['viewer', 'runner', 'approver', 'admin'] as const;
export type AccessRole = (typeof accessRoles)[number];

/** Ours, and of the embedded server alone: on a cluster, Kubernetes says who may do what. */
export const accessTokenSpecSchema = z.object({
  role: z.enum(accessRoles),
  /** Good for this namespace alone. Absent: for all, and for what belongs to none. */
  namespace: z.string().optional(),
  /** Hex. The token itself is known to its holder alone. */
  sha256: z.string(),
  expiresAt: timestampSchema.optional(),
  /** For people. */
  description: z.string().optional(),
});
export type AccessTokenSpec = z.infer<typeof accessTokenSpecSchema>;

export const accessTokenSchema = z.object({
  apiVersion: z.literal('tappet.dev/v1alpha1'),
  kind: z.literal('AccessToken'),
  metadata: objectMetaSchema,
  spec: accessTokenSpecSchema,
});
export type AccessToken = z.infer<typeof accessTokenSchema>;
