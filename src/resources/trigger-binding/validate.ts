import type { ClusterTriggerBinding } from '../cluster-trigger-binding/schema.ts';
import { type FieldError, invalidValue, missingField, oneOfMultiple, underEach } from '../field-error.ts';
import type { TriggerBinding } from './schema.ts';

/** Also of the cluster-wide kind. */
export function validateTriggerBinding(binding: TriggerBinding | ClusterTriggerBinding): readonly FieldError[] {
  if ((binding.spec.params ?? []).length === 0) return [missingField('spec')];
  const seen = new Set<string>();
  return underEach('spec.params', binding.spec.params, ({ name, value }) => {
    const errors: FieldError[] = [];
    if (seen.has(name)) errors.push(oneOfMultiple('name'));
    seen.add(name);
    if (opensTwice(value)) errors.push(invalidValue(value, 'value'));
    return errors;
  });
}

/** A `$(` that the next `$(` comes before the end of. One left open at the end of the value is accepted, as upstream. */
function opensTwice(value: string): boolean {
  const parts = value.split('$(').slice(1);
  return parts.slice(0, -1).some((part) => !part.includes(')'));
}
