import type { ParamValue } from '../expressions/variables/param-value.ts';
import { replaceParamValue } from '../expressions/variables/replace-param-value.ts';
import { replaceString } from '../expressions/variables/replace-string.ts';
import type { Replacements } from '../expressions/variables/replacements.ts';
import { replacementsBuilder } from '../expressions/variables/replacements-builder.ts';
import type { Param } from '../resources/params.ts';
import type { Matrix, PipelineSpec, PipelineTask } from '../resources/pipeline/schema.ts';
import type { TaskRef } from '../resources/references.ts';
import { replaceInTaskSpec } from '../resources/task/replace.ts';
import { replaceInWhen } from '../resources/task/replace-when.ts';

/**
 * A pipeline with its params or contexts replaced in the fields of its tasks, embedded tasks included (there a pipeline task's own params
 * win over the pipeline's of the same name). Follows tektoncd/pipeline pkg/reconciler/pipelinerun/resources/apply.go, `ApplyReplacements`.
 * `matrixDisplayName`: contexts reach the display name of a matrixed task, params wait for each combination's own.
 */
export function replaceInPipelineSpec(spec: PipelineSpec, r: Replacements, matrixDisplayName: boolean): PipelineSpec {
  if (r.strings.size === 0 && r.arrays.size === 0 && r.objects.size === 0) return spec;
  return {
    ...spec,
    ...(spec.tasks && { tasks: spec.tasks.map((task) => replaceInPipelineTask(task, r, matrixDisplayName)) }),
    ...(spec.finally && { finally: spec.finally.map((task) => replaceInPipelineTask(task, r, matrixDisplayName)) }),
  };
}

function replaceInPipelineTask(task: PipelineTask, r: Replacements, matrixDisplayName: boolean): PipelineTask {
  const replaced: PipelineTask = {
    ...replaceInTaskFields(task, r),
    ...(task.displayName && isMatrixed(task) && !matrixDisplayName && { displayName: task.displayName }),
    ...(task.onError !== undefined && { onError: replaceString(task.onError, r) }),
  };
  if (!task.taskSpec) return replaced;
  return { ...replaced, taskSpec: { ...task.taskSpec, ...replaceInTaskSpec(task.taskSpec, ownParamsFirst(r, replaced.params)) } };
}

/** The fields that take results as well: all but the embedded task and `onError`. */
export function replaceInTaskFields(task: PipelineTask, r: Replacements): PipelineTask {
  return {
    ...task,
    ...(task.params && { params: replaceInParams(task.params, r) }),
    ...(task.matrix && { matrix: replaceInMatrix(task.matrix, r) }),
    ...(task.displayName !== undefined && { displayName: replaceString(task.displayName, r) }),
    ...(task.workspaces && {
      workspaces: task.workspaces.map((workspace) =>
        workspace.subPath === undefined ? workspace : { ...workspace, subPath: replaceString(workspace.subPath, r) },
      ),
    }),
    ...(task.when && { when: task.when.map((expression) => replaceInWhen(expression, r)) }),
    ...(task.taskRef && { taskRef: replaceInTaskRef(task.taskRef, r) }),
  };
}

export function replaceInParams(params: readonly Param[], r: Replacements): Param[] {
  return params.map((param) => ({ ...param, value: replaceParamValue(param.value, r) }));
}

export function isMatrixed(task: PipelineTask): boolean {
  return (task.matrix?.params?.length ?? 0) > 0 || (task.matrix?.include?.length ?? 0) > 0;
}

/** Matrix params take strings and arrays, include params only strings. */
export function replaceInMatrix(matrix: Matrix, r: Replacements): Matrix {
  const lists: Replacements = { ...r, objects: new Map() };
  const texts: Replacements = { ...lists, arrays: new Map() };
  return {
    ...matrix,
    ...(matrix.params && { params: replaceInParams(matrix.params, lists) }),
    ...(matrix.include && {
      include: matrix.include.map((include) => ({ ...include, ...(include.params && { params: replaceInParams(include.params, texts) }) })),
    }),
  };
}

function replaceInTaskRef(ref: TaskRef, r: Replacements): TaskRef {
  return {
    ...ref,
    ...(ref.name !== undefined && { name: replaceString(ref.name, r) }),
    ...(ref.params && { params: replaceInParams(ref.params, r) }),
  };
}

/**
 * Replacements for an embedded task: a spelling that a pipeline task's own param has in common with the pipeline level takes the task's
 * value, of that spelling's kind. Own params that the pipeline level does not know are left to the TaskRun.
 */
function ownParamsFirst(r: Replacements, own: readonly Param[] | undefined): Replacements {
  if (own === undefined || own.length === 0) return r;
  const builder = replacementsBuilder(r);
  for (const { name, value } of own) {
    for (const spelling of [`params.${name}`, `params["${name}"]`, `params['${name}']`]) {
      if (builder.strings.has(spelling)) builder.strings.set(spelling, typeof value === 'string' ? value : '');
      if (builder.arrays.has(spelling)) builder.arrays.set(spelling, isList(value) ? value : []);
      if (builder.objects.has(spelling)) {
        const object = typeof value === 'string' || isList(value) ? {} : value;
        builder.objects.set(spelling, object);
        for (const [key, text] of Object.entries(object)) builder.strings.set(`params.${name}.${key}`, text);
      }
    }
  }
  return builder;
}

function isList(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
