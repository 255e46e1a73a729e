import { objectMetaSchema } from '../object-meta.ts';
import { paramSchema } from '../params.ts';
import { triggerTemplateSpecSchema } from '../trigger-template/schema.ts';
import { z } from '../zod.ts';

/** Either `name` and `value`, or `ref` to a (Cluster)TriggerBinding. */
export const triggerSpecBindingSchema = z.object({
  name: z.string().optional(),
  /** The empty string is a value; absent is none. */
  value: z.string().optional(),
  ref: z.string().optional(),
  /** `TriggerBinding` or `ClusterTriggerBinding`; there after defaulting. */
  kind: z.string().optional(),
  apiversion: z.string().optional(),
});
export type TriggerSpecBinding = z.infer<typeof triggerSpecBindingSchema>;

/** Exactly one of `ref` and `spec`. */
export const triggerSpecTemplateSchema = z.object({
  ref: z.string().optional(),
  apiversion: z.string().optional(),
  spec: triggerTemplateSpecSchema.optional(),
});
export type TriggerSpecTemplate = z.infer<typeof triggerSpecTemplateSchema>;

/** Any JSON; each interceptor knows its own. */
export const interceptorParamSchema = z.object({ name: z.string(), value: z.unknown().optional() });
export type InterceptorParam = z.infer<typeof interceptorParamSchema>;

export const webhookInterceptorSchema = z.object({
  objectRef: z
    .object({
      apiVersion: z.string().optional(),
      kind: z.string().optional(),
      name: z.string().optional(),
      namespace: z.string().optional(),
      uid: z.string().optional(),
      resourceVersion: z.string().optional(),
      fieldPath: z.string().optional(),
    })
    .optional(),
  url: z.string().optional(),
  header: z.array(paramSchema).optional(),
});
export type WebhookInterceptor = z.infer<typeof webhookInterceptorSchema>;

export const triggerInterceptorSchema = z.object(
  {
    /** Free text. */
    name: z.string().optional(),
    ref: z
      .object({
        name: z.string().optional(),
        /** `ClusterInterceptor` or `NamespacedInterceptor`; there after defaulting. */
        kind: z.string().optional(),
        apiVersion: z.string().optional(),
      })
      .optional(),
    params: z.array(interceptorParamSchema).optional(),
    webhook: webhookInterceptorSchema.optional(),
  },
  { error: (issue) => (issue.input === null ? "invalid value: interceptor '<nil>' must be a valid value" : undefined) },
);
export type TriggerInterceptor = z.infer<typeof triggerInterceptorSchema>;

export const triggerSpecSchema = z.object({
  bindings: z.array(triggerSpecBindingSchema).optional(),
  template: triggerSpecTemplateSchema.optional(),
  name: z.string().optional(),
  interceptors: z.array(triggerInterceptorSchema).optional(),
  serviceAccountName: z.string().optional(),
});
export type TriggerSpec = z.infer<typeof triggerSpecSchema>;

export const triggerSchema = z.object({
  apiVersion: z.literal('triggers.tekton.dev/v1beta1'),
  kind: z.literal('Trigger'),
  metadata: objectMetaSchema,
  spec: triggerSpecSchema,
});
export type Trigger = z.infer<typeof triggerSchema>;
