import { categoriesOf } from '../../resources/categories.ts';
import type { ResourceType } from '../../resources/registry.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

const POD_SUBRESOURCES: readonly Subresource[] = [
  { name: 'log', kind: 'Pod', verbs: ['get'] },
  { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
];

interface Served {
  readonly type: ResourceType;
  readonly subresources: readonly Subresource[];
}

/** The answers by which `kubectl` learns what is served. `undefined`: no such document. */
export function discover(path: string, types: readonly ResourceType[], accept: string | undefined): DiscoveryDocument | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.length === 1 && (parts[0] === 'api' || parts[0] === 'apis') && accept?.includes('as=APIGroupDiscoveryList') === true) {
    const contentType = accept.split(',').find((range) => range.includes('as=APIGroupDiscoveryList')) ?? '';
    const version = /;v=(v2beta1|v2)(;|$)/.exec(contentType.trim())?.[1];
    if (version !== undefined)
      return aggregated(
        version,
        types.filter(({ group }) => (group === '') === (parts[0] === 'api')),
      );
  }
  const body = legacy(parts, types);
  return body === undefined ? undefined : { contentType: 'application/json', body };
}

export interface DiscoveryDocument {
  readonly contentType: string;
  readonly body: Readonly<Record<string, unknown>>;
}

function legacy(parts: readonly string[], types: readonly ResourceType[]): Record<string, unknown> | undefined {
  if (parts[0] === 'api') {
    if (parts.length === 1) return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
    return parts.length === 2 ? resourceList('', parts[1] ?? '', types) : undefined;
  }
  if (parts[0] !== 'apis') return undefined;
  const [, group, version] = parts;
  if (group === undefined) {
    const groups = groupNames(types)
      .filter((name) => name !== '')
      .map((name) => apiGroup(name, types));
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  if (!types.some((type) => type.group === group)) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, types) };
  return parts.length === 3 ? resourceList(group, version, types) : undefined;
}

/** All of it in one answer, as kubectl asks for since 1.27. */
function aggregated(apiVersion: string, types: readonly ResourceType[]): DiscoveryDocument {
  const items = groupNames(types).map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(group, types).map((version) => ({
      version,
      resources: servedIn(group, version, types).map(({ type, subresources }) => ({
        resource: type.plural,
        responseKind: { group, version, kind: type.kind },
        scope: type.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: type.kind.toLowerCase(),
        verbs: VERBS,
        ...(type.shortNames.length > 0 && { shortNames: type.shortNames }),
        ...categories(type),
        subresources: subresources.map(({ name, kind, verbs }) => ({
          subresource: name,
          responseKind: { group, version, kind },
          verbs,
        })),
      })),
      freshness: 'Current',
    })),
  }));
  return {
    contentType: `application/json;g=apidiscovery.k8s.io;v=${apiVersion};as=APIGroupDiscoveryList`,
    body: { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${apiVersion}`, metadata: {}, items },
  };
}

function groupNames(types: readonly ResourceType[]): readonly string[] {
  return [...new Set(types.map((type) => type.group))];
}

/** The most stable first. */
function versionsOf(group: string, types: readonly ResourceType[]): readonly string[] {
  return [...new Set(types.filter((type) => type.group === group).flatMap((type) => [type.version, ...type.olderVersions]))].sort(
    byStability,
  );
}

function apiGroup(name: string, types: readonly ResourceType[]): Record<string, unknown> {
  const versions = versionsOf(name, types).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

/** `v1` before `v1beta1` before `v1alpha1`. */
function byStability(a: string, b: string): number {
  return rank(b) - rank(a) || (a < b ? 1 : -1);
}

function rank(version: string): number {
  if (version.includes('alpha')) return 0;
  return version.includes('beta') ? 1 : 2;
}

function servedIn(group: string, version: string, types: readonly ResourceType[]): readonly Served[] {
  return types
    .filter((type) => type.group === group && (type.version === version || type.olderVersions.includes(version)))
    .map((type) => ({
      type,
      subresources: [
        { name: 'status', kind: type.kind, verbs: STATUS_VERBS },
        ...(group === '' && type.plural === 'pods' ? POD_SUBRESOURCES : []),
      ],
    }));
}

function categories(type: ResourceType): { readonly categories?: readonly string[] } {
  const found = categoriesOf(type);
  return found.length === 0 ? {} : { categories: found };
}

function resourceList(group: string, version: string, types: readonly ResourceType[]): Record<string, unknown> | undefined {
  const served = servedIn(group, version, types);
  if (served.length === 0) return undefined;
  const resources = served.flatMap(({ type, subresources }) => {
    const { plural, kind, namespaced, shortNames } = type;
    return [
      { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs: VERBS, shortNames, ...categories(type) },
      ...subresources.map((sub) => ({ name: `${plural}/${sub.name}`, singularName: '', namespaced, kind: sub.kind, verbs: sub.verbs })),
    ];
  });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources };
}
