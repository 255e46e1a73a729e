import { groupKindOf } from '../../resources/object.ts';
import { apiVersionOf, type ResourceType } from '../../resources/registry.ts';
import { badRequest } from './api-error.ts';
import type { ResourcePath } from './resource-path.ts';

export function groupKind(type: ResourceType): string {
  return groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind });
}

export function metadataOf(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = raw['metadata'] ?? {};
  if (typeof metadata !== 'object' || Array.isArray(metadata)) throw badRequest('metadata: expected an object');
  return metadata as Readonly<Record<string, unknown>>;
}

/** Kind and place must be those of the path; what is not said is filled in. Who manages which field is taken out: it is kept apart. */
export function addressed(
  raw: Readonly<Record<string, unknown>>,
  { type, apiVersion: asked, namespace, name }: ResourcePath,
): Record<string, unknown> {
  const apiVersion = raw['apiVersion'] ?? asked;
  const kind = raw['kind'] ?? type.kind;
  // Another version of the group is for admission to convert or refuse.
  if (typeof apiVersion !== 'string' || groupKindOf({ apiVersion, kind: type.kind }) !== groupKind(type) || kind !== type.kind) {
    throw badRequest(
      `the object in the body is ${JSON.stringify(apiVersion)} ${JSON.stringify(kind)}, the path is for ${apiVersionOf(type)} ${type.kind}`,
    );
  }
  const metadata = metadataOf(raw);
  const place = type.namespaced ? (namespace ?? metadata['namespace']) : undefined;
  if (type.namespaced && (typeof place !== 'string' || place === ''))
    throw badRequest(`a ${type.kind} needs a namespace: POST to /namespaces/<namespace>/${type.plural}`);
  if (metadata['namespace'] !== undefined && metadata['namespace'] !== '' && metadata['namespace'] !== place) {
    throw badRequest(
      `the namespace of the object (${String(metadata['namespace'])}) does not match the namespace of the request (${String(place)})`,
    );
  }
  if (name !== undefined && metadata['name'] !== undefined && metadata['name'] !== name) {
    throw badRequest(`the name of the object (${String(metadata['name'])}) does not match the name of the request (${name})`);
  }
  const filled: Record<string, unknown> = { ...metadata };
  if (place === undefined) delete filled['namespace'];
  else filled['namespace'] = place;
  if (name !== undefined) filled['name'] = name;
  delete filled['managedFields'];
  return { ...raw, apiVersion, kind, metadata: filled };
}
