import { goQuote } from '../expressions/variables/go-quote.ts';
import { paramTypeOf } from '../expressions/variables/param-value.ts';
import { withoutIndex } from '../expressions/variables/reference-rules.ts';
import { textsOf } from '../expressions/variables/result-reference.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import { goList, goMapOfLists } from '../resources/go-format.ts';
import { typeOfSpec } from '../resources/param-specs.ts';
import type { Param, ParamSpec } from '../resources/params.ts';
import type { PipelineSpec, PipelineTask } from '../resources/pipeline/schema.ts';
import type { PipelineRun } from '../resources/pipeline-run/schema.ts';
import { type RunFailure, userError } from './outcome.ts';
import { allTasks } from './references.ts';

/**
 * What a run must give its pipeline, checked before anything is substituted, in upstream's order and words.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/pipelinerun.go, `reconcile`.
 */
export function validateRun(run: PipelineRun, pipelineName: string, spec: PipelineSpec, config: EngineConfig): RunFailure | undefined {
  const namespace = run.metadata.namespace ?? '';
  const runName = `${namespace}/${run.metadata.name ?? ''}`;
  const pipeline = `${namespace}/${pipelineName}`;
  const declared = spec.params ?? [];
  const given = run.spec.params ?? [];

  const missing = missingParams(declared, given);
  if (missing.length > 0) {
    const message = `PipelineRun ${runName} is missing some parameters required by Pipeline ${pipeline}: pipelineRun missing parameters: ${goList(missing)}`;
    return userError('ParameterMissing', message);
  }
  const mistyped = mistypedParams(declared, given);
  if (mistyped.length > 0) {
    const message = `PipelineRun ${runName} parameters have mismatching types with Pipeline ${pipeline}'s parameters: parameters have inconsistent types : ${goList(mistyped)}`;
    return userError('ParameterTypeMismatch', message);
  }
  const enumError = config['enable-param-enum'] ? outsideEnum(declared, given) : undefined;
  if (enumError !== undefined) return userError('InvalidParamValue', `PipelineRun ${runName} parameters have invalid value: ${enumError}`);

  const keys = missingKeys(declared, given);
  if (keys.size > 0) {
    const message = `PipelineRun ${runName} parameters is missing object keys required by Pipeline ${pipeline}'s parameters: pipelineRun missing object keys for parameters: ${goMapOfLists(keys)}`;
    return userError('ObjectParameterMissKeys', message);
  }
  const outside = indexesOutside(spec, given);
  if (outside.length > 0) {
    const message = `PipelineRun ${runName} failed validation: failed to validate Pipeline ${pipeline}'s parameter which has an invalid index while referring to an array: non-existent param references:${goList(outside)}`;
    return userError('ParamArrayIndexingInvalid', message);
  }
  const bound = new Set((run.spec.workspaces ?? []).map((workspace) => workspace.name));
  const unbound = (spec.workspaces ?? []).find((workspace) => !workspace.optional && !bound.has(workspace.name));
  if (unbound !== undefined) {
    const message = `PipelineRun ${runName} doesn't bind Pipeline ${pipeline}'s Workspaces correctly: pipeline requires workspace with name ${goQuote(unbound.name)} be provided by pipelinerun`;
    return userError('InvalidWorkspaceBindings', message);
  }
  const names = new Set(allTasks(spec).map((task) => task.name));
  const stray = (run.spec.taskRunSpecs ?? []).find((taskRunSpec) => !names.has(taskRunSpec.pipelineTaskName ?? ''));
  if (stray !== undefined) {
    const message = `PipelineRun ${runName} doesn't define taskRunSpecs correctly: pipelineRun's taskrunSpecs defined wrong taskName: ${goQuote(stray.pipelineTaskName ?? '')}, does not exist in Pipeline`;
    return userError('InvalidTaskRunSpecs', message);
  }
  return undefined;
}

/** Params without default that nobody gives, in order of declaration. */
export function missingParams(declared: readonly ParamSpec[], given: readonly Param[]): readonly string[] {
  const names = new Set(given.map((param) => param.name));
  return declared.filter((spec) => spec.default === undefined && !names.has(spec.name)).map((spec) => spec.name);
}

function mistypedParams(declared: readonly ParamSpec[], given: readonly Param[]): readonly string[] {
  const types = new Map(declared.map((spec) => [spec.name, typeOfSpec(spec)]));
  return given.filter((param) => types.has(param.name) && types.get(param.name) !== paramTypeOf(param.value)).map((param) => param.name);
}

/** Upstream's words for the first string value that its param's enum lacks; the empty string counts as not given. */
export function outsideEnum(declared: readonly ParamSpec[], given: readonly Param[]): string | undefined {
  for (const { name, value } of given) {
    const allowed = declared.find((spec) => spec.name === name)?.enum ?? [];
    if (typeof value !== 'string' || value === '' || allowed.length === 0 || allowed.includes(value)) continue;
    return `param \`${name}\` value: ${value} is not in the enum list`;
  }
  return undefined;
}

/** Keys that an object param's properties ask for and neither its default nor its value has; params with neither are not looked at. */
export function missingKeys(declared: readonly ParamSpec[], given: readonly Param[]): ReadonlyMap<string, readonly string[]> {
  const missing = new Map<string, readonly string[]>();
  for (const spec of declared) {
    if (typeOfSpec(spec) !== 'object') continue;
    const values = [spec.default, ...given.filter((param) => param.name === spec.name).map((param) => param.value)];
    const keys = values.flatMap((value) => (typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : []));
    if (keys.length === 0) continue;
    const lacking = Object.keys(spec.properties ?? {}).filter((key) => !keys.includes(key));
    if (lacking.length > 0) missing.set(spec.name, lacking);
  }
  return missing;
}

const indexedParam = /\$\(params(?:\.[_a-zA-Z0-9.-]+|\['[_a-zA-Z0-9.\-/]+'\]|\["[_a-zA-Z0-9.\-/]+"\])\[([0-9]+)\]\)/g;

/** `$(params.list[7])` of lists that end before, as written, sorted. Embedded tasks are not searched: their TaskRuns do it. */
function indexesOutside(spec: PipelineSpec, given: readonly Param[]): readonly string[] {
  const lengths = new Map<string, number>();
  for (const { name, default: value } of spec.params ?? []) if (Array.isArray(value)) lengths.set(name, value.length);
  for (const { name, value } of given) if (Array.isArray(value)) lengths.set(name, value.length);
  if (lengths.size === 0) return [];

  const outside = new Set<string>();
  for (const text of allTasks(spec).flatMap(substitutedTexts)) {
    for (const [reference, index] of text.matchAll(indexedParam)) {
      const length = lengths.get(indexedName(reference));
      if (length !== undefined && Number(index) >= length) outside.add(reference);
    }
  }
  return [...outside].sort();
}

/** `list` of `$(params.list[7])` and of `$(params["list"][7])`. */
function indexedName(reference: string): string {
  const inner = withoutIndex(reference.slice('$(params'.length, -1));
  if (inner.startsWith('[')) return inner.slice(2, -2);
  return inner.slice(1).split('.')[0] ?? '';
}

function substitutedTexts(task: PipelineTask): readonly string[] {
  const params = [...(task.params ?? []), ...(task.matrix?.params ?? [])];
  const when = (task.when ?? []).flatMap((expression) => [expression.input ?? '', ...(expression.values ?? [])]);
  return [
    ...params.flatMap((param) => textsOf(param.value)),
    ...(task.workspaces ?? []).map((workspace) => workspace.subPath ?? ''),
    ...when,
  ];
}
