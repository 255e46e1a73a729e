import { goQuote } from '../expressions/variables/go-quote.ts';
import type { ResultReference } from '../expressions/variables/result-reference.ts';
import { renderFieldErrors } from '../resources/field-error.ts';
import { defaultPipelineSpec } from '../resources/pipeline/defaults.ts';
import type { EmbeddedTask, Pipeline, PipelineSpec, PipelineTask } from '../resources/pipeline/schema.ts';
import { validatePipelineSpec } from '../resources/pipeline/validate.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { isCustomTaskRef } from '../resources/references.ts';
import { requestedName } from '../resources/resolution-request/requested-name.ts';
import type { RefSource } from '../resources/status.ts';
import type { Task, TaskSpec } from '../resources/task/schema.ts';
import type { WorkspaceBinding } from '../resources/workspaces.ts';
import { evaluateCel } from './cel.ts';
import { ChildReferenceList } from './child-reference-list.ts';
import { contextReplacements, workspaceReplacements } from './contexts.ts';
import type { PipelineRunFacts } from './decisions.ts';
import { buildGraph, type Graph } from './graph.ts';
import { matrixSizeError } from './matrix.ts';
import { Observer } from './observer.ts';
import { failure, invalidSpec, type RunFailure, userError, userErrorLabel } from './outcome.ts';
import { pipelineParams, providedParams } from './params.ts';
import { pipelineCycle } from './pipeline-cycle.ts';
import { allTasks, taskKey } from './references.ts';
import { type KeptTask, keptTasks } from './rerun/kept-tasks.ts';
import { hasSkippableReferences, resultReferences } from './result-references.ts';
import { isMatrixed, replaceInPipelineSpec } from './substitute.ts';
import { type RunTimeouts, runTimeouts } from './timeouts.ts';
import { validateRun } from './validate-run.ts';
import { validateBetweenTasks, validateTaskParams } from './validate-task.ts';
import { replaceInBindings } from './workspaces.ts';

export type ChildKind = 'TaskRun' | 'CustomRun' | 'PipelineRun';

/** One task of a pipeline, with all that does not change while the run goes on. */
export interface PlannedTask {
  readonly name: string;
  readonly kind: ChildKind;
  readonly isFinal: boolean;
  /** Params and contexts replaced; results are not. */
  readonly task: PipelineTask;
  readonly references: readonly ResultReference[];
  /** Whether params or when refer to results: such a task is skipped, not failed, when one is missing for a reason. */
  readonly skippable: boolean;
  /** `onError: continue`. */
  readonly ignoresFailure: boolean;
  /** Name of the Task that `taskRef` leads to; empty for an embedded task. */
  readonly taskName: string;
  /** Of the Task that `taskRef` leads to, if it has been read. */
  readonly taskMetadata?: Task['metadata'] | undefined;
  /** Absent for custom tasks and child pipelines. */
  readonly taskSpec?: TaskSpec | undefined;
}

/** What of a run's pipeline bears on which task's turn it is. */
export interface Layout {
  /** `tasks`, then `finally`: a task is known by its place here, and the graph's places are the same. */
  readonly tasks: readonly PlannedTask[];
  readonly places: ReadonlyMap<string, number>;
  readonly graph: Graph;
  /** Places of the tasks with a matrix. */
  readonly matrixed: readonly number[];
  /** The same by place: 1 for a matrix. */
  readonly fansOut: Readonly<Uint8Array>;
  /** Of a rerun: the tasks that are not run again, by place. */
  readonly kept: ReadonlyMap<number, KeptTask>;
}

/** A run's pipeline, checked and laid out once. Depends on `spec`, the Pipeline and its Tasks; not on children, status or time. */
export interface Plan extends Layout {
  readonly pipelineName: string;
  /** What `status.pipelineSpec` holds. */
  readonly spec: PipelineSpec;
  /** Tasks that refer to results, and the tasks these come from. */
  readonly referring: readonly { readonly place: number; readonly producers: readonly number[] }[];
  /** Sorts children to tasks; remembers the last look to spare work. */
  readonly observer: Observer;
  /** Keeps the list in the status; remembers entries to spare work. */
  readonly childReferences: ChildReferenceList;
  /** The run's workspaces, params replaced; results are not. */
  readonly workspaces: readonly WorkspaceBinding[];
  readonly timeouts: RunTimeouts;
  /** Names of the pipelines that this run runs in, the nearest first. */
  readonly ancestors: readonly string[];
  /** Of the Pipeline, to be taken over by the run. Absent when the pipeline was frozen or embedded. */
  readonly source?: Pipeline['metadata'] | undefined;
  /** Where a resolver had the Pipeline from. */
  readonly refSource?: RefSource | undefined;
}

