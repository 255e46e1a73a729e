import { admissionRules } from './admission/kinds.ts';
import { asV1beta1 } from './as-v1beta1.ts';
import { groupKindOf, type KubeObject } from './object.ts';
import { apiVersionOf, typeOfGroupKind } from './registry.ts';

/** A stored object as a client sees it who asks in an older version of its kind. Kinds of one shape in all versions only say another one. */
export function inVersion<T extends KubeObject>(object: T, apiVersion: string): T {
  if (object.apiVersion === apiVersion) return object;
  return { ...(apiVersion === 'tekton.dev/v1beta1' ? asV1beta1(object) : object), apiVersion } as T;
}

/** The way back: what a client has written in an older version, in the one that is stored. What admission would refuse is not told here. */
export function inStoredVersion(raw: Readonly<Record<string, unknown>>, kind: string): Readonly<Record<string, unknown>> {
  const { apiVersion } = raw;
  const groupKind = typeof apiVersion === 'string' ? groupKindOf({ apiVersion, kind }) : '';
  const type = typeOfGroupKind(groupKind);
  if (type === undefined || apiVersion === apiVersionOf(type)) return raw;
  return admissionRules.get(groupKind)?.convert?.(kind, raw) ?? raw;
}
