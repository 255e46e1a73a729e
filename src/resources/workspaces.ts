import { claimTemplateSchema } from './core/persistent-volume-claim/schema.ts';
import {
  claimSourceSchema,
  configMapSourceSchema,
  csiSchema,
  emptyDirSchema,
  projectedSchema,
  secretSourceSchema,
} from './core/pod-fields.ts';
import { z } from './zod.ts';

/** Of a run: what a workspace is made of. Exactly one source; validation says so. */
export const workspaceBindingSchema = z.object({
  name: z.string(),
  subPath: z.string().optional(),
  volumeClaimTemplate: claimTemplateSchema.optional(),
  persistentVolumeClaim: claimSourceSchema.optional(),
  emptyDir: emptyDirSchema.optional(),
  configMap: configMapSourceSchema.optional(),
  secret: secretSourceSchema.optional(),
  projected: projectedSchema.optional(),
  csi: csiSchema.optional(),
});
export type WorkspaceBinding = z.infer<typeof workspaceBindingSchema>;

/** Of a Task. */
export const workspaceDeclarationSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  /** `/workspace/<name>` when absent. */
  mountPath: z.string().optional(),
  readOnly: z.boolean().optional(),
  optional: z.boolean().optional(),
});
export type WorkspaceDeclaration = z.infer<typeof workspaceDeclarationSchema>;

/** Of a Pipeline. */
export const pipelineWorkspaceDeclarationSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  optional: z.boolean().optional(),
});
export type PipelineWorkspaceDeclaration = z.infer<typeof pipelineWorkspaceDeclarationSchema>;

/** Of a pipeline task: the task's workspace `name` is the pipeline's `workspace` (the same name when empty). */
export const workspacePipelineTaskBindingSchema = z.object({
  name: z.string(),
  workspace: z.string().optional(),
  subPath: z.string().optional(),
});
export type WorkspacePipelineTaskBinding = z.infer<typeof workspacePipelineTaskBindingSchema>;

/** Of a step or sidecar: it alone sees the workspace (beta). */
export const workspaceUsageSchema = z.object({
  name: z.string(),
  /** As the task declares it when absent or empty. */
  mountPath: z.string().optional(),
});
export type WorkspaceUsage = z.infer<typeof workspaceUsageSchema>;
