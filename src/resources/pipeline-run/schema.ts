import { computeResourcesSchema, podTemplateSchema } from '../core/pod-fields.ts';
import { objectMetaSchema, templateMetadataSchema } from '../object-meta.ts';
import { paramSchema, paramValueSchema } from '../params.ts';
import { pipelineSpecSchema } from '../pipeline/schema.ts';
import { pipelineRefSchema } from '../references.ts';
import { durationSchema, labelsSchema, timestampSchema } from '../scalars.ts';
import { provenanceSchema, statusBase } from '../status.ts';
import { containerOverrideSchema } from '../task-run/schema.ts';
import { whenExpressionSchema } from '../when-expression.ts';
import { workspaceBindingSchema } from '../workspaces.ts';
import { z } from '../zod.ts';

/** `0s` means none. */
export const timeoutsSchema = z.object({
  pipeline: durationSchema.optional(),
  tasks: durationSchema.optional(),
  finally: durationSchema.optional(),
});
export type Timeouts = z.infer<typeof timeoutsSchema>;

export const taskRunTemplateSchema = z.object({
  serviceAccountName: z.string().optional(),
  podTemplate: podTemplateSchema.optional(),
});

/** What one pipeline task's runs have that others have not. */
export const pipelineTaskRunSpecSchema = z.object({
  pipelineTaskName: z.string().optional(),
  serviceAccountName: z.string().optional(),
  podTemplate: podTemplateSchema.optional(),
  stepSpecs: z.array(containerOverrideSchema).optional(),
  sidecarSpecs: z.array(containerOverrideSchema).optional(),
  metadata: templateMetadataSchema.optional(),
  computeResources: computeResourcesSchema.optional(),
  timeout: durationSchema.optional(),
});
export type PipelineTaskRunSpec = z.infer<typeof pipelineTaskRunSpecSchema>;

export const pipelineRunSpecSchema = z.object({
  pipelineRef: pipelineRefSchema.optional(),
  pipelineSpec: pipelineSpecSchema.optional(),
  params: z.array(paramSchema).optional(),
  /** `Cancelled`, `CancelledRunFinally`, `StoppedRunFinally`, `PipelineRunPending` or empty. */
  status: z.string().optional(),
  timeouts: timeoutsSchema.optional(),
  taskRunTemplate: taskRunTemplateSchema.optional(),
  workspaces: z.array(workspaceBindingSchema).optional(),
  taskRunSpecs: z.array(pipelineTaskRunSpecSchema).optional(),
  managedBy: z.string().optional(),
});
export type PipelineRunSpec = z.infer<typeof pipelineRunSpecSchema>;

export const pipelineRunResultSchema = z.object({ name: z.string(), value: paramValueSchema });
export type PipelineRunResult = z.infer<typeof pipelineRunResultSchema>;

export const skippedTaskSchema = z.object({
  name: z.string(),
  reason: z.string(),
  whenExpressions: z.array(whenExpressionSchema).optional(),
});
export type SkippedTask = z.infer<typeof skippedTaskSchema>;

export const childReferenceSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  displayName: z.string().optional(),
  pipelineTaskName: z.string(),
  whenExpressions: z.array(whenExpressionSchema).optional(),
});
export type ChildReference = z.infer<typeof childReferenceSchema>;

export const pipelineRunStatusSchema = z.object({
  ...statusBase,
  startTime: timestampSchema.optional(),
  completionTime: timestampSchema.optional(),
  results: z.array(pipelineRunResultSchema).optional(),
  pipelineSpec: pipelineSpecSchema.optional(),
  skippedTasks: z.array(skippedTaskSchema).optional(),
  childReferences: z.array(childReferenceSchema).optional(),
  finallyStartTime: timestampSchema.optional(),
  provenance: provenanceSchema.optional(),
  spanContext: labelsSchema.optional(),
});
export type PipelineRunStatus = z.infer<typeof pipelineRunStatusSchema>;

export const pipelineRunSchema = z.object({
  apiVersion: z.literal('tekton.dev/v1'),
  kind: z.literal('PipelineRun'),
  metadata: objectMetaSchema,
  spec: pipelineRunSpecSchema,
  status: pipelineRunStatusSchema.optional(),
});
export type PipelineRun = z.infer<typeof pipelineRunSchema>;
