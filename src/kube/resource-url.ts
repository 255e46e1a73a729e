import type { GroupKind } from '../resources/object.ts';
import { type ResourceType, typeOfGroupKind } from '../resources/registry.ts';

/** The path of a collection, or with `name` of one object: `/apis/tekton.dev/v1/namespaces/ci/taskruns/build`. */
export function resourceUrl(type: ResourceType, namespace?: string, name?: string, subresource?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${type.plural}${object}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** Throws for a kind that nobody knows. */
export function knownType(kind: GroupKind): ResourceType {
  const type = typeOfGroupKind(kind);
  if (type === undefined) throw new Error(`unknown kind ${kind}`);
  return type;
}
