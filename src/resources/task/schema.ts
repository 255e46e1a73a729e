import {
  computeResourcesSchema,
  containerPortSchema,
  envFromSourceSchema,
  envVarSchema,
  imagePullPolicySchema,
  lifecycleSchema,
  probeSchema,
  securityContextSchema,
  volumeDeviceSchema,
  volumeMountSchema,
  volumeSchema,
} from '../core/pod-fields.ts';
import { objectMetaSchema } from '../object-meta.ts';
import { paramSchema, paramSpecSchema, paramValueSchema, propertiesSchema } from '../params.ts';
import { stepRefSchema } from '../references.ts';
import { durationSchema } from '../scalars.ts';
import { whenExpressionSchema } from '../when-expression.ts';
import { workspaceDeclarationSchema, workspaceUsageSchema } from '../workspaces.ts';
import { z } from '../zod.ts';

/** What steps, the step template and sidecars have in common. */
const containerFields = {
  image: z.string().optional(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  workingDir: z.string().optional(),
  envFrom: z.array(envFromSourceSchema).optional(),
  env: z.array(envVarSchema).optional(),
  computeResources: computeResourcesSchema.optional(),
  volumeMounts: z.array(volumeMountSchema).optional(),
  volumeDevices: z.array(volumeDeviceSchema).optional(),
  imagePullPolicy: imagePullPolicySchema.optional(),
  securityContext: securityContextSchema.optional(),
};

/** A step's result: a file under the step's own directory. */
export const stepResultSchema = z.object({
  name: z.string(),
  type: z.string().optional(),
  properties: propertiesSchema.optional(),
  description: z.string().optional(),
});
export type StepResult = z.infer<typeof stepResultSchema>;

/** A task's result: a file, or with `value` a step's result. */
export const taskResultSchema = z.object({
  name: z.string(),
  /** `string`, `array` or `object`; there after defaulting. */
  type: z.string().optional(),
  properties: propertiesSchema.optional(),
  description: z.string().optional(),
  value: paramValueSchema.optional(),
});
export type TaskResult = z.infer<typeof taskResultSchema>;

const outputConfigSchema = z.object({ path: z.string().optional() });

export const stepSchema = z.object({
  name: z.string().optional(),
  displayName: z.string().optional(),
  ...containerFields,
  script: z.string().optional(),
  timeout: durationSchema.optional(),
  workspaces: z.array(workspaceUsageSchema).optional(),
  /** `continue`, `stopAndFail`, or `$(params.x)`. */
  onError: z.string().optional(),
  stdoutConfig: outputConfigSchema.optional(),
  stderrConfig: outputConfigSchema.optional(),
  ref: stepRefSchema.optional(),
  params: z.array(paramSchema).optional(),
  results: z.array(stepResultSchema).optional(),
  when: z.array(whenExpressionSchema).optional(),
});
export type Step = z.infer<typeof stepSchema>;

export const stepTemplateSchema = z.object(containerFields);
export type StepTemplate = z.infer<typeof stepTemplateSchema>;

export const sidecarSchema = z.object({
  name: z.string().optional(),
  ...containerFields,
  ports: z.array(containerPortSchema).optional(),
  livenessProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
  startupProbe: probeSchema.optional(),
  lifecycle: lifecycleSchema.optional(),
  terminationMessagePath: z.string().optional(),
  terminationMessagePolicy: z.string().optional(),
  stdin: z.boolean().optional(),
  stdinOnce: z.boolean().optional(),
  tty: z.boolean().optional(),
  restartPolicy: z.string().optional(),
  script: z.string().optional(),
  workspaces: z.array(workspaceUsageSchema).optional(),
});
export type Sidecar = z.infer<typeof sidecarSchema>;

/** Shared with the embedded task of a pipeline, which adds to it. */
export const taskSpecFields = {
  params: z.array(paramSpecSchema).optional(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  steps: z.array(stepSchema).optional(),
  stepTemplate: stepTemplateSchema.optional(),
  sidecars: z.array(sidecarSchema).optional(),
  volumes: z.array(volumeSchema).optional(),
  workspaces: z.array(workspaceDeclarationSchema).optional(),
  results: z.array(taskResultSchema).optional(),
};

export const taskSpecSchema = z.object(taskSpecFields);
export type TaskSpec = z.infer<typeof taskSpecSchema>;

export const taskSchema = z.object({
  apiVersion: z.literal('tekton.dev/v1'),
  kind: z.literal('Task'),
  metadata: objectMetaSchema,
  spec: taskSpecSchema,
});
export type Task = z.infer<typeof taskSchema>;
