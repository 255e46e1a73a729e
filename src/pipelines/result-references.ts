import type { ParamValue } from '../expressions/variables/param-value.ts';
import { findResultReferences, type ResultReference, textsOf } from '../expressions/variables/result-reference.ts';
import type { EnvVar } from '../resources/core/pod-fields.ts';
import type { Param } from '../resources/params.ts';
import type { PipelineTask, WhenExpression } from '../resources/pipeline/schema.ts';
import type { Sidecar, Step } from '../resources/task/schema.ts';

/**
 * Every reference to another task's result that makes a pipeline task depend on it, in upstream's order (errors name the first that fails):
 * params, matrix, when, then the steps and sidecars of an embedded task.
 * Follows tektoncd/pipeline pkg/apis/pipeline/v1/resultref.go, `PipelineTaskResultRefs`.
 */
export function resultReferences(task: PipelineTask): readonly ResultReference[] {
  const params = [...(task.params ?? []), ...matrixParams(task)];
  const containers: readonly (Step | Sidecar)[] = [...(task.taskSpec?.steps ?? []), ...(task.taskSpec?.sidecars ?? [])];
  return [
    ...params.flatMap((param) => inValue(param.value)),
    ...(task.when ?? []).flatMap(inWhen),
    ...containers.flatMap((container) => containerTexts(container).flatMap(findResultReferences)),
  ];
}

/** Whether params or when refer to results. Only such a task is skipped when a result is missing; references elsewhere fail validation. */
export function hasSkippableReferences(task: PipelineTask): boolean {
  return (task.params ?? []).some((param) => inValue(param.value).length > 0) || (task.when ?? []).some((when) => inWhen(when).length > 0);
}

export function matrixParams(task: PipelineTask): readonly Param[] {
  return [...(task.matrix?.params ?? []), ...(task.matrix?.include ?? []).flatMap((include) => include.params ?? [])];
}

function inValue(value: ParamValue): readonly ResultReference[] {
  return textsOf(value).flatMap(findResultReferences);
}

function inWhen(when: WhenExpression): readonly ResultReference[] {
  return [when.input ?? '', when.cel ?? '', ...(when.values ?? [])].flatMap(findResultReferences);
}

/** The fields of a step or sidecar in which a result reference makes a dependency. Not all fields that take variables are among them. */
function containerTexts(container: Step | Sidecar): readonly string[] {
  const { name, image, imagePullPolicy, script, workingDir, command, args, env } = container;
  const own = [name, image, imagePullPolicy, script, workingDir, ...(command ?? []), ...(args ?? []), ...(env ?? []).flatMap(envTexts)];
  return own.filter((text) => text !== undefined);
}

function envTexts({ value, valueFrom }: EnvVar): readonly (string | undefined)[] {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  return [value, secretKeyRef?.key, secretKeyRef?.name, configMapKeyRef?.key, configMapKeyRef?.name];
}