export interface PlanWaiting {
  readonly type: 'waiting';
  readonly reason: 'ResolvingPipelineRef' | 'ResolvingTaskRef';
  readonly message: string;
  readonly pipelineSpec?: PipelineSpec | undefined;
  readonly source?: Pipeline['metadata'] | undefined;
  readonly refSource?: RefSource | undefined;
}

export type PlanOutcome = { readonly type: 'ready'; readonly plan: Plan } | PlanWaiting | RunFailure;

/**
 * Checks and lays out a run's pipeline. The order of checks, their reasons and messages are upstream's (reference/pipelines.md 2.12). The
 * outcome holds as long as the run's spec, the Pipeline and its Tasks are the same: cache it by the run's uid, except when `waiting`.
 * Once `status.pipelineSpec` is there it is used as it is: it was substituted and checked when it was stored, and substituting again would
 * replace what came out of values.
 */
export function planPipelineRun(facts: PipelineRunFacts): PlanOutcome {
  const { run } = facts;
  const frozen = run.status?.pipelineSpec;
  if (frozen !== undefined) return planTasks(facts, { name: pipelineNameOf(run), spec: frozen });

  const found = sourceOf(facts);
  if (found.type !== 'source') return found;
  const source = { ...found, spec: defaultPipelineSpec(found.spec, facts.config) };
  const { refSource } = source;
  const substituted = substitute(facts, source);
  if (substituted.type === 'failed') return { ...substituted, pipelineSpec: substituted.pipelineSpec ?? source.spec, refSource };
  const outcome = planTasks(facts, { ...source, spec: substituted.spec });
  return outcome.type === 'failed' ? { ...outcome, refSource } : outcome;
}

interface Source {
  readonly type: 'source';
  readonly name: string;
  readonly spec: PipelineSpec;
  readonly metadata?: Pipeline['metadata'] | undefined;
  readonly refSource?: RefSource | undefined;
}

function sourceOf({ run, pipeline, ancestors = [] }: PipelineRunFacts): Source | PlanWaiting | RunFailure {
  const { pipelineRef, pipelineSpec } = run.spec;
  const runName = run.metadata.name ?? '';
  if (pipelineSpec !== undefined && !pipelineRef?.name) return { type: 'source', name: runName, spec: pipelineSpec };

  const where = `${run.metadata.namespace ?? ''}/${runName}`;
  if (pipelineRef === undefined) return failure('CouldntGetPipeline', `pipelineRun ${runName} not providing PipelineRef or PipelineSpec`);
  if (pipeline === undefined || pipeline.type === 'pending') {
    return { type: 'waiting', reason: 'ResolvingPipelineRef', message: `PipelineRun ${where} awaiting remote resource` };
  }
  if (pipeline.type === 'found') {
    const { metadata, spec } = pipeline.object;
    // By a name the parent has seen to it already; what a resolver fetched has its name only now.
    const cycle = pipelineRef.resolver ? pipelineCycle(metadata.name, ancestors) : undefined;
    return cycle ?? { type: 'source', name: metadata.name ?? '', spec, metadata, refSource: pipeline.refSource };
  }
  const what = pipelineRef.resolver
    ? pipeline.message
    : `tekton client cannot get pipeline ${pipelineRef.name ?? ''} from local cluster: ${pipeline.message}`;
  const detail = pipelineRef.name ? `error when getting Pipeline for PipelineRun ${runName}: ${what}` : what;
  // The one message whose label stands inside.
  if (pipeline.type === 'invalid')
    return failure('PipelineValidationFailed', `Failed dryRunValidation for PipelineRun ${runName}: ${userErrorLabel}${detail}`);
  return failure('CouldntGetPipeline', `Error retrieving pipeline for pipelinerun ${where}: ${detail}`);
}

