import { triggerBindingSchema } from '../trigger-binding/schema.ts';
import { z } from '../zod.ts';

/** A TriggerBinding that every namespace sees. */
export const clusterTriggerBindingSchema = triggerBindingSchema.extend({ kind: z.literal('ClusterTriggerBinding') });
export type ClusterTriggerBinding = z.infer<typeof clusterTriggerBindingSchema>;
