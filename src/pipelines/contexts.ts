import type { Replacements } from '../expressions/variables/replacements.ts';
import { registerString, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { PipelineSpec } from '../resources/pipeline/schema.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';

/** `context.pipelineRun.*` and `context.pipeline.name`. */
export function contextReplacements(pipelineName: string, run: PipelineRun): Replacements {
  const builder = replacementsBuilder();
  registerString(builder, 'context.pipelineRun.name', run.metadata.name ?? '');
  registerString(builder, 'context.pipelineRun.namespace', run.metadata.namespace ?? '');
  registerString(builder, 'context.pipelineRun.uid', run.metadata.uid ?? '');
  registerString(builder, 'context.pipeline.name', pipelineName);
  return builder;
}

/** `workspaces.W.bound` of every workspace that is declared or bound. */
export function workspaceReplacements(spec: PipelineSpec, run: PipelineRun): Replacements {
  const builder = replacementsBuilder();
  for (const { name } of spec.workspaces ?? []) registerString(builder, `workspaces.${name}.bound`, 'false');
  for (const { name } of run.spec.workspaces ?? []) registerString(builder, `workspaces.${name}.bound`, 'true');
  return builder;
}
