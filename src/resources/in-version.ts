import { type AdmissionRules, admissionRules } from './admission/kinds.ts';
import { asV1beta1 } from './as-v1beta1.ts';
import type { FieldError } from './field-error.ts';
import { groupKindOf, type KubeObject } from './object.ts';
import { apiVersionOf, typeOfGroupKind } from './registry.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A stored object as a client sees it who asks in an older version of its kind. Kinds of one shape in all versions only say another one. */
export function inVersion<T extends KubeObject>(object: T, apiVersion: string): T {
  if (object.apiVersion === apiVersion) return object;
  return { ...(apiVersion === 'tekton.dev/v1beta1' ? asV1beta1(object) : object), apiVersion } as T;
}

/** The way back: what a client has written in an older version, in the one that is stored. */
export function inStoredVersion(raw: Fields, kind: string): Fields {
  return rulesForOlder(raw, kind)?.convert?.(kind, raw) ?? raw;
}

/** What of it has no place in that older version, and would be lost or let in by the conversion. */
export function problemsInVersion(raw: Fields, kind: string): readonly FieldError[] {
  const problems = rulesForOlder(raw, kind)?.problems?.(kind, raw);
  return problems === undefined ? [] : [...problems.unknown, ...problems.disallowed];
}

function rulesForOlder({ apiVersion }: Fields, kind: string): AdmissionRules | undefined {
  const groupKind = typeof apiVersion === 'string' ? groupKindOf({ apiVersion, kind }) : '';
  const type = typeOfGroupKind(groupKind);
  return type === undefined || apiVersion === apiVersionOf(type) ? undefined : admissionRules.get(groupKind);
}
