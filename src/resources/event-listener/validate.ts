import { type FieldError, fieldError, invalidValue, missingField, oneOfMissing, oneOfMultiple, under, underEach } from '../field-error.ts';
import { isLabelValue } from '../names.ts';
import { validateBindings, validateInterceptors, validateTemplate } from '../trigger/validate.ts';
import type { EventListener, EventListenerTrigger, TriggerGroup } from './schema.ts';
import { validateResources } from './validate-resources.ts';

/** The listener's Deployment and Service are called `el-<name>`, which must fit 63 characters. */
const longestName = 60;

export function validateEventListener(listener: EventListener): readonly FieldError[] {
  const { name = '', annotations = {} } = listener.metadata;
  const { triggers = [], triggerGroups = [], namespaceSelector, labelSelector, resources } = listener.spec;
  const errors: FieldError[] = [];
  if (name.length > longestName) {
    const message = `eventListener name '${name}' must be no more than ${longestName} characters long`;
    errors.push(invalidValue(message, 'metadata.name'));
  }
  const check = Object.hasOwn(annotations, 'tekton.dev/payload-validation') ? annotations['tekton.dev/payload-validation'] : 'true';
  if (check !== 'true' && check !== 'false') {
    errors.push(invalidValue("tekton.dev/payload-validation annotation must have value 'true' or 'false'", 'metadata.annotations'));
  }
  const selects = (namespaceSelector?.matchNames ?? []).length > 0 || labelSelector !== undefined;
  if (triggers.length === 0 && triggerGroups.length === 0 && !selects) {
    errors.push(oneOfMissing('spec.labelSelector', 'spec.namespaceSelector', 'spec.triggerGroups', 'spec.triggers'));
  }
  return [
    ...errors,
    ...underEach('spec.triggers', triggers, validateListenerTrigger),
    ...underEach('spec.triggerGroups', triggerGroups, validateGroup),
    ...(resources === undefined ? [] : under('spec.resources', validateResources(resources))),
  ];
}

/** Paths begin at the trigger's own fields. */
export function validateListenerTrigger(trigger: EventListenerTrigger): readonly FieldError[] {
  const { name = '', triggerRef = '', template, bindings = [], interceptors = [] } = trigger;
  const errors: FieldError[] = [];
  if (triggerRef === '' && template === undefined) errors.push(oneOfMissing('template', 'triggerRef'));
  if (triggerRef !== '' && (template !== undefined || bindings.length > 0 || interceptors.length > 0)) {
    errors.push(oneOfMultiple('template or bindings or interceptors', 'triggerRef'));
  }
  if (!isLabelValue(name)) errors.push(invalidValue(`trigger name '${name}' must be a valid label value`, 'name'));
  return [
    ...errors,
    ...validateBindings(bindings),
    ...(template === undefined ? [] : under('template', validateTemplate(template))),
    ...validateInterceptors(interceptors),
  ];
}

/** Upstream does not look into a group's interceptors. */
function validateGroup({ interceptors = [], triggerSelector = {} }: TriggerGroup): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (interceptors.length === 0) errors.push(missingField('interceptors'));
  const { namespaceSelector, labelSelector } = triggerSelector;
  if ((namespaceSelector?.matchNames ?? []).length === 0 && labelSelector === undefined) {
    errors.push(fieldError('expected exactly one, got neither', ['triggerSelector.labelSelector', 'triggerSelector.namespaceSelector']));
  }
  return errors;
}
