import { findVariables } from '../expressions/variables/find-variables.ts';
import { replaceString } from '../expressions/variables/replace-string.ts';
import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import { textsOf } from '../expressions/variables/result-reference.ts';
import { formatDuration } from '../resources/duration.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { mergePodTemplates } from '../resources/merge-pod-templates.ts';
import { AFFINITY_ASSISTANT, affinityAssistantName } from '../resources/naming/affinity-assistant-name.ts';
import type { KubeObject } from '../resources/object.ts';
import type { Param } from '../resources/params.ts';
import { countCombinations } from '../resources/pipeline/count-combinations.ts';
import type { PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun, PipelineTaskRunSpec } from '../resources/pipeline-run/schema.ts';
import { replaceInTaskSpec } from '../resources/task/replace.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import { takeOver } from '../resources/task/take-over.ts';
import type { WorkspaceBinding } from '../resources/workspaces.ts';
import { contextReplacements } from './contexts.ts';
import { fanOut, matrixTypeError, sizeError } from './matrix.ts';
import { childMetadata, type Metadata, ownerOf } from './metadata.ts';
import { childNames } from './names.ts';
import { failure, invalidSpec, type RunFailure, userError } from './outcome.ts';
import { pipelineCycle } from './pipeline-cycle.ts';
import type { Plan, PlannedTask } from './plan.ts';
import { matrixResult, propagatedResults, type StateOf } from './results.ts';
import { isMatrixed, replaceInMatrix, replaceInParams } from './substitute.ts';
import { phaseTimeout } from './timeouts.ts';
import { outsideEnum } from './validate-run.ts';
import { childBindings, replaceInBindings } from './workspaces.ts';

export interface ChildrenInput {
  readonly run: PipelineRun;
  readonly plan: Plan;
  readonly config: EngineConfig;
  readonly inherited: Metadata;
  readonly stateOf: StateOf;
}

export type ChildrenOutcome = { readonly type: 'children'; readonly children: readonly KubeObject[] } | RunFailure;

/**
 * What is to be created for a pipeline task whose turn has come: one child, or a matrix's. `task` has its results replaced.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/pipelinerun.go, `createTaskRun`, `createCustomRun`, `createChildPipelineRun`.
 */
export function childrenOf(planned: PlannedTask, resolved: PipelineTask, input: ChildrenInput): ChildrenOutcome {
  const { run, plan, config } = input;
  const typeError = isMatrixed(resolved) ? matrixTypeError(resolved) : undefined;
  if (typeError !== undefined) {
    return userError('InvalidMatrixParameterTypes', `Failed to validate matrix "${run.metadata.name ?? ''}" with error ${typeError}`);
  }
  const sizeProblem = isMatrixed(resolved) ? sizeError(resolved.matrix ?? {}, config) : undefined;
  if (sizeProblem !== undefined) {
    const { tasks = [], finally: finals = [] } = plan.spec;
    const place = (planned.isFinal ? finals : tasks).findIndex(({ name }) => name === planned.name);
    const errors = `${sizeProblem}: ${planned.isFinal ? 'finally' : 'tasks'}[${place}].matrix`;
    return invalidSpec(run.metadata.namespace ?? '', plan.pipelineName, errors);
  }
  const task = replaceOwnContexts(resolved, input);
  const cycle = pipelineCycle(task.pipelineRef?.name, [input.inherited.labels['tekton.dev/pipeline'], ...plan.ancestors]);
  if (cycle !== undefined) return cycle;
  const taskSpec = planned.taskName === '' ? propagated(planned.taskSpec, input.stateOf) : planned.taskSpec;
  const contexts = contextReplacements(run.spec.pipelineRef?.name ?? '', run);
  const bound = childBindings(run, bindingsWithResults(plan.workspaces, input.stateOf), task, planned.taskSpec, contexts);
  if (!bound.ok && planned.kind !== 'PipelineRun') return failure('CreateRunFailed', bound.message);
  const workspaces = bound.ok ? bound.bindings : [];
  const group = nodeGroup(run.metadata.name ?? '', bound.ok ? bound.claimed : undefined, config);

  const overrides = run.spec.taskRunSpecs?.filter((each) => each.pipelineTaskName === task.name).at(-1);
  const combinations = isMatrixed(task) ? fanOut(task.matrix ?? {}) : [];
  const names = childNames(run.metadata.name ?? '', task.name, isMatrixed(task) ? countCombinations(task.matrix ?? {}) : 1);
  const children: KubeObject[] = [];
  for (const [index, name] of names.entries()) {
    const params = [...(combinations[index] ?? []), ...(task.params ?? [])];
    const enumError = config['enable-param-enum'] ? outsideEnum(planned.taskSpec?.params ?? [], params) : undefined;
    if (enumError !== undefined)
      return userError('InvalidParamValue', `Invalid param value from PipelineTask "${task.name}": ${enumError}`);
    const metadata = childMetadata(run, input.inherited, task, planned.isFinal, overrides?.metadata);
    children.push(
      planned.kind === 'CustomRun'
        ? customRun(name, params, workspaces, planned, task, overrides, withGroup(metadata, group), input)
        : planned.kind === 'PipelineRun'
          ? childPipelineRun(name, params, workspaces, task, metadata, run)
          : taskRun(name, params, workspaces, taskSpec, planned, task, overrides, withGroup(metadata, group), input),
    );
  }
  return { type: 'children', children };
}

