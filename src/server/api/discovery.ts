import type { ResourceType } from '../../resources/registry.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** The answers by which `kubectl` learns what is served. `undefined`: no such document. */
export function discover(path: string, types: readonly ResourceType[]): Record<string, unknown> | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts[0] === 'api') {
    if (parts.length === 1) return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
    return parts.length === 2 ? resourceList('', parts[1] ?? '', types) : undefined;
  }
  if (parts[0] !== 'apis') return undefined;
  const [, group, version] = parts;
  if (group === undefined) {
    const groups = [...new Set(types.map((type) => type.group))].filter((name) => name !== '').map((name) => apiGroup(name, types));
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  if (!types.some((type) => type.group === group)) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, types) };
  return parts.length === 3 ? resourceList(group, version, types) : undefined;
}

function apiGroup(name: string, types: readonly ResourceType[]): Record<string, unknown> {
  const versions = [...new Set(types.filter((type) => type.group === name).map((type) => type.version))]
    .sort(byStability)
    .map((version) => ({ groupVersion: `${name}/${version}`, version }));
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

function resourceList(group: string, version: string, types: readonly ResourceType[]): Record<string, unknown> | undefined {
  const served = types.filter((type) => type.group === group && type.version === version);
  if (served.length === 0) return undefined;
  const resources = served.flatMap(({ plural, kind, namespaced, shortNames }) => [
    { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs: VERBS, shortNames },
    { name: `${plural}/status`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] },
    ...(group === '' && plural === 'pods' ? [{ name: 'pods/log', singularName: '', namespaced, kind, verbs: ['get'] }] : []),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources };
}
