import type { ResourceType } from '../../resources/registry.ts';

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

/**
 * `/api/v1/namespaces/ns/pods/x/log`, `/apis/tekton.dev/v1/pipelineruns`: core kinds under `/api/v1`, others under `/apis/<group>/<version>`.
 * `/namespaces/x` and `/namespaces/x/status` name the Namespace itself.
 */
export function parseResourcePath(path: string, types: ReadonlyMap<string, ResourceType>): ResourcePath | undefined {
  const parts = segments(path);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const [group = '', version = ''] = core ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(core ? 2 : 3);
  const inNamespace = rest[0] === 'namespaces' && rest.length >= 3 && rest[2] !== 'status';
  const [plural = '', name, subresource, ...more] = inNamespace ? rest.slice(2) : rest;
  const type = types.get(typeKey(group, version, plural));
  if (type === undefined || more.length > 0) return undefined;
  if (inNamespace && !type.namespaced) return undefined;
  const apiVersion = core ? version : `${group}/${version}`;
  return { type, apiVersion, namespace: inNamespace ? rest[1] : undefined, name, subresource };
}

export function typeKey(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}

function segments(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return [];
  }
}
