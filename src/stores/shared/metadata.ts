import { type ObjectKey, StoreError } from '../../ports/store.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../resources/object.ts';

const MAX_NAME = 253;

/**
 * What the store itself relies on: names that are one path segment (apimachinery pkg/api/validation/path; ASCII, so that every store has the
 * same order of names), and well-formed labels, finalizers and owner references. Everything else about a resource is admission's business. Throws `StoreError` `Invalid`.
 */
export function checkMetadata(object: KubeObject): void {
  if (!isText(object.apiVersion) || !isText(object.kind)) throw new StoreError('Invalid', 'an object needs apiVersion and kind');
  const metadata: unknown = object.metadata;
  if (!isRecord(metadata)) throw new StoreError('Invalid', `${object.kind}: metadata: required`);
  const { name, generateName, namespace, labels, annotations, finalizers, ownerReferences } = metadata;
  const refuse = (field: string, why: string): never => {
    throw new StoreError('Invalid', `${object.kind}: metadata.${field}: ${why}`);
  };
  if (name === undefined && generateName === undefined) refuse('name', 'name or generateName is required');
  for (const [field, value] of Object.entries({ name, generateName, namespace })) {
    if (value !== undefined && !isPathSegment(value))
      refuse(field, `${shown(value)} is not a name: expected 1 to ${MAX_NAME} characters of printable ASCII without "/" and "%"`);
  }
  for (const [field, value] of Object.entries({ labels, annotations })) {
    if (value !== undefined && !(isRecord(value) && Object.values(value).every((text) => typeof text === 'string')))
      refuse(field, 'expected an object of strings');
  }
  if (finalizers !== undefined && !(Array.isArray(finalizers) && finalizers.every(isText)))
    refuse('finalizers', 'expected a list of names');
  if (ownerReferences !== undefined && !(Array.isArray(ownerReferences) && ownerReferences.every(isOwnerReference))) {
    refuse('ownerReferences', 'expected a list of objects with apiVersion, kind, name and uid');
  }
}

/** As it stands in messages: `tekton.dev/PipelineRun ci/build-7`. */
export function describeObject(key: ObjectKey): string {
  return `${key.kind} ${key.namespace ? `${key.namespace}/` : ''}${key.name}`;
}

export function describeStored(object: Stored): string {
  return describeObject({ kind: groupKindOf(object), namespace: object.metadata.namespace, name: object.metadata.name });
}

function isOwnerReference(value: unknown): boolean {
  return isRecord(value) && isText(value['apiVersion']) && isText(value['kind']) && isText(value['name']) && isText(value['uid']);
}

function isPathSegment(value: unknown): boolean {
  return isText(value) && value.length <= MAX_NAME && value !== '.' && value !== '..' && /^[!-$&-.0-~]+$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"` : `a ${typeof value}`;
}
