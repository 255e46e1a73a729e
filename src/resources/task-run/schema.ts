import { artifactSchema, artifactsSchema } from '../artifacts.ts';
import { computeResourcesSchema, podTemplateSchema } from '../core/pod-fields.ts';
import { objectMetaSchema } from '../object-meta.ts';
import { paramSchema, paramValueSchema } from '../params.ts';
import { taskRefSchema } from '../references.ts';
import { durationSchema, labelsSchema, timestampSchema } from '../scalars.ts';
import { provenanceSchema, statusBase } from '../status.ts';
import { taskSpecSchema } from '../task/schema.ts';
import { workspaceBindingSchema } from '../workspaces.ts';
import { z } from '../zod.ts';

export const containerOverrideSchema = z.object({ name: z.string(), computeResources: computeResourcesSchema.optional() });
export type ContainerOverride = z.infer<typeof containerOverrideSchema>;

export const taskRunDebugSchema = z.object({
  breakpoints: z.object({ onFailure: z.string().optional(), beforeSteps: z.array(z.string()).optional() }).optional(),
});

export const taskRunSpecSchema = z.object({
  debug: taskRunDebugSchema.optional(),
  params: z.array(paramSchema).optional(),
  serviceAccountName: z.string().optional(),
  taskRef: taskRefSchema.optional(),
  taskSpec: taskSpecSchema.optional(),
  /** `TaskRunCancelled`, `TaskRunPending` or empty. */
  status: z.string().optional(),
  statusMessage: z.string().optional(),
  retries: z.int().optional(),
  /** Per attempt; `0s` means none. */
  timeout: durationSchema.optional(),
  podTemplate: podTemplateSchema.optional(),
  workspaces: z.array(workspaceBindingSchema).optional(),
  stepSpecs: z.array(containerOverrideSchema).optional(),
  sidecarSpecs: z.array(containerOverrideSchema).optional(),
  computeResources: computeResourcesSchema.optional(),
  managedBy: z.string().optional(),
});
export type TaskRunSpec = z.infer<typeof taskRunSpecSchema>;

export const taskRunResultSchema = z.object({ name: z.string(), type: z.string().optional(), value: paramValueSchema });
export type TaskRunResult = z.infer<typeof taskRunResultSchema>;

/** Kubernetes' container state: one of the three is set. */
const containerStateFields = {
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.object({ startedAt: timestampSchema.optional() }).optional(),
  terminated: z
    .object({
      exitCode: z.int(),
      signal: z.int().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      startedAt: timestampSchema.optional(),
      finishedAt: timestampSchema.optional(),
      containerID: z.string().optional(),
    })
    .optional(),
};

export const stepStateSchema = z.object({
  ...containerStateFields,
  /** Without the `step-` prefix. */
  name: z.string(),
  /** Absent until the pod exists. */
  container: z.string().optional(),
  imageID: z.string().optional(),
  results: z.array(taskRunResultSchema).optional(),
  provenance: provenanceSchema.optional(),
  terminationReason: z.string().optional(),
  inputs: z.array(artifactSchema).optional(),
  outputs: z.array(artifactSchema).optional(),
});
export type StepState = z.infer<typeof stepStateSchema>;

export const sidecarStateSchema = z.object({
  ...containerStateFields,
  name: z.string(),
  container: z.string().optional(),
  imageID: z.string().optional(),
});
export type SidecarState = z.infer<typeof sidecarStateSchema>;

const taskRunStatusFields = {
  ...statusBase,
  podName: z.string().optional(),
  startTime: timestampSchema.optional(),
  completionTime: timestampSchema.optional(),
  steps: z.array(stepStateSchema).optional(),
  results: z.array(taskRunResultSchema).optional(),
  artifacts: artifactsSchema.optional(),
  sidecars: z.array(sidecarStateSchema).optional(),
  taskSpec: taskSpecSchema.optional(),
  provenance: provenanceSchema.optional(),
  spanContext: labelsSchema.optional(),
};

/** `retriesStatus` holds the statuses of earlier attempts; upstream leaves theirs empty, so one level is the whole depth. */
export const taskRunStatusSchema = z.object({
  ...taskRunStatusFields,
  retriesStatus: z.array(z.object({ ...taskRunStatusFields, retriesStatus: z.array(z.unknown()).optional() })).optional(),
});
export type TaskRunStatus = z.infer<typeof taskRunStatusSchema>;

export const taskRunSchema = z.object({
  apiVersion: z.literal('tekton.dev/v1'),
  kind: z.literal('TaskRun'),
  metadata: objectMetaSchema,
  spec: taskRunSpecSchema,
  status: taskRunStatusSchema.optional(),
});
export type TaskRun = z.infer<typeof taskRunSchema>;
