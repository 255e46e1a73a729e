import { labelSelectorSchema } from '../label-selector.ts';
import { objectMetaSchema } from '../object-meta.ts';
import { rawObjectSchema } from '../scalars.ts';
import { statusBase } from '../status.ts';
import { triggerInterceptorSchema, triggerSpecBindingSchema, triggerSpecTemplateSchema } from '../trigger/schema.ts';
import { z } from '../zod.ts';

/** A trigger written into its listener, or `triggerRef` to a Trigger of the same namespace. */
export const eventListenerTriggerSchema = z.object({
  name: z.string().optional(),
  triggerRef: z.string().optional(),
  bindings: z.array(triggerSpecBindingSchema).optional(),
  template: triggerSpecTemplateSchema.optional(),
  interceptors: z.array(triggerInterceptorSchema).optional(),
  serviceAccountName: z.string().optional(),
});
export type EventListenerTrigger = z.infer<typeof eventListenerTriggerSchema>;

/** `['*']` alone means every namespace. */
export const namespaceSelectorSchema = z.object({ matchNames: z.array(z.string()).optional() });
export type NamespaceSelector = z.infer<typeof namespaceSelectorSchema>;

/** Interceptors that run once for a whole selection of Triggers. */
export const triggerGroupSchema = z.object({
  name: z.string().optional(),
  interceptors: z.array(triggerInterceptorSchema).optional(),
  triggerSelector: z
    .object({ namespaceSelector: namespaceSelectorSchema.optional(), labelSelector: labelSelectorSchema.optional() })
    .optional(),
});
export type TriggerGroup = z.infer<typeof triggerGroupSchema>;

/** Only part of a pod may be set: validation refuses the rest with upstream's words. */
const podTemplateSpecSchema = z.object({
  metadata: objectMetaSchema.optional(),
  spec: z
    .looseObject({
      serviceAccountName: z.string().optional(),
      containers: z
        .array(
          z.looseObject({
            env: z
              .array(z.object({ name: z.string().optional(), value: z.string().optional(), valueFrom: rawObjectSchema.optional() }))
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

/** How a cluster serves the listener. A listener of ours is a path on one server, so that most of this has no meaning here. */
export const eventListenerResourcesSchema = z.object({
  kubernetesResource: z
    .object({
      replicas: z.int().optional(),
      serviceType: z.string().optional(),
      servicePort: z.int().optional(),
      serviceLoadBalancerClass: z.string().optional(),
      metadata: objectMetaSchema.optional(),
      spec: z.object({ template: podTemplateSpecSchema.optional() }).optional(),
    })
    .optional(),
  customResource: rawObjectSchema.optional(),
});
export type EventListenerResources = z.infer<typeof eventListenerResourcesSchema>;

export const eventListenerSpecSchema = z.object({
  serviceAccountName: z.string().optional(),
  triggers: z.array(eventListenerTriggerSchema).optional(),
  triggerGroups: z.array(triggerGroupSchema).optional(),
  namespaceSelector: namespaceSelectorSchema.optional(),
  labelSelector: labelSelectorSchema.optional(),
  cloudEventURI: z.string().optional(),
  resources: eventListenerResourcesSchema.optional(),
});
export type EventListenerSpec = z.infer<typeof eventListenerSpecSchema>;

export const eventListenerStatusSchema = z.object({
  ...statusBase,
  address: z.object({ url: z.string().optional() }).optional(),
  configuration: z.object({ generatedName: z.string().optional() }).optional(),
});
export type EventListenerStatus = z.infer<typeof eventListenerStatusSchema>;

export const eventListenerSchema = z.object({
  apiVersion: z.literal('triggers.tekton.dev/v1beta1'),
  kind: z.literal('EventListener'),
  metadata: objectMetaSchema,
  spec: eventListenerSpecSchema,
  status: eventListenerStatusSchema.optional(),
});
export type EventListener = z.infer<typeof eventListenerSchema>;
