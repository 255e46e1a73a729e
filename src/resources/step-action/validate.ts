import { findReferences, prohibitedEntireVariable, unknownVariable } from '../../expressions/variables/reference-rules.ts';
import type { EngineConfig } from '../engine-config.ts';
import { type FieldError, fieldError, invalidValue, missingField, under, underEach } from '../field-error.ts';
import { declaredParams, validateObjectProperties, validateParamSpecs } from '../param-specs.ts';
import { checkTexts, stepTexts } from '../task/step-texts.ts';
import { validateResults } from '../task/validate-results.ts';
import { scriptWithCommand } from '../task/validate-step.ts';
import { validateArrayUsage } from '../task/validate-usage.ts';
import type { StepAction, StepActionSpec } from './schema.ts';

export function validateStepAction(action: StepAction, config: EngineConfig): readonly FieldError[] {
  return under('spec', validateStepActionSpec(action.spec, config));
}

/** 2.6. Also called by the engine on what a resolver fetched. Paths are relative to the spec. */
export function validateStepActionSpec(spec: StepActionSpec, config: EngineConfig): readonly FieldError[] {
  const { all, arrays, objects } = declaredParams(spec.params ?? []);
  const texts = stepTexts(spec);
  const scripts = texts.filter((text) => text.path === 'script');
  const results = new Set(spec.results?.map((result) => result.name));
  const objectNames = new Set(objects.keys());
  return [
    ...((spec.image ?? '') === '' ? [missingField('Image')] : []),
    ...((spec.script ?? '') !== '' && (spec.command ?? []).length > 0 ? [scriptWithCommand] : []),
    ...(findReferences(spec.script ?? '', 'params').length > 0
      ? [fieldError('param substitution in scripts is not allowed.', 'script')]
      : []),
    ...validateParamSpecs(spec.params, config),
    ...validateObjectProperties(spec.params ?? []),
    ...checkTexts(texts, ({ text }) => unknownVariable(text, 'params', all)),
    ...[...objects].flatMap(([name, keys]) => checkTexts(texts, ({ text }) => unknownVariable(text, `params.${name}`, keys))),
    ...checkTexts(texts, ({ text }) => prohibitedEntireVariable(text, 'params', objectNames)),
    ...validateArrayUsage(texts, arrays),
    ...underEach('volumeMounts', spec.volumeMounts, ({ name }) => validateMountName(name)),
    ...validateResults(spec.results ?? [], 'step'),
    ...checkTexts(scripts, ({ text }) => unknownVariable(text, 'step.results', results) ?? unknownVariable(text, 'results', results)),
  ];
}

/** The volume is the task's: a StepAction can only be told which. */
function validateMountName(name: string): readonly FieldError[] {
  const [reference, ...more] = findReferences(name.trim(), 'params');
  const alone = reference !== undefined && more.length === 0 && reference.end - reference.start === name.trim().length;
  return alone ? [] : [invalidValue(name, 'name', 'expect the Name to be a single param reference')];
}
