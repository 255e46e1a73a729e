import { type ObjectKey, StoreError } from '../../ports/store.ts';
import type { GroupKind } from '../../resources/object.ts';
import { apiVersionOf, type ResourceType, typeOfGroupKind } from '../../resources/registry.ts';

export function typeOf(kind: GroupKind): ResourceType {
  const type = typeOfGroupKind(kind);
  if (type === undefined) throw new StoreError('Invalid', `unknown kind ${kind}`);
  return type;
}

/** `/apis/tekton.dev/v1/namespaces/ci/taskruns`; without a namespace, of all of them. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${apiVersionOf(type)}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${type.plural}`;
}

export function objectPath({ kind, namespace, name }: ObjectKey, subresource?: 'status'): string {
  const path = `${collectionPath(typeOf(kind), namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
