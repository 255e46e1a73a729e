import { z } from '../resources/zod.ts';

/** Upstream's config-tracing; the Secret is named with its namespace, because there is none that is the system's. */
export const tracingSchema = z.strictObject({
  enabled: z.boolean().default(false),
  /** OTLP over HTTP. */
  endpoint: z.url({ protocol: /^https?$/ }).default('http://jaeger-collector.jaeger.svc.cluster.local:4318/v1/traces'),
  /** `namespace/name` of a Secret with `username` and `password`; empty: the collector wants none. */
  credentialsSecret: z
    .string()
    .regex(/^$|^[^/]+\/[^/]+$/, 'expected namespace/name')
    .default(''),
});
