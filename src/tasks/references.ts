import { noReplacements } from '../expressions/variables/replacements.ts';
import { registerParam, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import { childName } from '../resources/naming/child-name.ts';
import { owningRun } from '../resources/owning-run.ts';
import { type RemoteReference, referenceKey, remoteReference } from '../resources/references.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { contextReplacements } from './contexts.ts';
import { taskParamReplacements } from './run-params.ts';

/** Whether anything has to be fetched for a TaskRun now: not for one that waits for its user, is cancelled or is another's to manage. */
export function wantsDefinitions({ spec }: TaskRun): boolean {
  if (spec.managedBy && spec.managedBy !== 'tekton.dev/pipeline') return false;
  return spec.status !== 'TaskRunPending' && spec.status !== 'TaskRunCancelled';
}

/**
 * The name of the Task in the TaskRun's namespace that a decision needs; `undefined` when the spec is embedded, comes from a resolver, or is
 * already in the status.
 */
export function taskRefName(taskRun: TaskRun): string | undefined {
  return taskRun.spec.taskRef?.resolver || !needsTask(taskRun) ? undefined : taskRun.spec.taskRef?.name || undefined;
}

/** What a resolver has to be asked for the TaskRun's task, if one has. */
export function remoteTask(taskRun: TaskRun): RemoteReference | undefined {
  const { taskRef, params } = taskRun.spec;
  if (taskRef === undefined || !needsTask(taskRun)) return undefined;
  const replacements = replacementsBuilder(contextReplacements(taskRun, ''));
  for (const { name, value } of params ?? []) registerParam(replacements, name, value);
  return remoteReference(taskRef, { ...replacements, objects: noReplacements.objects });
}

function needsTask({ spec, status }: TaskRun): boolean {
  return status?.taskSpec === undefined && spec.taskSpec === undefined;
}

/**
 * The name the TaskRun's questions are asked under: its own, or, of one that a pipeline task made, that of the pipeline task's first. The
 * PipelineRun has asked under it before, so that what it checked is what every one of its TaskRuns runs.
 */
export function requestBase(taskRun: TaskRun): string {
  const { name = '', labels } = taskRun.metadata;
  const owner = owningRun(taskRun);
  const task = labels?.['tekton.dev/pipelineTask'];
  return owner === undefined || task === undefined ? name : childName(owner.name, `-${task}`);
}

/**
 * The task whose StepActions a decision needs: none once the attempt has its pod's name, an embedded one again for every retry. `task` is what
 * `taskRefName` or `remoteTask` led to.
 */
export function specToResolve(taskRun: TaskRun, task: TaskSpec | undefined): TaskSpec | undefined {
  return taskRun.status?.podName === undefined ? (taskRun.spec.taskSpec ?? task) : undefined;
}

/** Names of the StepActions a task's steps refer to, each once, in order. Those that a resolver fetches have no name. */
export function stepActionNames(spec: TaskSpec): readonly string[] {
  return [...new Set((spec.steps ?? []).flatMap(({ ref }) => (ref?.name && !ref.resolver ? [ref.name] : [])))];
}

/** What resolvers have to be asked for a task's steps, by the key in `facts.stepActions`, each once, in order. */
export function remoteStepActions(spec: TaskSpec, taskRun: TaskRun): ReadonlyMap<string, RemoteReference> {
  const remote = new Map<string, RemoteReference>();
  const refs = (spec.steps ?? []).flatMap(({ ref }) => (ref?.resolver ? [ref] : []));
  if (refs.length === 0) return remote;
  const replacements = taskParamReplacements(spec.params ?? [], taskRun.spec.params ?? []);
  for (const ref of refs) {
    const reference = remoteReference(ref, replacements);
    // A step's URL goes out as it is written.
    if (reference !== undefined) remote.set(referenceKey(ref), ref.name ? { ...reference, url: ref.name } : reference);
  }
  return remote;
}
