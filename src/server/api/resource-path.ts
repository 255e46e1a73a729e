import type { ResourceType } from '../../resources/registry.ts';
import { parseRestPath } from './rest-path.ts';

/** What a Kubernetes REST path names. */
export interface ResourcePath {
  readonly type: ResourceType;
  /** In which version the client speaks; objects are stored in the type's. */
  readonly apiVersion: string;
  readonly namespace: string | undefined;
  /** Absent: the collection. */
  readonly name: string | undefined;
  /** `status`, `log`. */
  readonly subresource: string | undefined;
}

/** One object of a collection. */
export interface Target extends ResourcePath {
  readonly name: string;
}

/** `undefined`: nothing of these types is served there. */
export function parseResourcePath(path: string, types: ReadonlyMap<string, ResourceType>): ResourcePath | undefined {
  const rest = parseRestPath(path);
  if (rest === undefined) return undefined;
  const { group, version, resource, namespace, name, subresources } = rest;
  const type = types.get(typeKey(group, version, resource));
  if (type === undefined || subresources.length > 1) return undefined;
  if (namespace !== undefined && !type.namespaced) return undefined;
  return { type, apiVersion: group === '' ? version : `${group}/${version}`, namespace, name, subresource: subresources[0] };
}

export function typeKey(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}
