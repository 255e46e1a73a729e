import type { ParamValue } from '../expressions/variables/param-value.ts';
import { findResultReferences, type ResultReference, textsOf } from '../expressions/variables/result-reference.ts';
import type { Param } from '../resources/params.ts';
import { dependencyTexts } from '../resources/pipeline/dependencies.ts';
import type { PipelineTask, WhenExpression } from '../resources/pipeline/schema.ts';

/**
 * Every reference to another task's result that makes a pipeline task depend on it: in params, matrix, when, then in the steps and
 * sidecars of an embedded task. The order matters: errors name the first that fails.
 */
export function resultReferences(task: PipelineTask): readonly ResultReference[] {
  return dependencyTexts(task).flatMap((text) => (text.includes('$(') ? findResultReferences(text) : []));
}

/** Whether params or when refer to results. Only such a task is skipped when a result is missing; references elsewhere fail validation. */
export function hasSkippableReferences(task: PipelineTask): boolean {
  return (task.params ?? []).some((param) => refers(param.value)) || (task.when ?? []).some(whenRefers);
}

export function matrixParams(task: PipelineTask): readonly Param[] {
  return [...(task.matrix?.params ?? []), ...(task.matrix?.include ?? []).flatMap((include) => include.params ?? [])];
}

function refers(value: ParamValue): boolean {
  return textsOf(value).some((text) => findResultReferences(text).length > 0);
}

function whenRefers({ input = '', cel = '', values = [] }: WhenExpression): boolean {
  return refers([input, cel, ...values]);
}
