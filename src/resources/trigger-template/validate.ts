import { type FieldError, invalidValue, missingField, under, underEach } from '../field-error.ts';
import type { TriggerTemplate, TriggerTemplateSpec } from './schema.ts';

export function validateTriggerTemplate(template: TriggerTemplate): readonly FieldError[] {
  const { params = [], resourcetemplates = [] } = template.spec;
  if (params.length === 0 && resourcetemplates.length === 0) return [missingField('spec', 'spec.resourcetemplates')];
  return under('spec', validateTriggerTemplateSpec(template.spec));
}

/** Also for a template written into a trigger. Paths are relative to the spec. */
export function validateTriggerTemplateSpec(spec: TriggerTemplateSpec): readonly FieldError[] {
  const declared = new Set(spec.params?.map((param) => param.name));
  return [
    ...((spec.resourcetemplates ?? []).length === 0 ? [missingField('resourcetemplates')] : []),
    ...underEach('resourcetemplates', spec.resourcetemplates, (template) => [
      ...(isText(template['apiVersion']) ? [] : [missingField('apiVersion')]),
      ...(isText(template['kind']) ? [] : [missingField('kind')]),
      ...undeclared(template, declared).map((name) =>
        invalidValue(`undeclared param '$(tt.params.${name})'`, '', `'$(tt.params.${name})' must be declared in spec.params`),
      ),
    ]),
  ];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Upstream's pattern, unescaped dots and all; it looks at the whole template's JSON, keys included. */
function undeclared(template: Readonly<Record<string, unknown>>, declared: ReadonlySet<string>): readonly string[] {
  const names = [...JSON.stringify(template).matchAll(/\$\(tt.params.([_a-zA-Z][_a-zA-Z0-9.-]*)\)/g)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => !declared.has(name));
}
