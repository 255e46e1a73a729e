import { clusterInterceptorSchema } from '../cluster-interceptor/schema.ts';
import { z } from '../zod.ts';

/** A ClusterInterceptor of one namespace. */
export const interceptorSchema = clusterInterceptorSchema.extend({ kind: z.literal('Interceptor') });
export type Interceptor = z.infer<typeof interceptorSchema>;
