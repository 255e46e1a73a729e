import { configNamespace, validateConfigData } from '../../config-maps.ts';
import { type FieldError, fieldError } from '../../field-error.ts';
import { sameValue } from '../../same-value.ts';
import { validateBase64Values, validateDataKeys } from '../data-map.ts';
import type { ConfigMap } from './schema.ts';

export function validateConfigMap(map: ConfigMap): readonly FieldError[] {
  return [
    ...validateDataKeys('data', map.data),
    ...validateDataKeys('binaryData', map.binaryData),
    ...validateBase64Values('binaryData', map.binaryData, 'plain text belongs into data'),
    ...(map.metadata.namespace === configNamespace ? validateConfigData(map.metadata.name ?? '', map.data) : []),
  ];
}

export function validateConfigMapUpdate(before: ConfigMap, after: ConfigMap): readonly FieldError[] {
  if (before.immutable !== true) return [];
  const errors: FieldError[] = [];
  if (after.immutable !== true) errors.push(fieldError('field is immutable when `immutable` is set', 'immutable'));
  for (const field of ['data', 'binaryData'] as const) {
    if (!sameValue(before[field], after[field])) errors.push(fieldError('field is immutable when `immutable` is set', field));
  }
  return errors;
}