/** Of a pipeline that is in the status. One that a resolver fetched has no name from then on, as upstream. */
function pipelineNameOf({ spec, metadata }: PipelineRun): string {
  if (spec.pipelineRef?.resolver) return spec.pipelineRef.name ?? '';
  return spec.pipelineRef?.name || (metadata.name ?? '');
}

/** The checks before substitution, the substitution itself and the one check behind it. */
function substitute({ run, config }: PipelineRunFacts, source: Source): { type: 'substituted'; spec: PipelineSpec } | RunFailure {
  const namespace = run.metadata.namespace ?? '';
  const graph = buildGraph(source.spec.tasks ?? []);
  if (!graph.ok) {
    return userError(
      'PipelineInvalidGraph',
      `PipelineRun ${namespace}/${run.metadata.name ?? ''}'s Pipeline DAG is invalid: ${graph.message}`,
    );
  }
  const errors = validatePipelineSpec(source.spec, config);
  if (errors.length > 0) return invalidSpec(namespace, source.name, renderFieldErrors(errors));
  const invalid = validateRun(run, source.name, source.spec, config);
  if (invalid !== undefined) return invalid;

  const params = pipelineParams(source.spec.params, run.spec.params);
  if (!params.ok)
    return userError('PipelineValidationFailed', `Failed to apply parameters to Pipeline ${namespace}/${source.name}: ${params.message}`);
  const withParams = replaceInPipelineSpec(source.spec, params.replacements, false);
  const withContexts = replaceInPipelineSpec(withParams, contextReplacements(source.name, run), true);
  const spec = replaceInPipelineSpec(withContexts, workspaceReplacements(source.spec, run), false);

  const error = onErrorError(spec) ?? matrixSizeError(spec, config);
  if (error === undefined) return { type: 'substituted', spec };
  return { ...invalidSpec(namespace, source.name, error), pipelineSpec: spec };
}

/** `onError` may be a param, so what it says is known only now. */
function onErrorError(spec: PipelineSpec): string | undefined {
  for (const task of allTasks(spec)) {
    if (!task.onError) continue;
    if (task.onError !== 'continue' && task.onError !== 'stopAndFail') {
      return `invalid value: ${task.onError}: OnError\nPipelineTask OnError must be either "continue" or "stopAndFail"`;
    }
    if (task.onError === 'continue' && (task.retries ?? 0) > 0) {
      return 'PipelineTask OnError cannot be set to "continue" when Retries is greater than 0';
    }
  }
  return undefined;
}

function planTasks(facts: PipelineRunFacts, { name, spec, metadata, refSource }: Omit<Source, 'type'>): PlanOutcome {
  const { run, config } = facts;
  const runName = run.metadata.name ?? '';
  const graph = buildGraph(spec.tasks ?? []);
  if (!graph.ok) return { ...userError('PipelineInvalidGraph', graph.message), pipelineSpec: spec };

  const tasks: PlannedTask[] = [];
  let waiting = false;
  for (const [place, task] of allTasks(spec).entries()) {
    const planned = planTask(task, place >= (spec.tasks?.length ?? 0), facts);
    if (planned === 'waiting') waiting = true;
    else if (planned.type === 'failed') return { ...planned, message: `${cantBeRun(facts, name)} ${planned.message}`, pipelineSpec: spec };
    else tasks.push(planned.task);
  }
  if (waiting) {
    const message = `PipelineRun ${run.metadata.namespace ?? ''}/${runName} awaiting remote resource`;
    return { type: 'waiting', reason: 'ResolvingTaskRef', message, pipelineSpec: spec, source: metadata, refSource };
  }

  const invalid =
    firstInvalid(tasks, runName) ??
    firstBadGuard(tasks, runName) ??
    (facts.children.length === 0 ? validateBetweenTasks(runName, spec, tasks) : undefined);
  if (invalid !== undefined) return { ...invalid, pipelineSpec: spec };

  const kept = keptTasks(run, facts.reused, tasks);
  if ('type' in kept) return { ...kept, pipelineSpec: spec };

  const layout = layOut(tasks, graph.graph, kept.byPlace);
  const { places } = layout;
  const plan: Plan = {
    ...layout,
    pipelineName: name,
    spec,
    referring: tasks.flatMap(({ references }, place) =>
      references.length === 0 ? [] : [{ place, producers: [...new Set(references.flatMap(({ task }) => places.get(task) ?? []))] }],
    ),
    observer: new Observer(run.metadata.uid, tasks, places, kept.byPlace),
    childReferences: new ChildReferenceList(),
    workspaces: replaceInBindings(run.spec.workspaces ?? [], providedParams(run.spec.params)),
    timeouts: runTimeouts(run, config),
    ancestors: facts.ancestors ?? [],
    source: metadata,
    refSource,
  };
  return { type: 'ready', plan };
}

