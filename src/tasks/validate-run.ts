import { goQuote } from '../expressions/variables/go-quote.ts';
import { type ParamValue, paramTypeOf } from '../expressions/variables/param-value.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { goMapOfLists } from '../resources/go-format.ts';
import type { Param, ParamSpec } from '../resources/params.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import type { TaskRun } from '../resources/task-run/schema.ts';
import { compareQuantities } from './quantity.ts';
import { declaredWorkspaces } from './workspaces.ts';

export interface RunProblem {
  readonly reason: 'TaskRunValidationFailed' | 'InvalidParamValue';
  /** The condition's message, `[User error] ` included. */
  readonly message: string;
}

/**
 * What only a run and its task together can get wrong, in upstream's order; the first problem, as upstream reports it.
 * Follows tektoncd/pipeline pkg/reconciler/taskrun/validate_taskrun.go.
 */
export function validateRun(taskRun: TaskRun, spec: TaskSpec, taskName: string, config: EngineConfig): RunProblem | undefined {
  const specs = spec.params ?? [];
  const params = taskRun.spec.params ?? [];
  const message = requestAboveLimit(spec) ?? paramProblem(taskName, specs, params);
  if (message !== undefined) return problem(message);
  const notInEnum = config['enable-param-enum'] ? enumProblem(specs, params) : undefined;
  if (notInEnum !== undefined) return problem(notInEnum, 'InvalidParamValue');
  const later =
    indexProblem(spec, params) ?? workspaceProblem(taskRun, spec) ?? claimsProblem(taskRun, config) ?? overrideProblem(taskRun, spec);
  return later === undefined ? undefined : problem(later);
}

function problem(message: string, reason: RunProblem['reason'] = 'TaskRunValidationFailed'): RunProblem {
  return { reason, message: `[User error] ${message}` };
}

function requestAboveLimit(spec: TaskSpec): string | undefined {
  for (const { computeResources } of spec.steps ?? []) {
    for (const [name, request] of Object.entries(computeResources?.requests ?? {})) {
      const limit = own(computeResources?.limits, name) ?? own(spec.stepTemplate?.computeResources?.limits, name);
      if (limit !== undefined && compareQuantities(limit, request) < 0) {
        return `invalid request resource value: ${request} must be less or equal to limit ${limit}`;
      }
    }
  }
  return undefined;
}

function paramProblem(taskName: string, specs: readonly ParamSpec[], params: readonly Param[]): string | undefined {
  const prefix = `invalid input params for task ${taskName}: `;
  const given = new Set(params.map(({ name }) => name));
  const missing = specs.filter((spec) => spec.default === undefined && !given.has(spec.name)).map(({ name }) => name);
  if (missing.length > 0) return `${prefix}missing values for these params which have no default values: [${missing.join(' ')}]`;

  const types = new Map(specs.map((spec) => [spec.name, spec.type ?? 'string']));
  const wrong = params.filter(({ name, value }) => types.has(name) && !fits(value, types.get(name))).map(({ name }) => name);
  if (wrong.length > 0) return `${prefix}param types don't match the user-specified type: [${wrong.join(' ')}]`;

  const lacking = specs.flatMap((spec): [string, string[]][] => {
    const values = [spec.default, params.findLast(({ name }) => name === spec.name)?.value].filter(isObject);
    if (spec.type !== 'object' || values.length === 0) return [];
    const keys = Object.keys(spec.properties ?? {}).filter((key) => !values.some((value) => Object.hasOwn(value, key)));
    return keys.length > 0 ? [[spec.name, keys]] : [];
  });
  if (lacking.length === 0) return undefined;
  return `${prefix}missing keys for these params which are required in ParamSpec's properties ${goMapOfLists(new Map(lacking))}`;
}

/** A string that is a variable may stand for an array or object: `$(tasks.t.results.r[*])` reaches a TaskRun as text. */
function fits(value: ParamValue, type: string | undefined): boolean {
  if (paramTypeOf(value) === type) return true;
  return typeof value === 'string' && type !== 'string' && /\$\([_a-zA-Z0-9.-]+(?:\[(?:[0-9]+|\*)\])?\)/.test(value);
}

