import type { EngineConfig } from '../engine-config.ts';
import { requireBeta } from '../feature-gates.ts';
import { type FieldError, fieldError, oneOfMultiple, under, underEach } from '../field-error.ts';
import type { Param } from '../params.ts';
import { countCombinations } from './count-combinations.ts';
import type { PipelineTask } from './schema.ts';

/** 2.7.1. Paths are relative to the pipeline task. */
export function validateMatrix(task: PipelineTask, config: EngineConfig): readonly FieldError[] {
  const { matrix } = task;
  if (matrix === undefined) return [];
  const count = countCombinations(matrix);
  const most = config['default-max-matrix-combinations-count'];
  const own = new Set(task.params?.map((param) => param.name));
  const names = [...(matrix.params ?? []), ...(matrix.include ?? []).flatMap((include) => include.params ?? [])].map((param) => param.name);
  return [
    ...requireBeta('matrix', config, 'matrix'),
    ...(count > most ? [fieldError(`expected 0 <= ${count} <= ${most}`, 'matrix')] : []),
    ...under('matrix', uniqueParams(matrix.params)),
    ...under(
      'matrix',
      underEach('include', matrix.include, (include) => uniqueParams(include.params)),
    ),
    ...[...new Set(names)].filter((name) => own.has(name)).map((name) => oneOfMultiple(`matrix[${name}]`, `params[${name}]`)),
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
