import { goQuote } from '../../expressions/variables/go-quote.ts';
import {
  notIsolatedVariable,
  prohibitedEntireVariable,
  prohibitedVariable,
  unknownVariable,
} from '../../expressions/variables/reference-rules.ts';
import { type FieldError, fieldError, under, underEach } from '../field-error.ts';
import { type DeclaredParams, declaredParams, overlaidSpecs, specsOfValues } from '../param-specs.ts';
import type { Param, ParamSpec } from '../params.ts';
import { validateUsageOfParams } from '../task/validate-usage.ts';
import { type PipelineTaskText, pipelineTaskTexts } from './pipeline-task-texts.ts';
import type { PipelineSpec, PipelineTask } from './schema.ts';

/**
 * Every `$(params.x)` of the tasks must be declared by the pipeline or, for an inline pipeline, given by its run; embedded specs may also
 * use what they declare and what their task passes them. Paths are relative to the spec.
 */
export function validatePipelineParamUsage(spec: PipelineSpec, given: readonly Param[]): readonly FieldError[] {
  const specs = overlaidSpecs(specsOfValues(given), spec.params);
  const declared = declaredParams(specs);
  const check = (task: PipelineTask): readonly FieldError[] => [
    ...pipelineTaskTexts(task).flatMap((text) => checkText(text, declared)),
    ...checkEmbedded(task, specs),
  ];
  return [...underEach('tasks', spec.tasks, check), ...underEach('finally', spec.finally, check)];
}

function checkText({ path, text, place }: PipelineTaskText, declared: DeclaredParams): readonly FieldError[] {
  if (!text.includes('$(params')) return [];
  const whole = /^\$\(params(?:\.([^\n)]+)|\["([^\n"]+)"\]|\['([^\n']+)'\])\[\*\]\)$/.exec(text);
  if (place === 'value' && whole !== null) {
    const name = whole[1] ?? whole[2] ?? whole[3] ?? '';
    return declared.all.has(name) ? [] : [fieldError(`non-existent variable in ${goQuote(text)}`, path)];
  }
  const messages = [unknownVariable(text, 'params', declared.all)];
  for (const [name, keys] of declared.objects) messages.push(unknownVariable(text, `params.${name}`, keys));
  messages.push(prohibitedEntireVariable(text, 'params', new Set(declared.objects.keys())));
  messages.push(
    place === 'element' ? notIsolatedVariable(text, 'params', declared.arrays) : prohibitedVariable(text, 'params', declared.arrays),
  );
  return messages.flatMap((message) => (message === undefined ? [] : [fieldError(message, path)]));
}

function checkEmbedded(task: PipelineTask, around: readonly ParamSpec[]): readonly FieldError[] {
  const { taskSpec } = task;
  if (taskSpec?.steps === undefined) return [];
  // A matrix hands each run one element of an array, so inside it is a string.
  const matrix = [...(task.matrix?.params ?? []), ...(task.matrix?.include ?? []).flatMap((include) => include.params ?? [])];
  const elements = matrix.map(({ name }): ParamSpec => ({ name, type: 'string' }));
  const specs = overlaidSpecs(around, specsOfValues(task.params), taskSpec.params, elements);
  return under('taskSpec', validateUsageOfParams(taskSpec.steps, specs));
}
