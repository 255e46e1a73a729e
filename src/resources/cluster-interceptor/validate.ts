import { type FieldError, missingField, oneOfMultiple } from '../field-error.ts';
import type { Interceptor } from '../interceptor/schema.ts';
import type { ClusterInterceptor } from './schema.ts';

/** Also of the namespaced kind. */
export function validateInterceptor(interceptor: ClusterInterceptor | Interceptor): readonly FieldError[] {
  const { url, service } = interceptor.spec.clientConfig ?? {};
  const errors: FieldError[] = [];
  if (url !== undefined && service !== undefined) errors.push(oneOfMultiple('spec.clientConfig.service', 'spec.clientConfig.url'));
  if (service !== undefined) {
    if ((service.namespace ?? '') === '') errors.push(missingField('spec.clientConfig.service.namespace'));
    if ((service.name ?? '') === '') errors.push(missingField('spec.clientConfig.service.name'));
  }
  return errors;
}
