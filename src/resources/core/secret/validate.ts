import { type FieldError, fieldError } from '../../field-error.ts';
import { sameValue } from '../../same-value.ts';
import { validateBase64Values, validateDataKeys } from '../data-map.ts';
import type { Secret } from './schema.ts';

export function validateSecret(secret: Secret): readonly FieldError[] {
  return [...validateDataKeys('data', secret.data), ...validateBase64Values('data', secret.data, 'plain text belongs into stringData')];
}

export function validateSecretUpdate(before: Secret, after: Secret): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (before.type !== after.type) errors.push(fieldError('field is immutable', 'type'));
  if (before.immutable !== true) return errors;
  if (after.immutable !== true) errors.push(fieldError('field is immutable when `immutable` is set', 'immutable'));
  if (!sameValue(before.data, after.data)) errors.push(fieldError('field is immutable when `immutable` is set', 'data'));
  return errors;
}
