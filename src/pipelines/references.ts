import { replaceString } from '../expressions/variables/replace-string.ts';
import { noReplacements, type Replacements } from '../expressions/variables/replacements.ts';
import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import { childName } from '../resources/naming/child-name.ts';
import type { Pipeline, PipelineSpec, PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { isCustomTaskRef, type RemoteReference, remoteReference } from '../resources/references.ts';
import type { Resolved } from '../resources/resolved.ts';
import { contextReplacements } from './contexts.ts';
import { pipelineParams, providedParams } from './params.ts';

/** Whether anything has to be fetched for a run now: not for one that waits for its user, is cancelled or is another's to manage. */
export function wantsDefinitions({ spec, status }: PipelineRun): boolean {
  if (spec.managedBy && spec.managedBy !== 'tekton.dev/pipeline') return false;
  return spec.status !== 'Cancelled' && (spec.status !== 'PipelineRunPending' || status?.startTime !== undefined);
}

/** The Pipeline a run has to be given in `facts.pipeline`; none once the run's status holds the pipeline, or when it is embedded or remote. */
export function referencedPipelineName(run: PipelineRun): string | undefined {
  if (run.status?.pipelineSpec !== undefined || run.spec.pipelineRef?.resolver) return undefined;
  return run.spec.pipelineRef?.name || undefined;
}

/** What a resolver has to be asked for a run's pipeline, if one has. It gets the run's own params, without the pipeline's defaults. */
export function remotePipeline(run: PipelineRun): RemoteReference | undefined {
  const { pipelineRef, params } = run.spec;
  if (run.status?.pipelineSpec !== undefined || pipelineRef === undefined) return undefined;
  const replacements = replacementsBuilder(providedParams(params));
  for (const [key, value] of contextReplacements('', run).strings) replacements.strings.set(key, value);
  return remoteReference(pipelineRef, replacements);
}

export interface RemoteTask {
  /** In `facts.tasks`. */
  readonly key: string;
  /** Name of the TaskRun to come: it asks the same question, and finds the answer. */
  readonly base: string;
  readonly reference: RemoteReference;
}

/** What resolvers have to be asked for the tasks of a pipeline whose variables are replaced. */
export function remoteTasks(run: PipelineRun, spec: PipelineSpec): readonly RemoteTask[] {
  return allTasks(spec).flatMap((task) => {
    const reference = task.taskRef && !isCustomTaskRef(task.taskRef) ? remoteReference(task.taskRef, noReplacements) : undefined;
    if (reference === undefined) return [];
    return [{ key: taskKey(task), base: childName(run.metadata.name ?? '', `-${task.name}`), reference }];
  });
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

/**
 * The key in `facts.tasks` of what a pipeline task refers to: the Task's name. What a resolver fetches has no name yet and goes by the
 * pipeline task's, as the question does.
 */
export function taskKey({ name, taskRef }: PipelineTask): string {
  return taskRef?.resolver ? `task ${name}` : (taskRef?.name ?? '');
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
