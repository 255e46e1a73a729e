/** What a Kubernetes REST path says, whether or not anything is served there. */
export interface RestPath {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural: `pipelineruns`. */
  readonly resource: string;
  /** The one it lies in; a Namespace lies in none. */
  readonly namespace: string | undefined;
  /** Absent: the collection. */
  readonly name: string | undefined;
  /** `status`, `log`; a path that goes on too long has several. */
  readonly subresources: readonly string[];
}

/**
 * `/api/v1/namespaces/ns/pods/x/log`, `/apis/tekton.dev/v1/pipelineruns`: core kinds under `/api/v1`, others under `/apis/<group>/<version>`.
 * `/namespaces/x` and `/namespaces/x/status` name the Namespace itself. Who decides on a request and who serves it read it by this, so that they never
 * mean different things. `undefined`: no resource, or not decodable.
 */
export function parseRestPath(path: string): RestPath | undefined {
  const parts = segments(path);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const [group = '', version = ''] = core ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(core ? 2 : 3);
  const inNamespace = rest[0] === 'namespaces' && rest.length >= 3 && rest[2] !== 'status';
  const [resource, name, ...subresources] = inNamespace ? rest.slice(2) : rest;
  if (resource === undefined) return undefined;
  return { group, version, resource, namespace: inNamespace ? rest[1] : undefined, name, subresources };
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
