import {
  notIsolatedVariable,
  prohibitedEntireVariable,
  prohibitedVariable,
  unknownVariable,
} from '../../expressions/variables/reference-rules.ts';
import { type FieldError, underEach } from '../field-error.ts';
import { declaredParams, validateObjectProperties } from '../param-specs.ts';
import type { ParamSpec } from '../params.ts';
import type { Step } from './schema.ts';
import { checkTexts, type StepText, stepTexts } from './step-texts.ts';

/**
 * Every `$(params.x)` in the steps must be declared, object keys must exist, no object stands where text belongs. For standalone Tasks,
 * and for embedded ones against what is declared or provided around them. Upstream: ValidateUsageOfDeclaredParameters.
 */
export function validateUsageOfParams(steps: readonly Step[] | undefined, specs: readonly ParamSpec[]): readonly FieldError[] {
  const { all, objects } = declaredParams(specs);
  const objectNames = new Set(objects.keys());
  const errors = underEach('steps', steps, (step) => {
    const texts = stepTexts(step);
    if (texts.length === 0) return [];
    return [
      ...checkTexts(texts, ({ text }) => unknownVariable(text, 'params', all)),
      ...[...objects].flatMap(([name, keys]) => checkTexts(texts, ({ text }) => unknownVariable(text, `params.${name}`, keys))),
      ...(objectNames.size === 0 ? [] : checkTexts(texts, ({ text }) => prohibitedEntireVariable(text, 'params', objectNames))),
    ];
  });
  return [...errors, ...validateObjectProperties(specs)];
}

/** 2.5 (10): arrays only as whole elements of `command` and `args`. */
export function validateArrayUsage(texts: readonly StepText[], arrays: ReadonlySet<string>): readonly FieldError[] {
  if (arrays.size === 0) return [];
  return checkTexts(texts, ({ path, text, listElement }) => {
    if (path === 'onError') return undefined;
    return listElement ? notIsolatedVariable(text, 'params', arrays) : prohibitedVariable(text, 'params', arrays);
  });
}

const taskRunContext: ReadonlySet<string> = new Set(['name', 'namespace', 'uid']);
const taskContext: ReadonlySet<string> = new Set(['name', 'retry-count']);

/** 2.5 (11). */
export function validateTaskContext(texts: readonly StepText[]): readonly FieldError[] {
  return checkTexts(
    texts,
    ({ text }) => unknownVariable(text, 'context.taskRun', taskRunContext) ?? unknownVariable(text, 'context.task', taskContext),
  );
}
