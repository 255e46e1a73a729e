import { type FieldError, fieldError, invalidValue, underEach } from './field-error.ts';
import type { LabelSelector } from './label-selector.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

const operators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** As Kubernetes: apimachinery pkg/apis/meta/v1/validation, `ValidateLabelSelector`. */
export function validateLabelSelector({ matchLabels = {}, matchExpressions }: LabelSelector): readonly FieldError[] {
  const labels = Object.entries(matchLabels).flatMap(([key, value]) => [
    ...labelKey(key, 'matchLabels'),
    ...labelValue(value, `matchLabels[${key}]`),
  ]);
  return [...labels, ...underEach('matchExpressions', matchExpressions, validateRequirement)];
}

function validateRequirement({
  key,
  operator,
  values = [],
}: NonNullable<LabelSelector['matchExpressions']>[number]): readonly FieldError[] {
  const errors = [...labelKey(key, 'key'), ...values.flatMap((value, index) => labelValue(value, `values[${index}]`))];
  if (!operators.includes(operator)) errors.push(invalidValue(operator, 'operator', `expected one of ${operators.join(', ')}`));
  const wantsValues = operator === 'In' || operator === 'NotIn';
  if (wantsValues && values.length === 0) errors.push(fieldError(`missing field(s)`, 'values', `${operator} needs at least one`));
  if (!wantsValues && values.length > 0) errors.push(fieldError('must not set the field(s)', 'values'));
  return errors;
}

function labelKey(key: string, path: string): FieldError[] {
  return isQualifiedName(key) ? [] : [invalidValue(key, path, 'expected a label key, like app or example.com/app')];
}

function labelValue(value: string, path: string): FieldError[] {
  if (isLabelValue(value)) return [];
  return [invalidValue(value, path, 'expected a label value: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends')];
}
