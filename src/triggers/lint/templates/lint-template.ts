import type { Admission } from '../../../resources/admit.ts';
import type { TriggerTemplateSpec } from '../../../resources/trigger-template/schema.ts';
import type { Finding } from '../finding.ts';
import { admitTemplate, findUnknownKind } from './admit-template.ts';
import { findPlaceholderMistakes } from './placeholders.ts';
import { lintResourceMetadata } from './resource-metadata.ts';

/** What admission says to an object. */
export type Admit = (raw: unknown) => Admission;

/** What is wrong with a template whoever uses it. `path` is that of the spec. */
export function lintTemplate(spec: TriggerTemplateSpec, path: string, admit: Admit | undefined): readonly Finding[] {
  const params = spec.params ?? [];
  const names = params.map(({ name }) => name);
  const repeated = params.flatMap(({ name }, index): readonly Finding[] => {
    if (names.indexOf(name) === index) return [];
    const message = `param ${JSON.stringify(name)} is declared twice: the last default counts`;
    return [{ severity: 'warning', code: 'param-repeated', path: `${path}.params[${index}].name`, message }];
  });
  const resources = (spec.resourcetemplates ?? []).flatMap((resource, index) => {
    const at = `${path}.resourcetemplates[${index}]`;
    const metadata = lintResourceMetadata(resource, at);
    const kind = findUnknownKind(resource, at);
    // What cannot be made at all need not be admitted.
    const broken = kind.length > 0 || metadata.some(({ severity }) => severity === 'error');
    const admitted = admit === undefined || broken ? [] : admitTemplate(resource, params, at, admit);
    return [...findPlaceholderMistakes(resource, names, at), ...kind, ...metadata, ...admitted];
  });
  return [...repeated, ...resources];
}
