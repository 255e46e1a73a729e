import { objectMetaSchema } from '../object-meta.ts';
import { statusBase } from '../status.ts';
import { z } from '../zod.ts';

/** Where an interceptor's server is: `url`, or a service of the cluster. */
export const clientConfigSchema = z.object({
  /** Base64 of PEM. */
  caBundle: z.string().optional(),
  url: z.string().optional(),
  service: z
    .object({
      name: z.string().optional(),
      namespace: z.string().optional(),
      path: z.string().optional(),
      port: z.int().optional(),
    })
    .optional(),
});
export type ClientConfig = z.infer<typeof clientConfigSchema>;

export const interceptorSpecSchema = z.object({ clientConfig: clientConfigSchema.optional() });

export const interceptorStatusSchema = z.object({
  ...statusBase,
  address: z.object({ url: z.string().optional() }).optional(),
});

export const clusterInterceptorSchema = z.object({
  apiVersion: z.literal('triggers.tekton.dev/v1alpha1'),
  kind: z.literal('ClusterInterceptor'),
  metadata: objectMetaSchema,
  spec: interceptorSpecSchema,
  status: interceptorStatusSchema.optional(),
});
export type ClusterInterceptor = z.infer<typeof clusterInterceptorSchema>;
