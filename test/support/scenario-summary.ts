import type { Condition, Stored } from '../../src/resources/object.ts';
import type { PipelineRun } from '../../src/resources/pipeline-run/schema.ts';
import type { StepState, TaskRun, TaskRunStatus } from '../../src/resources/task-run/schema.ts';
import { succeeded, type World } from '../engine/world.ts';
import { keyOf, SCENARIO_START } from './play-scenario.ts';
import type { Expected } from './scenario.ts';

/**
 * What became of a scenario, in the words of `test/scenarios/README.md`. Every PipelineRun, every TaskRun that nobody owns, every pod and claim
 * is in it; more of it when the expectation names more.
 */
export async function scenarioSummary(made: World, expected: Expected): Promise<Record<string, unknown>> {
  const runs = await made.list('tekton.dev/PipelineRun');
  const alone = (await made.list('tekton.dev/TaskRun')).filter(({ metadata }) => metadata.ownerReferences === undefined);
  const claims = (await made.list('PersistentVolumeClaim')).filter(({ metadata }) => metadata.ownerReferences !== undefined);
  const asked = Object.keys(expected).filter((key) => key.includes('/'));
  const names = new Set([...[...runs, ...alone].map(({ kind, metadata }) => `${kind}/${metadata.name}`), ...asked]);
  const objects: [string, unknown][] = [];
  for (const name of names) {
    const { kind, name: bare } = keyOf(name);
    const object = await made.get(kind, bare);
    const wanted = Object.keys((expected[name] as object | undefined) ?? {});
    objects.push([name, object === undefined ? 'none' : await summaryOf(made, object, wanted)]);
  }
  return withoutGoZeroes({
    ...Object.fromEntries(objects),
    pods: await podTimes(made),
    ...(claims.length > 0 && { claims: claims.map(({ metadata }) => metadata.name) }),
  });
}

/** As JSON, without the empty structs that Go writes out into the specs of embedded tasks. */
function withoutGoZeroes(summary: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(summary), (key, value: unknown) => {
    const empty = key === 'computeResources' || key === 'metadata' ? JSON.stringify(value) === '{}' : key === 'spec' && value === null;
    return empty ? undefined : value;
  });
}

/** The conditions of the objects named, for a look at an instant. */
export async function conditionsOf(made: World, names: readonly string[]): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const each of names) {
    const { kind, name } = keyOf(each);
    found.push([each, conditionText(await made.get(kind, name))]);
  }
  return Object.fromEntries(found);
}

async function summaryOf(made: World, object: Stored, wanted: readonly string[]): Promise<object> {
  const { labels, annotations } = object.metadata;
  const asked = (name: string, value: unknown): object => (wanted.includes(name) ? { [name]: value } : {});
  const more = { ...asked('labels', labels), ...asked('annotations', annotations), ...asked('spec', object['spec']) };
  switch (object.kind) {
    case 'PipelineRun': {
      const run = object as Stored<PipelineRun>;
      return { ...(await ofPipelineRun(made, run)), ...more, ...asked('pipelineSpec', run.status?.pipelineSpec) };
    }
    case 'TaskRun': {
      const { status = {} } = object as Stored<TaskRun>;
      const { retriesStatus = [] } = status;
      return {
        ...ofAttempt(status),
        ...(retriesStatus.length > 0 && { retriesStatus: retriesStatus.map((attempt) => ofAttempt(attempt as TaskRunStatus)) }),
        ...more,
        ...asked('taskSpec', status.taskSpec),
      };
    }
    default:
      return { condition: conditionText(object), ...more };
  }
}

async function ofPipelineRun(made: World, run: Stored<PipelineRun>): Promise<object> {
  const { startTime, completionTime, finallyStartTime, skippedTasks, childReferences, results } = run.status ?? {};
  const kinds = ['tekton.dev/TaskRun', 'tekton.dev/CustomRun', 'tekton.dev/PipelineRun'];
  const children = (await Promise.all(kinds.map((kind) => made.list(kind))))
    .flat()
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === run.metadata.uid))
    // Uids count up.
    .sort((a, b) => (a.metadata.uid < b.metadata.uid ? -1 : 1));
  const cancelled = children.flatMap(({ metadata, spec }) => {
    const { status, statusMessage } = spec as { readonly status?: string; readonly statusMessage?: string };
    return status === undefined ? [] : [`${metadata.name}: ${status}: ${statusMessage ?? ''}`];
  });
  return {
    condition: conditionText(run),
    times: { started: second(startTime), finally: second(finallyStartTime), ended: second(completionTime) },
    skippedTasks,
    childReferences,
    results,
    ...(children.length > 0 && { children: children.map(ofChild) }),
    ...(cancelled.length > 0 && { cancelled }),
  };
}

