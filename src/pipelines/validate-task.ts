import { findVariables } from '../expressions/variables/find-variables.ts';
import { goQuote } from '../expressions/variables/go-quote.ts';
import { paramTypeOf } from '../expressions/variables/param-value.ts';
import { parseResultReference, type ResultReference, textsOf } from '../expressions/variables/result-reference.ts';
import { goList, goMapOfLists } from '../resources/go-format.ts';
import { typeOfSpec } from '../resources/param-specs.ts';
import type { PipelineSpec, PipelineTask } from '../resources/pipeline/schema.ts';
import type { TaskSpec } from '../resources/task/schema.ts';
import { failure, type RunFailure, userError } from './outcome.ts';
import type { PlannedTask } from './plan.ts';
import { matrixParams } from './result-references.ts';
import { missingKeys, missingParams } from './validate-run.ts';

/** What a pipeline task must give the Task behind it. Follows tektoncd/pipeline pkg/reconciler/taskrun/validate_taskrun.go. */
export function validateTaskParams(run: string, task: PipelineTask, taskName: string, spec: TaskSpec): RunFailure | undefined {
  const message = taskParamsError(task, spec);
  if (message === undefined) return undefined;
  const whole = `Validation failed for pipelinerun ${run} with error invalid input params for task ${taskName}: ${message}`;
  return userError('PipelineValidationFailed', whole);
}

function taskParamsError(task: PipelineTask, spec: TaskSpec): string | undefined {
  const declared = spec.params ?? [];
  if (declared.length === 0) return undefined;
  const params = task.params ?? [];
  const fanned = matrixParams(task);

  const missing = missingParams(declared, [...params, ...fanned]);
  if (missing.length > 0) return `missing values for these params which have no default values: ${goList(missing)}`;

  const types = new Map(declared.map((param) => [param.name, typeOfSpec(param)]));
  const wrong = [
    ...params.filter(({ name, value }) => {
      const wanted = types.get(name);
      // `$(tasks.t.results.r[*])` is text until the result is there.
      if (wanted === undefined || (wanted !== 'string' && typeof value === 'string' && findVariables(value).length > 0)) return false;
      return paramTypeOf(value) !== wanted;
    }),
    ...fanned.filter(({ name }) => types.has(name) && types.get(name) !== 'string'),
  ];
  if (wrong.length > 0) return `param types don't match the user-specified type: ${goList(wrong.map((param) => param.name))}`;

  const keys = missingKeys(declared, params);
  return keys.size > 0 ? `missing keys for these params which are required in ParamSpec's properties ${goMapOfLists(keys)}` : undefined;
}

/** Before the first child only: what tasks and the pipeline say of results and optional workspaces must fit the Tasks. */
export function validateBetweenTasks(run: string, spec: PipelineSpec, tasks: readonly PlannedTask[]): RunFailure | undefined {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  for (const { name, references } of tasks) {
    for (const reference of references) {
      const message = resultReferenceError(reference, byName);
      if (message !== undefined)
        return failure('InvalidTaskResultReference', `invalid result reference in pipeline task ${goQuote(name)}: ${message}`);
    }
  }
  for (const result of spec.results ?? []) {
    for (const { expression } of textsOf(result.value).flatMap(findVariables)) {
      const reference = parseResultReference(expression);
      const message = reference && resultReferenceError(reference, byName);
      if (message === undefined) continue;
      const whole = `Failed to resolve pipeline result reference for ${goQuote(run)} with error invalid pipeline result ${goQuote(result.name)}: ${message}`;
      return failure('InvalidPipelineResultReference', whole);
    }
  }
  return validateOptionalWorkspaces(spec, tasks);
}

function resultReferenceError({ task, result }: ResultReference, tasks: ReadonlyMap<string, PlannedTask>): string | undefined {
  const producer = tasks.get(task);
  if (producer === undefined) return `referenced pipeline task ${goQuote(task)} does not exist`;
  if (producer.kind === 'CustomRun') return undefined;
  if (producer.taskSpec === undefined) return `unable to validate result referencing pipeline task ${goQuote(task)}: task spec not found`;
  if ((producer.taskSpec.results ?? []).some((declared) => declared.name === result)) return undefined;
  return `${goQuote(result)} is not a named result returned by pipeline task ${goQuote(task)}`;
}

function validateOptionalWorkspaces(spec: PipelineSpec, tasks: readonly PlannedTask[]): RunFailure | undefined {
  const optional = new Set((spec.workspaces ?? []).filter((workspace) => workspace.optional).map((workspace) => workspace.name));
  if (optional.size === 0) return undefined;
  for (const { name, task, taskSpec } of tasks) {
    for (const binding of task.workspaces ?? []) {
      if (!optional.has(binding.workspace ?? '')) continue;
      const declared = (taskSpec?.workspaces ?? []).find((workspace) => workspace.name === binding.name);
      if (declared === undefined || declared.optional) continue;
      const message = `pipeline workspace ${goQuote(binding.workspace ?? '')} is marked optional but pipeline task ${goQuote(name)} requires it be provided`;
      return userError('RequiredWorkspaceMarkedOptional', `Optional workspace not supported by task: ${message}`);
    }
  }
  return undefined;
}
