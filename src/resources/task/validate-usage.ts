import {
  notIsolatedVariable,
  prohibitedEntireVariable,
  prohibitedVariable,
  unknownVariable,
} from '../../expressions/variables/reference-rules.ts';
import type { EngineConfig } from '../engine-config.ts';
import { type FieldError, under, underEach } from '../field-error.ts';
import {
  declaredParams,
  validateDeclarations,
  validateObjectProperties,
  validateParamSpecNames,
  validateParamTypes,
} from '../param-specs.ts';
import type { ParamSpec } from '../params.ts';
import type { Step } from './schema.ts';
import { checkTexts, type StepText, stepTexts } from './step-texts.ts';

/** Upstream spells two paths otherwise where it looks for unknown variables. */
const unknownAt: ReadonlyMap<string, string> = new Map([
  ['mountPath', 'MountPath'],
  ['subPath', 'SubPath'],
]);

/**
 * Every `$(params.x)` in the steps must be declared, object keys must exist, no object stands where text belongs. For standalone Tasks,
 * and for embedded ones against what is declared or provided around them. Upstream: ValidateUsageOfDeclaredParameters.
 */
export function validateUsageOfParams(steps: readonly Step[] | undefined, specs: readonly ParamSpec[]): readonly FieldError[] {
  const { all, objects } = declaredParams(specs);
  return [
    ...validateVariables(steps, 'params', all),
    ...[...objects].flatMap(([name, keys]) => validateVariables(steps, `params.${name}`, keys)),
    ...validateEntireObjects(steps, new Set(objects.keys())),
    ...validateObjectProperties(specs),
  ];
}

/**
 * What an inline run's steps make of the params around them: the run's, and those of the tasks. The paths are those upstream gives, which leave out
 * where the steps stand.
 */
export function validateInlineSteps(steps: readonly Step[], specs: readonly ParamSpec[], config: EngineConfig): readonly FieldError[] {
  return [...validateParamTypes(specs), ...validateParamVariables(steps, specs, config), ...validateUsageOfParams(steps, specs)];
}

/** Upstream: ValidateParameterVariables. */
export function validateParamVariables(steps: readonly Step[], specs: readonly ParamSpec[], config: EngineConfig): readonly FieldError[] {
  return [
    ...validateDeclarations(specs, config),
    ...validateParamSpecNames(specs),
    ...nestedUnderSteps(steps, (texts) => validateArrayUsage(texts, declaredParams(specs).arrays)),
  ];
}

/** No variable below `prefix` but the known ones. */
function validateVariables(steps: readonly Step[] | undefined, prefix: string, known: ReadonlySet<string>): readonly FieldError[] {
  return underEach('steps', steps, (step) => {
    const texts = stepTexts(step).map((text) => ({
      ...text,
      path: text.path.replace(/(?:mountPath|subPath)$/, (field) => unknownAt.get(field) ?? field),
    }));
    return checkTexts(texts, ({ text }) => unknownVariable(text, prefix, known));
  });
}

function validateEntireObjects(steps: readonly Step[] | undefined, names: ReadonlySet<string>): readonly FieldError[] {
  if (names.size === 0) return [];
  return nestedUnderSteps(steps, (texts) =>
    checkTexts(texts, ({ path, text }) => (path === 'onError' ? undefined : prohibitedEntireVariable(text, 'params', names))),
  );
}

/** Upstream puts each further step's place before what it found in the earlier ones too: `steps[1].steps[0].script`. */
function nestedUnderSteps(
  steps: readonly Step[] | undefined,
  check: (texts: readonly StepText[]) => readonly FieldError[],
): readonly FieldError[] {
  let found: readonly FieldError[] = [];
  for (const [index, step] of (steps ?? []).entries()) found = under(`steps[${index}]`, [...found, ...check(stepTexts(step))]);
  return found;
}

/** 2.5 (10): arrays only as whole elements of `command` and `args`. */
export function validateArrayUsage(texts: readonly StepText[], arrays: ReadonlySet<string>): readonly FieldError[] {
  return checkTexts(texts, ({ path, text, listElement }) => {
    if (path === 'onError') return undefined;
    return listElement ? notIsolatedVariable(text, 'params', arrays) : prohibitedVariable(text, 'params', arrays);
  });
}

const taskRunContext: ReadonlySet<string> = new Set(['name', 'namespace', 'uid']);
const taskContext: ReadonlySet<string> = new Set(['name', 'retry-count']);

/** 2.5 (11). */
export function validateTaskContext(steps: readonly Step[]): readonly FieldError[] {
  return [...validateVariables(steps, 'context.taskRun', taskRunContext), ...validateVariables(steps, 'context.task', taskContext)];
}
