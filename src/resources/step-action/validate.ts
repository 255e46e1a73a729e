import {
  findReferences,
  notIsolatedVariable,
  prohibitedEntireVariable,
  prohibitedVariable,
  unknownVariable,
} from '../../expressions/variables/reference-rules.ts';
import type { EngineConfig } from '../engine-config.ts';
import { requireAlpha } from '../feature-gates.ts';
import { type FieldError, fieldError, invalidValue, missingField, under } from '../field-error.ts';
import {
  declaredParams,
  validateObjectProperties,
  validateParamSpecNames,
  validateParamTypes,
  validateUniqueSpecs,
} from '../param-specs.ts';
import { checkTexts, type StepText } from '../task/step-texts.ts';
import { validateStepResults } from '../task/validate-results.ts';
import { scriptWithCommand } from '../task/validate-step.ts';
import type { StepAction, StepActionSpec } from './schema.ts';

export function validateStepAction(action: StepAction, config: EngineConfig): readonly FieldError[] {
  return under('spec', validateStepActionSpec(action.spec, config));
}

/**
 * 2.6. Also called by the engine on what a resolver fetched. Paths are relative to the spec. Follows tektoncd/pipeline
 * pkg/apis/pipeline/v1beta1/stepaction_validation.go.
 */
export function validateStepActionSpec(spec: StepActionSpec, config: EngineConfig): readonly FieldError[] {
  const { params = [], script = '' } = spec;
  const { all, arrays, objects } = declaredParams(params);
  const texts = textsOf(spec);
  const objectNames = new Set(objects.keys());
  return [
    ...((spec.image ?? '') === '' ? [missingField('Image')] : []),
    ...validateScript(spec, config),
    ...checkTexts(texts, ({ text }) => unknownVariable(text, 'params', all)),
    ...[...objects].flatMap(([name, keys]) => checkTexts(texts, ({ text }) => unknownVariable(text, `params.${name}`, keys))),
    ...checkTexts(texts, ({ text }) => prohibitedEntireVariable(text, 'params', objectNames)),
    ...validateObjectProperties(params),
    ...under('params', validateParamTypes(params)),
    ...validateUniqueSpecs(params),
    ...validateParamSpecNames(params),
    ...checkTexts(texts, ({ text, listElement }) =>
      listElement ? notIsolatedVariable(text, 'params', arrays) : prohibitedVariable(text, 'params', arrays),
    ),
    ...validateResultPaths(script, spec),
    ...under('results', validateStepResults(spec.results ?? [])),
    ...validateMounts(spec, all),
  ];
}

/** The fields in which params are replaced, but for the working directory, which upstream does not look at. */
function textsOf({ image, script, command = [], args = [], env = [], volumeMounts = [] }: StepActionSpec): readonly StepText[] {
  const texts: [path: string, text: string | undefined, listElement?: boolean][] = [
    ['image', image],
    ['script', script],
    ...command.map((text, index): [string, string, boolean] => [`command[${index}]`, text, true]),
    ...args.map((text, index): [string, string, boolean] => [`args[${index}]`, text, true]),
    ...env.map(({ name, value }): [string, string | undefined] => [`env[${name}]`, value]),
    ...volumeMounts.map(({ name }, index): [string, string] => [`volumeMounts[${index}]`, name]),
  ];
  return texts.flatMap(([path, text, listElement = false]) => (text === undefined ? [] : [{ path, text, listElement }]));
}

function validateScript({ script = '', command = [] }: StepActionSpec, config: EngineConfig): readonly FieldError[] {
  if (script === '') return [];
  return [
    ...(command.length > 0 ? [scriptWithCommand] : []),
    ...(script.trimStart().startsWith('#!win') ? requireAlpha('windows script support', config) : []),
    ...(findReferences(script, 'params').length > 0 ? [fieldError('param substitution in scripts is not allowed.', 'script')] : []),
  ];
}

/** A StepAction has no task around it: `results.x` is its own result too. */
function validateResultPaths(script: string, { results = [] }: StepActionSpec): readonly FieldError[] {
  const names = new Set(results.map((result) => result.name));
  const messages = [unknownVariable(script, 'step.results', names), unknownVariable(script, 'results', names)];
  return messages.flatMap((message) => (message === undefined ? [] : [fieldError(message, 'script')]));
}

/** The volume is the task's: a StepAction can only be told which. The first wrong one ends it. */
function validateMounts({ volumeMounts = [] }: StepActionSpec, params: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { name }] of volumeMounts.entries()) {
    const [reference, ...more] = findReferences(name, 'params');
    const alone = reference !== undefined && more.length === 0 && reference.start === 0 && reference.end === name.length;
    if (!alone)
      return [
        ...errors,
        ...under(`volumeMounts[${index}]`, [invalidValue(name, 'name', 'expect the Name to be a single param reference')]),
      ];
    const message = unknownVariable(name, 'params', params);
    if (message !== undefined) errors.push(fieldError(message, `volumeMounts[${index}]`));
  }
  return errors;
}