function enumProblem(specs: readonly ParamSpec[], params: readonly Param[]): string | undefined {
  for (const { name, value } of params) {
    const allowed = specs.find((spec) => spec.name === name)?.enum ?? [];
    if (allowed.length > 0 && typeof value === 'string' && value !== '' && !allowed.includes(value)) {
      return `param \`${name}\` value: ${value} is not in the enum list`;
    }
  }
  return undefined;
}

function indexProblem(spec: TaskSpec, params: readonly Param[]): string | undefined {
  const lengths = new Map<string, number>();
  for (const { name, default: value } of spec.params ?? []) if (Array.isArray(value)) lengths.set(name, value.length);
  for (const { name, value } of params) if (Array.isArray(value)) lengths.set(name, value.length);
  if (lengths.size === 0) return undefined;

  const { steps, stepTemplate, sidecars, volumes, workspaces } = spec;
  const beyond = new Set<string>();
  for (const text of textsIn([steps, stepTemplate, sidecars, volumes, workspaces?.map(({ mountPath }) => mountPath)])) {
    for (const [reference, dotted, bracketed, index] of text.matchAll(indexedParam)) {
      const length = lengths.get(dotted ?? bracketed ?? '');
      if (length !== undefined && Number(index) >= length) beyond.add(reference);
    }
  }
  return beyond.size === 0 ? undefined : `non-existent param references:[${[...beyond].sort().join(' ')}]`;
}

/** `$(params.a[0])`, `$(params["a"][0])`, `$(params['a'][0])`. */
const indexedParam = /\$\(params(?:\.([^\s()[\]]+)|\[["']([^"'\n]+)["']\])\[([0-9]+)\]\)/g;

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) yield* textsIn(member);
}

function workspaceProblem(taskRun: TaskRun, spec: TaskSpec): string | undefined {
  const declared = taskRun.spec.taskSpec === undefined ? (spec.workspaces ?? []) : declaredWorkspaces(spec, taskRun);
  const bound = new Set((taskRun.spec.workspaces ?? []).map(({ name }) => name));
  const unbound = declared.find(({ name, optional }) => !optional && !bound.has(name));
  if (unbound !== undefined) return `declared workspace ${goQuote(unbound.name)} is required but has not been bound`;
  const names = new Set(declared.map(({ name }) => name));
  const undeclared = [...bound].find((name) => !names.has(name));
  return undeclared === undefined ? undefined : `workspace binding ${goQuote(undeclared)} does not match any declared workspace`;
}

/** One affinity assistant a workspace cannot keep a pod near two claims. Here all are near, but what a cluster refuses is to be no surprise there. */
function claimsProblem({ spec }: TaskRun, config: EngineConfig): string | undefined {
  if (config.coschedule !== 'workspaces') return undefined;
  const claims = new Set(
    (spec.workspaces ?? []).flatMap(({ name, persistentVolumeClaim, volumeClaimTemplate }) => {
      if (volumeClaimTemplate !== undefined) return [name];
      return persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName];
    }),
  );
  return claims.size > 1 ? 'more than one PersistentVolumeClaim is bound' : undefined;
}

/** All of them, a line each. */
function overrideProblem(taskRun: TaskRun, spec: TaskSpec): string | undefined {
  const steps = new Set((spec.steps ?? []).map(({ name }) => name));
  const sidecars = new Set((spec.sidecars ?? []).map(({ name }) => name));
  const problems = [
    ...(taskRun.spec.stepSpecs ?? [])
      .filter(({ name }) => !steps.has(name))
      .map(({ name }) => `invalid StepOverride: No Step named ${name}`),
    ...(taskRun.spec.sidecarSpecs ?? [])
      .filter(({ name }) => !sidecars.has(name))
      .map(({ name }) => `invalid SidecarOverride: No Sidecar named ${name}`),
  ];
  return problems.length === 0 ? undefined : problems.join('\n');
}

export function isObject(value: ParamValue | undefined): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && !Array.isArray(value);
}

function own(record: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
