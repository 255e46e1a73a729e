import { objectMetaSchema, templateMetadataSchema } from '../object-meta.ts';
import { paramSchema, paramSpecSchema, paramValueSchema } from '../params.ts';
import { pipelineRefSchema, taskRefSchema } from '../references.ts';
import { durationSchema, rawObjectSchema } from '../scalars.ts';
import { taskSpecFields } from '../task/schema.ts';
import { whenExpressionSchema } from '../when-expression.ts';
import { pipelineWorkspaceDeclarationSchema, workspacePipelineTaskBindingSchema } from '../workspaces.ts';
import { z } from '../zod.ts';

export type { WhenExpression } from '../when-expression.ts';

/** A task written into its pipeline; with `apiVersion` and `kind` a custom task whose `spec` only its controller understands. */
export const embeddedTaskSchema = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  /** `null` where there is none, as upstream writes it. */
  spec: rawObjectSchema.nullable().optional(),
  metadata: templateMetadataSchema.optional(),
  ...taskSpecFields,
});
export type EmbeddedTask = z.infer<typeof embeddedTaskSchema>;

/** Fans a task out over the product of its array params; `include` adds to or extends combinations. */
export const matrixSchema = z.object({
  params: z.array(paramSchema).optional(),
  include: z.array(z.object({ name: z.string().optional(), params: z.array(paramSchema).optional() })).optional(),
});
export type Matrix = z.infer<typeof matrixSchema>;

export const pipelineTaskSchema = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  taskRef: taskRefSchema.optional(),
  taskSpec: embeddedTaskSchema.optional(),
  pipelineRef: pipelineRefSchema.optional(),
  /** Pipelines in pipelines (alpha). */
  get pipelineSpec(): z.ZodOptional<typeof pipelineSpecSchema> {
    return pipelineSpecSchema.optional();
  },
  when: z.array(whenExpressionSchema).optional(),
  retries: z.int().optional(),
  runAfter: z.array(z.string()).optional(),
  params: z.array(paramSchema).optional(),
  matrix: matrixSchema.optional(),
  workspaces: z.array(workspacePipelineTaskBindingSchema).optional(),
  /** Per TaskRun. */
  timeout: durationSchema.optional(),
  /** `continue`, `stopAndFail`, or `$(params.x)`. */
  onError: z.string().optional(),
});
export type PipelineTask = z.infer<typeof pipelineTaskSchema>;

export const pipelineResultSchema = z.object({
  name: z.string(),
  type: z.string().optional(),
  description: z.string().optional(),
  value: paramValueSchema,
});
export type PipelineResult = z.infer<typeof pipelineResultSchema>;

export const pipelineSpecSchema = z.object({
  displayName: z.string().optional(),
  description: z.string().optional(),
  params: z.array(paramSpecSchema).optional(),
  workspaces: z.array(pipelineWorkspaceDeclarationSchema).optional(),
  tasks: z.array(pipelineTaskSchema).optional(),
  finally: z.array(pipelineTaskSchema).optional(),
  results: z.array(pipelineResultSchema).optional(),
});
export type PipelineSpec = z.infer<typeof pipelineSpecSchema>;

export const pipelineSchema = z.object({
  apiVersion: z.literal('tekton.dev/v1'),
  kind: z.literal('Pipeline'),
  metadata: objectMetaSchema,
  spec: pipelineSpecSchema,
});
export type Pipeline = z.infer<typeof pipelineSchema>;