function taskRun(
  name: string,
  params: readonly Param[],
  workspaces: readonly WorkspaceBinding[],
  taskSpec: TaskSpec | undefined,
  planned: PlannedTask,
  task: PipelineTask,
  overrides: PipelineTaskRunSpec | undefined,
  own: Metadata,
  input: ChildrenInput,
): KubeObject {
  const { run } = input;
  // Upstream's TaskRun takes them over at its first look; known already, they spare it a write.
  const { labels, annotations } = planned.taskMetadata === undefined ? own : takeOver(planned.taskMetadata, own);
  const template = run.spec.taskRunTemplate;
  const podTemplate = mergePodTemplates(overrides?.podTemplate, template?.podTemplate);
  const serviceAccountName = overrides?.serviceAccountName || template?.serviceAccountName;
  const timeout = childTimeout(planned, task, overrides, input);
  const ignored: Readonly<Record<string, string>> = planned.ignoresFailure
    ? { 'pipeline.tekton.dev/pipeline-task-on-error': 'continue' }
    : {};
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: metadataOf(name, run, { labels, annotations: { ...annotations, ...ignored } }),
    spec: {
      ...(planned.taskName === '' ? { taskSpec } : { taskRef: task.taskRef }),
      ...(params.length > 0 && { params }),
      ...(task.retries && { retries: task.retries }),
      ...(serviceAccountName && { serviceAccountName }),
      ...(podTemplate && { podTemplate }),
      ...(timeout !== undefined && { timeout }),
      ...(workspaces.length > 0 && { workspaces }),
      ...(overrides?.stepSpecs && { stepSpecs: overrides.stepSpecs }),
      ...(overrides?.sidecarSpecs && { sidecarSpecs: overrides.sidecarSpecs }),
      ...(overrides?.computeResources && { computeResources: overrides.computeResources }),
    },
  };
}

/** Whose node a task is to share: of others that use the same claim, of the whole run, or nobody's. Follows `getAffinityAssistantAnnotationVal`. */
function nodeGroup(runName: string, claimed: string | undefined, { coschedule }: EngineConfig): string | undefined {
  if (coschedule === 'workspaces') return claimed === undefined ? undefined : affinityAssistantName(claimed, runName);
  return coschedule === 'disabled' ? undefined : affinityAssistantName('', runName);
}

function withGroup(metadata: Metadata, group: string | undefined): Metadata {
  return group === undefined ? metadata : { ...metadata, annotations: { ...metadata.annotations, [AFFINITY_ASSISTANT]: group } };
}

function customRun(
  name: string,
  params: readonly Param[],
  workspaces: readonly WorkspaceBinding[],
  planned: PlannedTask,
  task: PipelineTask,
  overrides: PipelineTaskRunSpec | undefined,
  { labels, annotations }: Metadata,
  input: ChildrenInput,
): KubeObject {
  const { run } = input;
  const serviceAccountName = overrides?.serviceAccountName || run.spec.taskRunTemplate?.serviceAccountName;
  const timeout = childTimeout(planned, task, overrides, input);
  const { apiVersion, kind, metadata, spec } = task.taskSpec ?? {};
  return {
    apiVersion: 'tekton.dev/v1beta1',
    kind: 'CustomRun',
    metadata: metadataOf(name, run, { labels, annotations }),
    spec: {
      ...(task.taskRef && { customRef: task.taskRef }),
      ...(task.taskSpec && { customSpec: { apiVersion, kind, ...(metadata && { metadata }), ...(spec && { spec }) } }),
      ...(params.length > 0 && { params }),
      ...(task.retries && { retries: task.retries }),
      ...(serviceAccountName && { serviceAccountName }),
      ...(timeout !== undefined && { timeout }),
      ...(workspaces.length > 0 && { workspaces }),
    },
  };
}