export function layOut(tasks: readonly PlannedTask[], graph: Graph, kept: Layout['kept']): Layout {
  return {
    tasks,
    places: new Map(tasks.map((task, place) => [task.name, place])),
    graph,
    matrixed: tasks.flatMap(({ task }, place) => (isMatrixed(task) ? [place] : [])),
    fansOut: Uint8Array.from(tasks, ({ task }) => (isMatrixed(task) ? 1 : 0)),
    kept,
  };
}

function cantBeRun({ run }: PipelineRunFacts, pipeline: string): string {
  return `Pipeline ${run.metadata.namespace ?? ''}/${pipeline} can't be Run; it contains`;
}

function firstInvalid(tasks: readonly PlannedTask[], run: string): RunFailure | undefined {
  for (const { task, taskName, taskSpec } of tasks) {
    const invalid = taskSpec && validateTaskParams(run, task, taskName, taskSpec);
    if (invalid !== undefined) return invalid;
  }
  return undefined;
}

/** Guards are evaluated as they stand before any result is there: one that is no CEL then never will be. */
function firstBadGuard(tasks: readonly PlannedTask[], run: string): RunFailure | undefined {
  for (const { cel } of tasks.flatMap(({ task }) => task.when ?? [])) {
    const answer = cel ? evaluateCel(cel) : undefined;
    if (answer?.ok === false) return userError('CELEvaluationFailed', `Error evaluating CEL ${run}: ${answer.message}`);
  }
  return undefined;
}

function planTask(
  task: PipelineTask,
  isFinal: boolean,
  facts: PipelineRunFacts,
): { type: 'task'; task: PlannedTask } | RunFailure | 'waiting' {
  const base = withoutDefinition(task, isFinal);
  if (base.kind === 'PipelineRun') {
    const { name = '', resolver } = task.pipelineRef ?? {};
    const child = resolver ? undefined : facts.childPipelines?.get(name);
    if (child?.type === 'missing') {
      const message = `child Pipelines that don't exist: Couldn't retrieve Pipeline ${goQuote(name)}: ${child.message}`;
      return failure('CouldntGetPipeline', message);
    }
  }
  if (base.kind !== 'TaskRun') return { type: 'task', task: base };
  if (task.taskRef === undefined) return { type: 'task', task: { ...base, taskSpec: task.taskSpec && withoutEmbedding(task.taskSpec) } };
  const resolved = facts.tasks.get(taskKey(task));
  if (resolved === undefined || resolved.type === 'pending') return 'waiting';
  if (resolved.type !== 'found') {
    const what = `Couldn't retrieve Task ${goQuote(requestedName(task.taskRef))}: ${resolved.message}`;
    return failure('CouldntGetTask', `Tasks that don't exist: ${what}`);
  }
  const { metadata, spec } = resolved.object;
  return { type: 'task', task: { ...base, taskName: metadata.name ?? '', taskMetadata: metadata, taskSpec: spec } };
}

/** All that is known of a task before the Task it refers to is. */
export function withoutDefinition(task: PipelineTask, isFinal: boolean): PlannedTask {
  return {
    name: task.name,
    kind: childKind(task),
    isFinal,
    task,
    references: resultReferences(task),
    skippable: hasSkippableReferences(task),
    ignoresFailure: task.onError === 'continue',
    taskName: '',
  };
}

function childKind({ taskRef, taskSpec, pipelineRef, pipelineSpec }: PipelineTask): ChildKind {
  if (pipelineRef !== undefined || pipelineSpec !== undefined) return 'PipelineRun';
  return isCustomTaskRef(taskRef) || (taskSpec?.apiVersion && taskSpec.kind) ? 'CustomRun' : 'TaskRun';
}

/** The plain TaskSpec within an embedded task. */
function withoutEmbedding({ apiVersion: _, kind: __, spec: ___, metadata: ____, ...taskSpec }: EmbeddedTask): TaskSpec {
  return taskSpec;
}
