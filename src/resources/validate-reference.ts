import type { EngineConfig } from './engine-config.ts';
import { requireBeta } from './feature-gates.ts';
import { type FieldError, fieldError, invalidValue, missingField, oneOfMultiple } from './field-error.ts';
import { isUrlLike, qualifiedNameProblems } from './names.ts';
import { validateParamNames } from './param-specs.ts';
import type { Param } from './params.ts';

interface Reference {
  readonly name?: string | undefined;
  readonly resolver?: string | undefined;
  readonly params?: readonly Param[] | undefined;
}

/** Rules of taskRef, pipelineRef and step.ref: a name, or a resolver with its params. Follows pkg/apis/pipeline/v1/container_validation.go, `validateRef`. */
export function validateReference(ref: Reference, config: EngineConfig): readonly FieldError[] {
  const name = ref.name ?? '';
  const resolver = ref.resolver ?? '';
  if (resolver === '' && ref.params === undefined) return validateName(name, config);
  const errors: FieldError[] = [];
  if (ref.params !== undefined) {
    errors.push(...requireBeta('resolver params', config));
    if (name !== '') errors.push(oneOfMultiple('name', 'params'));
    if (resolver === '') errors.push(missingField('resolver'));
    errors.push(...validateParamNames(ref.params));
  }
  if (resolver !== '') {
    errors.push(...requireBeta('resolver', config));
    if (name !== '' && isUrlLike(name)) errors.push(...conciseSyntax(config));
    else if (name !== '') errors.push(invalidValue('invalid URI for request', 'name'));
  }
  return errors;
}

function validateName(name: string, config: EngineConfig): readonly FieldError[] {
  if (name === '') return [missingField('name')];
  // Which resolver an address is for has to be said, whether or not the syntax is on.
  if (isUrlLike(name)) return [...conciseSyntax(config), missingField('resolver')];
  // Upstream refuses a name with a variable in it; here one is looked at when it is known.
  if (name.includes('$(')) return [];
  const problems = qualifiedNameProblems(name);
  return problems.length === 0 ? [] : [invalidValue(problems.join(','), 'name')];
}

function conciseSyntax(config: EngineConfig): readonly FieldError[] {
  if (config['enable-concise-resolver-syntax']) return [];
  return [fieldError('feature flag enable-concise-resolver-syntax should be set to true to use concise resolver syntax', '')];
}
