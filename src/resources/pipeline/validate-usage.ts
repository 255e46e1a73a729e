import { paramTypeOf } from '../../expressions/variables/param-value.ts';
import {
  notIsolatedVariable,
  prohibitedEntireVariable,
  prohibitedVariable,
  unknownVariable,
} from '../../expressions/variables/reference-rules.ts';
import type { EngineConfig } from '../engine-config.ts';
import { type FieldError, fieldError, under, underEach } from '../field-error.ts';
import {
  combinedSpecs,
  type DeclaredParams,
  declaredParams,
  specsOfValues,
  validateDeclarations,
  validateParamTypes,
  withTaskParams,
} from '../param-specs.ts';
import type { Param, ParamSpec } from '../params.ts';
import { mergeStepTemplate } from '../task/merge-step-template.ts';
import type { Step } from '../task/schema.ts';
import { validateInlineSteps, validateUsageOfParams } from '../task/validate-usage.ts';
import type { PipelineSpec, PipelineTask } from './schema.ts';
import { uniqueParams } from './validate-matrix.ts';

/**
 * Of a Pipeline that stands alone: every `$(params.x)` of its tasks must be declared by it, those of embedded tasks by it or by them. Paths are relative
 * to the spec. Follows tektoncd/pipeline pkg/apis/pipeline/v1/pipeline_validation.go, `validatePipelineParameterUsage`.
 */
export function validatePipelineParamUsage(spec: PipelineSpec): readonly FieldError[] {
  const around = spec.params ?? [];
  // The place of embedded steps is that of their task, as upstream tells it.
  const embedded = ({ taskSpec }: PipelineTask): readonly FieldError[] =>
    taskSpec === undefined ? [] : validateUsageOfParams(stepsOf(taskSpec), [...(taskSpec.params ?? []), ...around]);
  return [
    ...underEach('tasks', spec.tasks, embedded),
    ...underEach('finally', spec.finally, embedded),
    ...under('tasks', validateTaskParamUsage(spec.tasks ?? [], around)),
    ...under('finally', validateTaskParamUsage(spec.finally ?? [], around)),
  ];
}

/**
 * Of a pipeline within its run: the params of the run, of the pipeline and of all of its tasks reach every embedded task. The paths are those upstream
 * gives, which leave out where the steps stand. Follows pipelinerun_validation.go, `validateInlineParameters`.
 */
export function validateInlinePipeline(
  spec: PipelineSpec,
  given: readonly Param[] | undefined,
  config: EngineConfig,
): readonly FieldError[] {
  const tasks = spec.tasks ?? [];
  let { specs, errors } = combinedSpecs(specsOfValues(given), spec.params);
  for (const { params, taskSpec } of tasks) {
    const combined = combinedSpecs(withTaskParams(specs, params), taskSpec?.params);
    specs = combined.specs;
    errors = [...errors, ...combined.errors];
  }
  return [
    ...errors,
    ...tasks.flatMap(({ taskSpec }) => (taskSpec?.steps === undefined ? [] : validateInlineSteps(stepsOf(taskSpec), specs, config))),
    ...(spec.tasks === undefined ? [] : [...validatePipelineParams(tasks, specs, config), ...validateTaskParamUsage(tasks, specs)]),
  ];
}

/** Types, repetition and enums of what is declared, and params given twice. Paths begin at `params` and at `[i]` of a task. */
export function validatePipelineParams(
  tasks: readonly PipelineTask[],
  specs: readonly ParamSpec[] | undefined,
  config: EngineConfig,
): readonly FieldError[] {
  return [
    ...under('params', validateParamTypes(specs)),
    ...validateDeclarations(specs, config),
    ...underEach('', tasks, (task) => uniqueParams(task.params)),
  ];
}

/** Paths begin at `[i]`. */
function validateTaskParamUsage(tasks: readonly PipelineTask[], specs: readonly ParamSpec[]): readonly FieldError[] {
  const declared = declaredParams(specs);
  return underEach('', tasks, (task) => [
    ...uniqueParams(task.params),
    ...(task.params ?? []).flatMap((param) => under('params', under(`[${param.name}]`, checkParam(param, declared)))),
    ...checkMatrix(task, declared),
    ...underEach('when', task.when, ({ input = '', values = [] }) => [
      ...under('input', checkString(input, declared)),
      ...values.flatMap((value) =>
        under('values', declared.arrays.has(arrayReference(value)) ? checkElement(value, declared) : checkString(value, declared)),
      ),
    ]),
  ]);
}

function checkParam({ value }: Param, declared: DeclaredParams): readonly FieldError[] {
  if (typeof value !== 'string') {
    if (paramTypeOf(value) === 'array') return underEach('value', Object.values(value), (element) => checkElement(element, declared));
    return Object.entries(value).flatMap(([key, text]) => under('properties', under(`[${key}]`, checkString(text, declared))));
  }
  // The whole of an array or object: which of them it is, is looked at later.
  if (wholeReference.test(value)) return found(unknownVariable(value, 'params', declared.all));
  return checkString(value, declared);
}

const wholeReference = /^\$\(params(?:\.[_a-zA-Z0-9.-]+\[\*\]|\["[_a-zA-Z0-9.-]+\[\*\]"\]|\['[_a-zA-Z0-9.-]+\[\*\]'\])\)$/;

/** Elements of arrays, and texts of includes, which upstream counts without saying of which include. */
function checkMatrix({ matrix }: PipelineTask, declared: DeclaredParams): readonly FieldError[] {
  return [
    ...(matrix?.include ?? []).flatMap(({ params }) =>
      underEach('matrix.include.params', params, ({ value }) => (typeof value === 'string' ? checkString(value, declared) : [])),
    ),
    ...(matrix?.params ?? []).flatMap(({ name, value }) =>
      Array.isArray(value)
        ? under(
            'matrix.params',
            under(
              `[${name}]`,
              underEach('value', value as readonly string[], (element) => checkElement(element, declared)),
            ),
          )
        : [],
    ),
  ];
}

function checkString(text: string, declared: DeclaredParams): readonly FieldError[] {
  if (!text.includes('$(params')) return [];
  return [...checkNames(text, declared), ...found(prohibitedVariable(text, 'params', declared.arrays))];
}

function checkElement(text: string, declared: DeclaredParams): readonly FieldError[] {
  if (!text.includes('$(params')) return [];
  return [...checkNames(text, declared), ...found(notIsolatedVariable(text, 'params', declared.arrays))];
}

function checkNames(text: string, declared: DeclaredParams): readonly FieldError[] {
  return [
    ...found(unknownVariable(text, 'params', declared.all)),
    ...[...declared.objects].flatMap(([name, keys]) => found(unknownVariable(text, `params.${name}`, keys))),
    ...found(prohibitedEntireVariable(text, 'params', new Set(declared.objects.keys()))),
  ];
}

function found(message: string | undefined): readonly FieldError[] {
  return message === undefined ? [] : [fieldError(message, '')];
}

/** `a` of `$(params.a[*])`. */
function arrayReference(text: string): string {
  const head = text.startsWith('$(params.') ? text.slice('$(params.'.length) : text;
  return head.endsWith('[*])') ? head.slice(0, -'[*])'.length) : head;
}

function stepsOf({ stepTemplate, steps = [] }: NonNullable<PipelineTask['taskSpec']>): readonly Step[] {
  return mergeStepTemplate(stepTemplate, steps);
}
