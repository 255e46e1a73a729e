import type { RefSource } from '../resources/status.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import { takeOver } from '../resources/task/take-over.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import type { TaskRunFacts } from './decisions.ts';
import { inlineStepActions } from './step-actions.ts';
import { substituteTask } from './substitute.ts';
import { unknownParam } from './unknown-param.ts';
import { validateRun } from './validate-run.ts';
import { bindWorkspaces, withDefaultWorkspaces } from './workspaces.ts';

export type Prepared =
  /** Everything is there: the task as the pod is made from it, and metadata the TaskRun takes over from it. */
  | ({
      readonly type: 'ready';
      readonly spec: TaskSpec;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    } & Sources)
  /** A definition is still being fetched. */
  | { readonly type: 'waiting'; readonly reason: string; readonly message: string }
  /** `spec`: the task as found, where it was found. */
  | ({ readonly type: 'failed'; readonly reason: string; readonly message: string; readonly spec?: TaskSpec | undefined } & Sources);

/** Where resolvers had things from: the task, and StepActions by their step's place. */
export interface Sources {
  readonly refSource?: RefSource | undefined;
  readonly stepSources?: ReadonlyMap<number, RefSource> | undefined;
}

/** Finds the task, inlines StepActions, validates run and task together, replaces variables. */
export function prepare({ taskRun, task, stepActions, config }: TaskRunFacts): Prepared {
  const found = findTask(taskRun, task);
  if (found.type !== 'found') return found;
  const { name, spec, labels, annotations, frozen, refSource } = found;
  // What the status keeps has been through all this already.
  if (frozen) return { type: 'ready', spec, labels, annotations };

  const inlined = inlineStepActions(spec, taskRun, stepActions);
  if (inlined.type === 'pending') {
    return { type: 'waiting', reason: 'ResolvingStepActionRef', message: `TaskRun ${qualified(taskRun)} awaiting remote StepAction` };
  }
  if (inlined.type !== 'inlined') {
    const reason = inlined.type === 'invalid' ? 'TaskValidationFailed' : 'TaskRunResolutionFailed';
    return { type: 'failed', reason, message: inlined.message, spec, refSource };
  }

  const sources: Sources = { refSource, stepSources: inlined.sources };
  const bound = withDefaultWorkspaces(taskRun, inlined.spec, config);
  const problem = validateRun(bound, inlined.spec, name, config);
  if (problem !== undefined) return { type: 'failed', ...problem, spec: inlined.spec, ...sources };
  const unknown = taskRun.spec.taskSpec === undefined ? unknownParam(inlined.spec, taskRun.spec.params ?? []) : undefined;
  if (unknown !== undefined) return { ...podCreationFailed(taskRun, unknown), spec: inlined.spec, ...sources };

  const substituted = substituteTask(inlined.spec, bound, name, bindWorkspaces(bound, inlined.spec));
  return { type: 'ready', spec: substituted, labels, annotations, ...sources };
}

export function podCreationFailed(taskRun: TaskRun, message: string): Extract<Prepared, { type: 'failed' }> {
  const { name = '', namespace = '' } = taskRun.metadata;
  const { taskRef } = taskRun.spec;
  const suspect = taskRef === undefined ? 'invalid TaskSpec' : `missing or invalid Task ${namespace}/${taskRef.name ?? ''}`;
  return {
    type: 'failed',
    reason: 'PodCreationFailed',
    message: `failed to create task run pod ${JSON.stringify(name)}: ${message}. Maybe ${suspect}`,
  };
}

type FoundTask =
  | {
      readonly type: 'found';
      readonly name: string;
      readonly spec: TaskSpec;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
      /** From the status, variables replaced. */
      readonly frozen: boolean;
      readonly refSource?: RefSource | undefined;
    }
  | Extract<Prepared, { type: 'waiting' | 'failed' }>;

/**
 * The task as the status keeps it once an attempt has its pod's name; until then an embedded task is read afresh for every attempt, so that
 * `context.task.retry-count` counts, and a referenced one is kept from the first.
 */
function findTask(taskRun: TaskRun, task: TaskRunFacts['task']): FoundTask {
  const { taskRef, taskSpec } = taskRun.spec;
  const name = taskRun.metadata.name ?? '';
  const nothing = { labels: {}, annotations: {} };
  const { taskSpec: kept, podName } = taskRun.status ?? {};
  if (kept !== undefined && (podName !== undefined || taskSpec === undefined))
    return { type: 'found', name, spec: kept, ...nothing, frozen: true };
  if (taskSpec !== undefined) return { type: 'found', name, spec: taskSpec, ...nothing, frozen: false };
  if (taskRef === undefined) return resolutionFailed(`taskRun ${name} not providing TaskRef or TaskSpec`);

  switch (task?.type) {
    case 'found': {
      const { metadata, spec } = task.object;
      const { refSource } = task;
      return { type: 'found', name: metadata.name ?? '', spec, ...takeOver(metadata, taskRun.metadata), frozen: false, refSource };
    }
    case 'missing':
    case 'invalid': {
      const message = taskRef.name ? `error when listing tasks for taskRun ${name}: ${task.message}` : task.message;
      return task.type === 'missing' ? resolutionFailed(message) : { type: 'failed', reason: 'TaskValidationFailed', message };
    }
    default:
      return { type: 'waiting', reason: 'ResolvingTaskRef', message: `TaskRun ${qualified(taskRun)} awaiting remote resource` };
  }
}

function resolutionFailed(message: string): FoundTask {
  return { type: 'failed', reason: 'TaskRunResolutionFailed', message };
}

function qualified(taskRun: TaskRun): string {
  return `${taskRun.metadata.namespace ?? ''}/${taskRun.metadata.name ?? ''}`;
}
