import { textsOf } from '../../expressions/variables/result-reference.ts';
import { type FieldError, invalidValue, missingField, oneOfMissing, oneOfMultiple, under, underEach } from '../field-error.ts';
import { validateTriggerTemplateSpec } from '../trigger-template/validate.ts';
import type { Trigger, TriggerInterceptor, TriggerSpecBinding, TriggerSpecTemplate, WebhookInterceptor } from './schema.ts';

export function validateTrigger(trigger: Trigger): readonly FieldError[] {
  const { bindings, interceptors, template = {} } = trigger.spec;
  return under('spec', [
    ...validateBindings(bindings),
    ...validateInterceptors(interceptors),
    ...under('template', validateTemplate(template)),
  ]);
}

/** Paths begin at `bindings[i]`. */
export function validateBindings(bindings: readonly TriggerSpecBinding[] | undefined): readonly FieldError[] {
  return underEach('bindings', bindings, ({ name = '', value, ref = '', kind = '' }) => {
    if (name === '' && ref === '') return [oneOfMissing('name', 'ref', 'spec')];
    if (name !== '' && ref !== '') return [oneOfMultiple('name', 'ref')];
    if (name !== '') return value === undefined ? [missingField('value')] : [];
    return kind === 'TriggerBinding' || kind === 'ClusterTriggerBinding' ? [] : [invalidValue('invalid kind', 'kind')];
  });
}

const templateVersions: ReadonlySet<string> = new Set(['', 'v1alpha1', 'v1beta1']);

/** Paths are relative to the template. */
export function validateTemplate(template: TriggerSpecTemplate): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { ref, spec, apiversion = '' } = template;
  if (!templateVersions.has(apiversion)) errors.push(invalidValue('invalid apiVersion', 'apiVersion'));
  if (ref === undefined && spec === undefined) errors.push(oneOfMissing('ref', 'spec'));
  if (ref !== undefined && spec !== undefined) errors.push(oneOfMultiple('ref', 'spec'));
  else if (ref === '') errors.push(missingField('ref'));
  if (spec !== undefined) errors.push(...under('spec', validateTriggerTemplateSpec(spec)));
  return errors;
}

/** Paths begin at `interceptors[i]`. */
export function validateInterceptors(interceptors: readonly TriggerInterceptor[] | undefined): readonly FieldError[] {
  return underEach('interceptors', interceptors, ({ ref, webhook }) => {
    if (webhook !== undefined) return under('interceptor.webhook', validateWebhook(webhook));
    return (ref?.name ?? '') === '' ? [missingField('interceptor')] : [];
  });
}

function validateWebhook({ objectRef, header = [] }: WebhookInterceptor): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (objectRef === undefined || (objectRef.name ?? objectRef.kind ?? objectRef.apiVersion ?? '') === '')
    errors.push(missingField('objectRef'));
  else {
    if ((objectRef.kind ?? '') !== 'Service') errors.push(invalidValue('invalid kind', 'objectRef.kind'));
    if ((objectRef.apiVersion ?? '') !== 'v1') errors.push(invalidValue('invalid apiVersion', 'objectRef.apiVersion'));
  }
  errors.push(
    ...underEach('header', header, ({ name, value }) => [
      ...(isCanonicalHeader(name) ? [] : [invalidValue('invalid header name', 'name')]),
      ...(textsOf(value).every((text) => text === '') ? [invalidValue('invalid header value', 'value')] : []),
    ]),
  );
  return errors;
}

/** Go's canonical form: `X-Github-Event`. */
function isCanonicalHeader(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Z][!#$%&'*+.^_`|~0-9a-z]*(?:-(?:[!#$%&'*+.^_`|~0-9A-Z][!#$%&'*+.^_`|~0-9a-z]*)?)*$/.test(name);
}
