import { type FieldError, invalidValue, missingField, oneOfMissing, oneOfMultiple, under } from '../field-error.ts';
import { validateParamNames } from '../param-specs.ts';
import { validateWorkspaceBindings } from '../validate-run.ts';
import type { CustomRun } from './schema.ts';

/** 2.11: the first thing that is wrong, as upstream tells. The work itself is a custom controller's to judge. */
export function validateCustomRun(run: CustomRun): readonly FieldError[] {
  const { customRef, customSpec, status = '', statusMessage = '', params, workspaces } = run.spec;
  if (customRef !== undefined && customSpec !== undefined) return [oneOfMultiple('spec.customRef', 'spec.customSpec')];
  if (customRef === undefined && customSpec === undefined) return [oneOfMissing('spec.customRef', 'spec.customSpec')];
  const [field, part] = customRef === undefined ? ['spec.customSpec', customSpec] : ['spec.customRef', customRef];
  if ((part?.apiVersion ?? '') === '') return [missingField(`${field}.apiVersion`)];
  if ((part?.kind ?? '') === '') return [missingField(`${field}.kind`)];
  if (status === '' && statusMessage !== '') {
    // Upstream names this one without `spec`.
    return [
      invalidValue(`statusMessage should not be set if status is not set, but it is currently set to ${statusMessage}`, 'statusMessage'),
    ];
  }
  const repeatedParams = under('spec.params', validateParamNames(params));
  return repeatedParams.length > 0 ? repeatedParams : under('spec', validateWorkspaceBindings(workspaces));
}
