import { goJson } from '../expressions/jsonpath/go-json.ts';
import { decodeParamValue } from '../expressions/variables/decode-param-value.ts';
import type { ParamValue } from '../expressions/variables/param-value.ts';
import { noReplacements, type Replacements } from '../expressions/variables/replacements.ts';
import { registerResult, registerString, replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { ResultReference } from '../expressions/variables/result-reference.ts';
import type { KubeObject } from '../resources/object.ts';
import type { TaskState } from './children.ts';
import { isMatrixed } from './substitute.ts';

/** Looks up how a task stands by its name. */
export type StateOf = (task: string) => TaskState | undefined;

export type Resolution =
  | { readonly ok: true; readonly replacements: Replacements }
  /** The first reference that has no value yet, or never will. */
  | { readonly ok: false; readonly reference: ResultReference };

/**
 * The values behind result references: all of them or none, as upstream does it. A failed or cancelled producer's results count too.
 * Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/resultrefresolution.go, `convertToResultRefs`.
 */
export function resolveReferences(references: readonly ResultReference[], stateOf: StateOf): Resolution {
  if (references.length === 0) return { ok: true, replacements: noReplacements };
  const values: ParamValue[] = [];
  for (const reference of references) {
    const producer = stateOf(reference.task);
    const value = producer && resultOf(producer, reference.result);
    if (value === undefined) return { ok: false, reference };
    values.push(value);
  }
  const builder = replacementsBuilder();
  for (const [index, { task, result }] of references.entries()) registerResult(builder, task, result, values[index] ?? '');
  return { ok: true, replacements: builder };
}

/** A finished task's result; of a matrix the list of what its runs emitted. */
export function resultOf(state: TaskState, result: string): ParamValue | undefined {
  if (state.outcome !== 'succeeded' && state.outcome !== 'failed') return undefined;
  const [first] = state.runs;
  if (first === undefined) return undefined;
  if (state.planned.kind === 'CustomRun') return customResult(first, result);
  if (!isMatrixed(state.planned.task)) return resultOfRun(first, result);
  const values = matrixResult(state, result);
  return values.length === 0 ? undefined : values;
}

/** What a matrix's runs emitted under one name, the runs in the alphabetical order of their names (`-10` comes before `-2`) as upstream has it. */
export function matrixResult(state: TaskState, result: string): readonly string[] {
  const runs = [...state.runs].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  return runs.flatMap((run) => {
    const value = resultOfRun(run, result);
    if (value === undefined) return [];
    return [typeof value === 'string' ? value : ''];
  });
}

export function resultOfRun(run: KubeObject, result: string): ParamValue | undefined {
  return resultsOf(run).find(({ name }) => name === result)?.value;
}

/** `array Result Index …` for the first reference behind the end of its array. */
export function indexError(references: readonly ResultReference[], stateOf: StateOf): string | undefined {
  for (const { task, result, index } of references) {
    if (index === undefined) continue;
    const producer = stateOf(task);
    const value = producer && resultOf(producer, result);
    if (value === undefined || !isList(value) || index < value.length) continue;
    return `array Result Index ${index} for Task ${task} Result ${result} is out of bound of size ${value.length}`;
  }
  return undefined;
}

/**
 * What results and artifacts stand for inside an embedded task when it is created, and in the run's workspace bindings. Fewer spellings
 * than elsewhere: no brackets, no array elements. Follows `PropagateResults`, `PropagateArtifacts` and `ApplyResultsToWorkspaceBindings`.
 */
export function propagatedResults(tasks: Iterable<string>, stateOf: StateOf): Replacements {
  const builder = replacementsBuilder();
  for (const task of tasks) {
    const state = stateOf(task);
    if (state === undefined || state.planned.kind !== 'TaskRun' || (state.outcome !== 'succeeded' && state.outcome !== 'failed')) continue;
    for (const name of new Set(state.runs.flatMap(resultsOf).map((result) => result.name))) {
      const key = `tasks.${task}.results.${name}`;
      const value = resultOf(state, name);
      if (value === undefined) continue;
      if (typeof value === 'string') builder.strings.set(key, value);
      else if (isList(value)) builder.arrays.set(key, value);
      else for (const [property, text] of Object.entries(value)) builder.strings.set(`${key}.${property}`, text);
    }
    for (const side of ['inputs', 'outputs'] as const) {
      for (const [place, artifact] of state.runs.flatMap((run) => artifactsOf(run)[side] ?? []).entries()) {
        const text = goJson(artifact.values ?? null);
        registerString(builder, `tasks.${task}.${side}.${artifact.name ?? ''}`, text);
        if (place === 0) registerString(builder, `tasks.${task}.${side}`, text);
      }
    }
  }
  return builder;
}

/** A custom run's results are text; one that reads as a list of strings, not empty, is a list. */
function customResult(run: KubeObject, result: string): ParamValue | undefined {
  const value = resultOfRun(run, result);
  if (typeof value !== 'string') return value;
  const list = value.startsWith('[') ? decodeParamValue(value) : value;
  return isList(list) && list.length > 0 ? list : value;
}

function resultsOf(run: KubeObject): readonly { readonly name: string; readonly value: ParamValue }[] {
  const { results } = (run['status'] ?? {}) as { readonly results?: readonly { readonly name: string; readonly value: ParamValue }[] };
  return results ?? [];
}

type Artifacts = Partial<Record<'inputs' | 'outputs', readonly { readonly name?: string; readonly values?: readonly unknown[] }[]>>;

function artifactsOf(run: KubeObject): Artifacts {
  const { artifacts } = (run['status'] ?? {}) as { readonly artifacts?: Artifacts };
  return artifacts ?? {};
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
