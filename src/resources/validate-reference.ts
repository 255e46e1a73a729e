import type { EngineConfig } from './engine-config.ts';
import { requireBeta } from './feature-gates.ts';
import { type FieldError, fieldError, invalidValue, missingField, oneOfMultiple } from './field-error.ts';
import { isQualifiedName, isUrlLike } from './names.ts';
import { validateParamNames } from './param-specs.ts';
import type { Param } from './params.ts';

interface Reference {
  readonly name?: string | undefined;
  readonly resolver?: string | undefined;
  readonly params?: readonly Param[] | undefined;
}

/** Rules of taskRef, pipelineRef and step.ref: a name, or a resolver with its params. */
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
    if (name !== '') errors.push(...validateResolverUrl(name, config));
  }
  return errors;
}

function validateName(name: string, config: EngineConfig): readonly FieldError[] {
  if (name === '') return [missingField('name')];
  // A name with a variable in it is known only at run time.
  if (name.includes('$(')) return [];
  if (isUrlLike(name)) return config['enable-concise-resolver-syntax'] ? [missingField('resolver')] : [conciseSyntaxOff];
  if (isQualifiedName(name)) return [];
  return [
    invalidValue(
      name,
      'name',
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ),
  ];
}

function validateResolverUrl(name: string, config: EngineConfig): readonly FieldError[] {
  if (!isUrlLike(name)) return [invalidValue('invalid URI for request', 'name')];
  return config['enable-concise-resolver-syntax'] ? [] : [conciseSyntaxOff];
}

const conciseSyntaxOff: FieldError = fieldError(
  'feature flag enable-concise-resolver-syntax should be set to true to use concise resolver syntax',
  '',
);
