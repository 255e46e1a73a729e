import { defaultObservability, type Observability } from '../resources/observability.ts';
import { z } from '../resources/zod.ts';

const yesOrNo = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** A ConfigMap's values are text: `"true"` is taken as well. */
export const observabilitySchema = z.strictObject({
  'metrics.taskrun.level': z.enum(['task', 'taskrun', 'namespace']).default(defaultObservability['metrics.taskrun.level']),
  'metrics.pipelinerun.level': z.enum(['pipeline', 'pipelinerun', 'namespace']).default(defaultObservability['metrics.pipelinerun.level']),
  'metrics.running-pipelinerun.level': z
    .enum(['', 'namespace', 'pipeline', 'pipelinerun'])
    .default(defaultObservability['metrics.running-pipelinerun.level']),
  'metrics.taskrun.duration-type': z.enum(['histogram', 'lastvalue']).default(defaultObservability['metrics.taskrun.duration-type']),
  'metrics.pipelinerun.duration-type': z
    .enum(['histogram', 'lastvalue'])
    .default(defaultObservability['metrics.pipelinerun.duration-type']),
  'metrics.count.enable-reason': yesOrNo.default(defaultObservability['metrics.count.enable-reason']),
  'metrics.taskrun.throttle.enable-namespace': yesOrNo.default(defaultObservability['metrics.taskrun.throttle.enable-namespace']),
}) satisfies z.ZodType<Observability>;
