import { findVariables } from '../../expressions/variables/find-variables.ts';
import { looksLikeResultReference, parseResultReference, textsOf } from '../../expressions/variables/result-reference.ts';
import type { EngineConfig } from '../engine-config.ts';
import { requireBeta } from '../feature-gates.ts';
import { type FieldError, fieldError, invalidValue, oneOfMultiple, under, underEach } from '../field-error.ts';
import type { Param } from '../params.ts';
import { countCombinations } from './count-combinations.ts';
import type { PipelineTask } from './schema.ts';

/** 2.7.1. Paths begin at `[i]` of a task, or are empty. Follows tektoncd/pipeline pkg/apis/pipeline/v1/matrix_types.go. */
export function validateMatrices(tasks: readonly PipelineTask[], config: EngineConfig): readonly FieldError[] {
  return [...underEach('', tasks, (task) => validateMatrix(task, config)), ...validateConsumers(tasks)];
}

function validateMatrix(task: PipelineTask, config: EngineConfig): readonly FieldError[] {
  const { matrix, params = [] } = task;
  if (matrix === undefined) return [];
  const names = new Set(
    [...(matrix.params ?? []), ...(matrix.include ?? []).flatMap((include) => include.params ?? [])].map(({ name }) => name),
  );
  const both = params.filter(({ name }) => names.has(name)).map(({ name }) => oneOfMultiple(`matrix[${name}]`, `params[${name}]`));
  if (!isMatrixed(task)) return both;
  const count = countCombinations(matrix);
  const most = config['default-max-matrix-combinations-count'];
  return [
    ...requireBeta('matrix', config),
    ...(count > most ? [fieldError(`expected 0 <= ${count} <= ${most}`, 'matrix')] : []),
    ...under('matrix', uniqueParams(matrix.params)),
    ...under(
      'matrix',
      underEach('include', matrix.include, (include) => uniqueParams(include.params)),
    ),
    ...both,
  ];
}

/** Paths begin at `params[j]`. */
export function uniqueParams(params: readonly Param[] | undefined): readonly FieldError[] {
  const seen = new Set<string>();
  return underEach('params', params, ({ name }) => {
    if (seen.has(name)) return [fieldError(`parameter names must be unique, the parameter "${name}" is also defined at`, 'name')];
    seen.add(name);
    return [];
  });
}

/**
 * What a matrix gives is taken as a whole, by params of the tasks of the same list; upstream looks no further than the first param that does otherwise.
 * Only of the last param that takes anything does it ask whether what it takes are strings.
 */
function validateConsumers(tasks: readonly PipelineTask[]): readonly FieldError[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  let taken: readonly string[] = [];
  for (const { value } of tasks.flatMap((task) => task.params ?? [])) {
    const results = textsOf(value)
      .flatMap((text) => findVariables(text).map(({ expression }) => expression))
      .filter(looksLikeResultReference);
    if (results.length === 0) continue;
    taken = results.filter((expression) => isMatrixed(byName.get(expression.split('.')[1] ?? '')));
    const singular = taken.filter((expression) => !expression.endsWith('[*]'));
    if (singular.length > 0) {
      return singular.map((expression) =>
        fieldError(`A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is currently set to ${expression}`),
      );
    }
  }
  return taken.flatMap((expression) => validateStringResult(expression, byName));
}

function validateStringResult(expression: string, byName: ReadonlyMap<string, PipelineTask>): readonly FieldError[] {
  const reference = parseResultReference(expression);
  const task = byName.get(reference?.task ?? '');
  // A Task by that name among the pipeline's own, as upstream has it.
  const producer = task?.taskRef === undefined ? task : byName.get(task.taskRef.name ?? '');
  return (producer?.taskSpec?.results ?? [])
    .filter(({ name, type }) => name === reference?.result && type !== 'string')
    .map(({ name, type = '' }) =>
      invalidValue(
        `Matrixed PipelineTasks emitting results must have an underlying type string, but result ${name} has type ${type} in pipelineTask`,
        '',
      ),
    );
}

function isMatrixed(task: PipelineTask | undefined): boolean {
  return (task?.matrix?.params?.length ?? 0) > 0 || (task?.matrix?.include?.length ?? 0) > 0;
}
