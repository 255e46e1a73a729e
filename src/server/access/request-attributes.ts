import { parseRestPath } from '../api/rest-path.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request wants, in the words in which Kubernetes decides on it. */
export interface RequestAttributes {
  readonly verb: Verb;
  readonly path: string;
  /** Absent: the path is of no resource (`/version`, discovery). */
  readonly resource?: ResourceAttributes | undefined;
}

export interface ResourceAttributes {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural: `pipelineruns`. */
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** `url` is the request's target with its query. Undecodable paths are of no resource. */
export function attributesOf(method: string, url: string): RequestAttributes {
  // As it came, like the routes see it: a URL parser would take `//api` for a host and resolve `..`.
  const [path = '', query] = url.split('?', 2);
  const watch = new URLSearchParams(query).get('watch') ?? 'false';
  const resource = resourceOf(path);
  return { verb: verbOf(method, resource, ['1', 'true', ''].includes(watch)), path, resource };
}

function verbOf(method: string, resource: ResourceAttributes | undefined, watch: boolean): Verb {
  // Whatever method opens it, a command that runs is something new (and to watch a stream is not to read an object).
  if (resource?.subresource === 'exec' || resource?.subresource === 'attach') return 'create';
  switch (method) {
    case 'GET':
    case 'HEAD':
    case 'OPTIONS':
      if (resource !== undefined && watch) return 'watch';
      return resource === undefined || resource.name !== undefined ? 'get' : 'list';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return resource?.name === undefined ? 'deletecollection' : 'delete';
    default:
      return 'create';
  }
}

/** A Namespace is in itself, as Kubernetes sees it. */
function resourceOf(path: string): ResourceAttributes | undefined {
  const rest = parseRestPath(path);
  if (rest === undefined) return undefined;
  const { group, version, resource, name, subresources } = rest;
  const namespace = rest.namespace ?? (resource === 'namespaces' ? name : undefined);
  return { group, version, resource, name, namespace, subresource: subresources.length === 0 ? undefined : subresources.join('/') };
}
