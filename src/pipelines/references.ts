import { replaceString } from '../expressions/variables/replace-string.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { Pipeline, PipelineSpec, PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { isCustomTaskRef, type TaskRef } from '../resources/references.ts';
import type { Resolved } from '../resources/resolved.ts';
import { contextReplacements } from './contexts.ts';
import { pipelineParams } from './params.ts';

/** The Pipeline a run has to be given in `facts.pipeline`; none once the run's status holds the pipeline, or when it is embedded or remote. */
export function referencedPipelineName(run: PipelineRun): string | undefined {
  if (run.status?.pipelineSpec !== undefined) return undefined;
  return run.spec.pipelineRef?.name || undefined;
}

/** The names of the Tasks a run has to be given in `facts.tasks`, each once. Remote references are not among them. */
export function referencedTaskNames(run: PipelineRun, pipeline?: Resolved<Pipeline>): readonly string[] {
  const spec = run.status?.pipelineSpec ?? run.spec.pipelineSpec ?? (pipeline?.type === 'found' ? pipeline.object.spec : undefined);
  if (spec === undefined) return [];
  const refs = allTasks(spec).flatMap(({ taskRef }) =>
    taskRef?.name && !taskRef.resolver && !isCustomTaskRef(taskRef) ? [taskRef.name] : [],
  );
  const names = new Set(refs);
  if (![...names].some((name) => name.includes('$('))) return [...names];

  const replacements = nameReplacements(run, spec, pipeline);
  return [...new Set([...names].map((name) => replaceString(name, replacements)))];
}

/** The names of the Pipelines that a run's tasks are, each once; none once the run has begun. Remote references are not among them. */
export function childPipelineNames(run: PipelineRun, pipeline?: Resolved<Pipeline>): readonly string[] {
  if (run.status?.pipelineSpec !== undefined) return [];
  const spec = run.spec.pipelineSpec ?? (pipeline?.type === 'found' ? pipeline.object.spec : undefined);
  const refs = spec === undefined ? [] : allTasks(spec).flatMap(({ pipelineRef }) => pipelineRef ?? []);
  return [...new Set(refs.flatMap(({ name, resolver }) => (name && !resolver ? [name] : [])))];
}

/** The key of a task reference in `facts.tasks`: its name, or for a remote one what makes it the same request. */
export function taskReferenceKey(ref: TaskRef): string {
  if (!ref.resolver) return ref.name ?? '';
  return `${ref.resolver}:${JSON.stringify([ref.name ?? '', ref.params ?? []])}`;
}

export function allTasks(spec: PipelineSpec): readonly PipelineTask[] {
  return spec.finally === undefined ? (spec.tasks ?? []) : [...(spec.tasks ?? []), ...spec.finally];
}

function nameReplacements(run: PipelineRun, spec: PipelineSpec, pipeline: Resolved<Pipeline> | undefined): Replacements {
  const params = pipelineParams(spec.params, run.spec.params);
  const builder = replacementsBuilder(params.ok ? params.replacements : undefined);
  const name = pipeline?.type === 'found' ? pipeline.object.metadata.name : run.metadata.name;
  for (const [key, value] of contextReplacements(name ?? '', run).strings) builder.strings.set(key, value);
  return builder;
}