/** What of a child its run decides. The timeout everybody gets is left out. */
function ofChild({ kind, metadata, spec }: Stored): object {
  const { params, timeout, timeouts, workspaces, retries, taskRef, taskSpec, serviceAccountName, ...rest } = spec as Record<
    string,
    unknown
  >;
  const { status: _, statusMessage: __, ...others } = rest;
  return {
    name: metadata.name,
    ...(kind !== 'TaskRun' && { kind }),
    params,
    timeout: timeout === '1h0m0s' ? undefined : timeout,
    workspaces,
    retries,
    taskRef,
    serviceAccountName: serviceAccountName === 'default' ? undefined : serviceAccountName,
    ...ofTaskSpec(taskSpec),
    ...others,
  };
}

/** Of an embedded task what is worth a look: everything but steps that only say `true`. */
function ofTaskSpec(taskSpec: unknown): object {
  if (taskSpec === undefined) return {};
  const { steps = [], stepTemplate, sidecars, volumes } = taskSpec as Record<string, unknown> & { readonly steps?: readonly object[] };
  const told = steps.map((step) => {
    const { name: _, image, computeResources, ...rest } = step as Record<string, unknown>;
    const asked = JSON.stringify(computeResources ?? {}) === '{}' ? {} : { computeResources };
    return { ...(image !== 'busybox' && { image }), ...asked, ...rest };
  });
  const onlyScripts = told.every((step) => Object.keys(step).join() === 'script');
  const scripts = told.map((step) => (step as { readonly script?: string }).script);
  return {
    ...(!onlyScripts && { steps: told }),
    ...(onlyScripts && scripts.some((script) => script !== 'true') && { scripts }),
    stepTemplate,
    sidecars,
    volumes,
  };
}

function ofAttempt(status: TaskRunStatus): object {
  const { steps = [], sidecars = [], results, podName, startTime, completionTime } = status;
  return {
    condition: conditionOf(status.conditions?.find(({ type }) => type === 'Succeeded')),
    times: { started: second(startTime), ended: second(completionTime) },
    pod: podName,
    ...(steps.length > 0 && { steps: Object.fromEntries(steps.map((step) => [step.name, ofState(step)])) }),
    ...(sidecars.length > 0 && { sidecars: Object.fromEntries(sidecars.map((sidecar) => [sidecar.name, ofState(sidecar)])) }),
    results,
  };
}

function ofState({ terminated, running, waiting, terminationReason, results }: Partial<StepState>): unknown {
  const state =
    terminated !== undefined
      ? [terminated.exitCode, terminated.reason, terminationReason !== terminated.reason && terminationReason && `(${terminationReason})`]
      : running !== undefined
        ? ['running']
        : ['waiting', waiting?.reason];
  // What a step reports is told where it ends up: as results.
  const reported = terminated?.message?.startsWith('[{') === true;
  const message = (reported ? undefined : terminated?.message) ?? waiting?.message;
  const text = `${state.filter((part) => part !== undefined && part !== false).join(' ')}${message === undefined ? '' : `: ${message}`}`;
  return results === undefined ? text : { state: text, results };
}

/** `from - to` in seconds, of every pod that began; without `to` it runs yet. */
async function podTimes(made: World): Promise<object> {
  const times: [string, string][] = [];
  for (const [name, { startedAt, finishedAt }] of await made.observations()) {
    if (startedAt !== undefined)
      times.push([name, `${toSecond(startedAt)} -${finishedAt === undefined ? '' : ` ${toSecond(finishedAt)}`}`]);
  }
  return Object.fromEntries(times.sort());
}

function conditionText(object: Stored | undefined): string {
  return object === undefined ? 'none' : conditionOf(succeeded(object));
}

function conditionOf(condition: Condition | undefined): string {
  if (condition === undefined) return 'none';
  const { status, reason, message } = condition;
  return `${status} ${reason}${message === undefined ? '' : `: ${message}`}`;
}

function second(time: string | undefined): number | undefined {
  return time === undefined ? undefined : toSecond(Date.parse(time));
}

function toSecond(instant: number): number {
  return Math.floor((instant - SCENARIO_START) / 1000);
}
