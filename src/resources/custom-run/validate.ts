import { type FieldError, fieldError, missingField, oneOfMissing, oneOfMultiple, under } from '../field-error.ts';
import { validateParamNames } from '../param-specs.ts';
import { validateWorkspaceBindings } from '../validate-run.ts';
import type { CustomRun } from './schema.ts';

/** 2.11. The work itself is a custom controller's to judge. */
export function validateCustomRun(run: CustomRun): readonly FieldError[] {
  const { customRef, customSpec, status = '', statusMessage = '', params, workspaces } = run.spec;
  const errors: FieldError[] = [];
  if (customRef === undefined && customSpec === undefined) errors.push(oneOfMissing('spec.customRef', 'spec.customSpec'));
  if (customRef !== undefined && customSpec !== undefined) errors.push(oneOfMultiple('spec.customRef', 'spec.customSpec'));
  for (const [field, part] of [['spec.customRef', customRef] as const, ['spec.customSpec', customSpec] as const]) {
    if (part === undefined) continue;
    if ((part.apiVersion ?? '') === '') errors.push(missingField(`${field}.apiVersion`));
    if ((part.kind ?? '') === '') errors.push(missingField(`${field}.kind`));
  }
  if (status === '' && statusMessage !== '') {
    const message = `statusMessage should not be set if status is not set, but it is currently set to ${statusMessage}`;
    errors.push(fieldError(`invalid value: ${message}`, 'spec.statusMessage'));
  }
  return [...errors, ...under('spec.params', validateParamNames(params)), ...under('spec', validateWorkspaceBindings(workspaces))];
}
