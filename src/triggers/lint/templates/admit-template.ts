import type { FieldError } from '../../../resources/field-error.ts';
import { groupKindOf } from '../../../resources/object.ts';
import { resourceTypes, typeOfGroupKind } from '../../../resources/registry.ts';
import type { TriggerTemplateParam } from '../../../resources/trigger-template/schema.ts';
import { warningParts } from '../../../resources/warning-parts.ts';
import type { Finding } from '../finding.ts';
import { nearest } from '../nearest.ts';
import type { Admit } from './lint-template.ts';
import { textsOf } from './texts-of.ts';

type Resource = Readonly<Record<string, unknown>>;

/** What admission would say to the objects of a resource template, where it does not depend on the params. */
export function admitTemplate(resource: Resource, params: readonly TriggerTemplateParam[], path: string, admit: Admit): readonly Finding[] {
  if (identityOf(resource) === undefined) return [];
  const admission = admit(fillIn(resource, new Map(params.map((param) => [param.name, param.default ?? '']))));
  if (admission.ok) return admission.warnings.map((warning) => warningFinding(warning, path));
  return admission.errors
    .filter(({ paths }) => !paths.some((at) => dependsOnParams(resource, at)))
    .map((error) => errorFinding(error, path));
}

/** Absent: not written, or made of params. */
function identityOf({ apiVersion, kind }: Resource): { readonly apiVersion: string; readonly kind: string } | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || `${apiVersion}${kind}`.includes('$(')) return undefined;
  return { apiVersion, kind };
}

/** A kind that nothing keeps here. In another project's group it may be right for a cluster. */
export function findUnknownKind(resource: Resource, path: string): readonly Finding[] {
  const identity = identityOf(resource);
  if (identity === undefined || typeOfGroupKind(groupKindOf(identity)) !== undefined) return [];
  const { apiVersion, kind } = identity;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const kinds = resourceTypes.filter((type) => type.group === group).map((type) => type.kind);
  const ours = group !== '' && kinds.length > 0;
  const message = `${apiVersion} has no kind ${kind} that this server keeps: creating one fails`;
  const suggestion = nearest(kind, kinds);
  return [{ severity: ours ? 'error' : 'warning', code: 'template-kind', path: `${path}.kind`, message, suggestion }];
}

function warningFinding(warning: string, path: string): Finding {
  const { path: at, text } = warningParts(warning);
  return { severity: 'warning', code: 'template-object', path: at === '' ? path : `${path}.${at}`, message: text };
}

function errorFinding({ message, paths, details }: FieldError, path: string): Finding {
  const [at = ''] = paths;
  const which = paths.length > 1 ? `${message}: ${paths.join(', ')}` : message;
  const text = `what it creates is refused: ${which}${details === undefined ? '' : ` (${details})`}`;
  return { severity: 'error', code: 'template-object', path: at === '' ? path : `${path}.${at}`, message: text };
}

const placeholder = /\$\((?:tt\.params\.([^()]*)|uid)\)/g;

/** The object with something plausible for every placeholder. */
function fillIn(value: unknown, defaults: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return value.replace(placeholder, (_, name?: string) => defaults.get(name ?? '') || 'x');
  if (Array.isArray(value)) return value.map((element) => fillIn(element, defaults));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [fillIn(key, defaults), fillIn(member, defaults)]));
}

/** Whether there is a placeholder in the part that an error is about. */
function dependsOnParams(resource: Resource, path: string): boolean {
  let part: unknown = resource;
  for (const [, index, name] of path.matchAll(/\[([^\]]*)\]|([^.[]+)/g)) {
    const next = memberOf(part, index ?? name ?? '');
    // A field that is missing depends on nothing; a key in brackets may be one that is made of params.
    if (next === undefined) return index !== undefined && hasPlaceholder(part);
    part = next;
  }
  return hasPlaceholder(part);
}

function memberOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Resource)[key] : undefined;
}

function hasPlaceholder(value: unknown): boolean {
  return textsOf(value).some(({ text }) => /\$\((?:tt\.params\.[^()]*|uid)\)/.test(text));
}
