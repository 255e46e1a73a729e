import type { ResourceType } from '../resources/registry.ts';

export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  /** The stored one if absent. */
  readonly version?: string | undefined;
}

/** The path of a collection, or with `name` of one object: `/apis/tekton.dev/v1/namespaces/ci/taskruns/build`. */
export function resourceUrl(type: ResourceType, { namespace, name, subresource, version = type.version }: Place = {}): string {
  const root = type.group === '' ? `/api/${version}` : `/apis/${type.group}/${version}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${type.plural}${object}${subresource === undefined ? '' : `/${subresource}`}`;
}
