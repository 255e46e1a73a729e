import { findVariables } from '../expressions/variables/find-variables.ts';
import type { ParamValue } from '../expressions/variables/param-value.ts';
import { paramTypeOf } from '../expressions/variables/param-value.ts';
import { looksLikeResultReference, textsOf } from '../expressions/variables/result-reference.ts';
import type { EngineConfig } from '../resources/engine-config.ts';
import type { Param } from '../resources/params.ts';
import { countCombinations } from '../resources/pipeline/count-combinations.ts';
import type { Matrix, PipelineSpec, PipelineTask } from '../resources/pipeline/schema.ts';

type Combination = Map<string, string>;

/**
 * The params of each run of a matrixed task, sorted by name. The first matrix param varies fastest; an include is laid over the combinations
 * that it does not contradict, and is a combination of its own when it shares no value with any.
 * Follows tektoncd/pipeline pkg/apis/pipeline/v1/matrix_types.go, `FanOut`.
 */
export function fanOut(matrix: Matrix): readonly (readonly Param[])[] {
  const includes = (matrix.include ?? []).map(
    (include) => new Map((include.params ?? []).map((param) => [param.name, textOf(param.value)])),
  );
  if ((matrix.params ?? []).length === 0) return includes.map(toParams);

  let combinations: Combination[] = [];
  for (const { name, value } of matrix.params ?? []) {
    const texts = listOf(value);
    combinations =
      combinations.length === 0
        ? texts.map((text) => new Map([[name, text]]))
        : texts.flatMap((text) => combinations.map((combination) => new Map([...combination, [name, text]])));
  }
  for (const combination of combinations) {
    for (const include of includes) {
      if (!agrees(combination, include)) continue;
      for (const [name, text] of include) combination.set(name, text);
    }
  }
  for (const include of includes) {
    if (include.size > 0 && !combinations.some((combination) => sharesValue(combination, include))) combinations.push(include);
  }
  return combinations.map(toParams);
}

/** A matrix with an empty array has nothing to run: the task is skipped. */
export function hasEmptyArray(matrix: Matrix | undefined): boolean {
  return (matrix?.params ?? []).some(({ value }) => isList(value) && value.length === 0);
}

/**
 * A task whose matrix has more combinations than are allowed now that params or results are in it: admission could not count them, and upstream
 * never does. `undefined` when there is none.
 */
export function matrixSizeError({ tasks, finally: finals }: PipelineSpec, config: EngineConfig): string | undefined {
  for (const [field, list = []] of [
    ['tasks', tasks],
    ['finally', finals],
  ] as const) {
    for (const [index, { matrix = {} }] of list.entries()) {
      const message = sizeError(matrix, config);
      if (message !== undefined) return `${message}: ${field}[${index}].matrix`;
    }
  }
  return undefined;
}

export function sizeError(matrix: Matrix, config: EngineConfig): string | undefined {
  const count = countCombinations(matrix);
  const most = config['default-max-matrix-combinations-count'];
  return count > most ? `expected 0 <= ${count} <= ${most}` : undefined;
}

/** What is wrong with the types of a task's matrix once results are in it. */
export function matrixTypeError({ name, matrix }: PipelineTask): string | undefined {
  for (const param of (matrix?.include ?? []).flatMap((include) => include.params ?? [])) {
    const type = paramTypeOf(param.value);
    if (type !== 'string') return wrongType('string', param, type, name);
  }
  for (const param of matrix?.params ?? []) {
    const type = paramTypeOf(param.value);
    if (type !== 'array' && !refersToResult(param.value)) return wrongType('array', param, type, name);
  }
  return undefined;
}

function wrongType(wanted: string, param: Param, type: string, task: string): string {
  return `parameters of type ${wanted} only are allowed, but param "${param.name}" has type "${type}" in pipelineTask "${task}"`;
}

function refersToResult(value: ParamValue): boolean {
  return textsOf(value).some((text) => findVariables(text).some(({ expression }) => looksLikeResultReference(expression)));
}

/** No name they have in common has different values. */
function agrees(combination: Combination, include: Combination): boolean {
  return [...include].every(([name, text]) => !combination.has(name) || combination.get(name) === text);
}

function sharesValue(combination: Combination, include: Combination): boolean {
  return [...include].some(([name, text]) => combination.get(name) === text);
}

function toParams(combination: Combination): readonly Param[] {
  return [...combination].map(([name, value]) => ({ name, value })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function listOf(value: ParamValue): readonly string[] {
  return isList(value) ? value : [];
}

function textOf(value: ParamValue): string {
  return typeof value === 'string' ? value : '';
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