function childPipelineRun(
  name: string,
  params: readonly Param[],
  workspaces: readonly WorkspaceBinding[],
  task: PipelineTask,
  { labels, annotations }: Metadata,
  run: PipelineRun,
): KubeObject {
  // Inherited, the label would name the parent's pipeline; without it the child names its own.
  const { 'tekton.dev/pipeline': _, ...rest } = labels;
  const own = task.pipelineRef?.name ? { ...rest, 'tekton.dev/pipeline': task.pipelineRef.name } : rest;
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: metadataOf(name, run, { labels: own, annotations }),
    spec: {
      ...(task.pipelineRef ? { pipelineRef: task.pipelineRef } : { pipelineSpec: task.pipelineSpec }),
      ...(run.spec.taskRunTemplate && { taskRunTemplate: run.spec.taskRunTemplate }),
      ...(params.length > 0 && { params }),
      ...(workspaces.length > 0 && { workspaces }),
    },
  };
}

function metadataOf(name: string, run: PipelineRun, { labels, annotations }: Metadata): KubeObject['metadata'] {
  return {
    name,
    ...(run.metadata.namespace !== undefined && { namespace: run.metadata.namespace }),
    labels,
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ownerReferences: [ownerOf(run)],
  };
}

/** `taskRunSpecs`, then the pipeline task's own, then the phase's where that is longer than the default. */
function childTimeout(
  planned: PlannedTask,
  task: PipelineTask,
  overrides: PipelineTaskRunSpec | undefined,
  { plan, config }: ChildrenInput,
): string | undefined {
  const own = overrides?.timeout ?? task.timeout;
  if (own !== undefined) return own;
  const limit = phaseTimeout(planned.isFinal ? plan.timeouts.finally : plan.timeouts.tasks, config);
  return limit === undefined ? undefined : formatDuration(limit);
}

/** `context.pipelineTask.retries` and the lengths of other tasks' matrices. Which lengths, only the params tell, as upstream has it. */
function replaceOwnContexts(task: PipelineTask, { plan, stateOf }: ChildrenInput): PipelineTask {
  const builder = replacementsBuilder();
  builder.strings.set('context.pipelineTask.retries', String(task.retries ?? 0));
  for (const { expression } of (task.params ?? []).flatMap((param) => textsOf(param.value)).flatMap(findVariables)) {
    const [tasks, name = '', matrix, ...rest] = expression.split('.');
    if (tasks !== 'tasks' || matrix !== 'matrix' || rest.at(-1) !== 'length') continue;
    if (rest.length === 1) {
      const other = plan.spec.tasks?.find((each) => each.name === name);
      if (other !== undefined) builder.strings.set(expression, String(countCombinations(other.matrix ?? {})));
    }
    const state = stateOf(name);
    if (rest.length === 2 && state !== undefined) builder.strings.set(expression, String(matrixResult(state, rest[0] ?? '').length));
  }
  return {
    ...task,
    ...(task.params && { params: replaceInParams(task.params, builder) }),
    ...(task.matrix && { matrix: replaceInMatrix(task.matrix, builder) }),
    ...(task.displayName !== undefined && { displayName: replaceString(task.displayName, builder) }),
  };
}

/** An embedded task with the results and artifacts it mentions anywhere. */
function propagated(taskSpec: TaskSpec | undefined, stateOf: StateOf): TaskSpec | undefined {
  if (taskSpec === undefined) return undefined;
  const tasks = mentionedTasks(taskSpec);
  return tasks.size === 0 ? taskSpec : replaceInTaskSpec(taskSpec, propagatedResults(tasks, stateOf));
}

function bindingsWithResults(bindings: readonly WorkspaceBinding[], stateOf: StateOf): readonly WorkspaceBinding[] {
  const tasks = mentionedTasks(bindings);
  return tasks.size === 0 ? bindings : replaceInBindings(bindings, propagatedResults(tasks, stateOf));
}

/** The tasks named in `$(tasks.NAME....)` anywhere within. */
function mentionedTasks(within: unknown): ReadonlySet<string> {
  const text = JSON.stringify(within);
  if (!text.includes('$(tasks.')) return new Set();
  return new Set(
    findVariables(text).flatMap(({ expression }) => (expression.startsWith('tasks.') ? [expression.split('.')[1] ?? ''] : [])),
  );
}
