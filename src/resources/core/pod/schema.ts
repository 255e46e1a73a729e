import { objectMetaSchema } from '../../object-meta.ts';
import { z } from '../../zod.ts';

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().optional(),
});
const containerStatusSchema = z.looseObject({
  name: z.string(),
  ready: z.boolean().optional(),
  restartCount: z.int().optional(),
  image: z.string().optional(),
  imageID: z.string().optional(),
  state: z.looseObject({}).optional(),
});

/** A record of a pod, written by our runtimes so that `kubectl get pods` and `kubectl logs` answer; its inside is Kubernetes' own. */
export const podSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: objectMetaSchema,
  spec: z
    .looseObject({
      containers: z.array(containerSchema).optional(),
      initContainers: z.array(containerSchema).optional(),
      serviceAccountName: z.string().optional(),
      nodeName: z.string().optional(),
    })
    .optional(),
  status: z
    .looseObject({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      startTime: z.string().optional(),
      containerStatuses: z.array(containerStatusSchema).optional(),
      initContainerStatuses: z.array(containerStatusSchema).optional(),
    })
    .optional(),
});
export type Pod = z.infer<typeof podSchema>;
