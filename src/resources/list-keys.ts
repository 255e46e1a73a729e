/**
 * By which member the elements of a list are told apart, by the list's name: the `patchMergeKey`s of Kubernetes' core types. Where one name has two
 * (`ports` of containers and of services), the first that an element has. Lists that are not here are one value.
 */
const keys: ReadonlyMap<string, readonly string[]> = new Map([
  ...['containers', 'initContainers', 'ephemeralContainers', 'env', 'volumes', 'imagePullSecrets', 'secrets'].map(
    (list): [string, readonly string[]] => [list, ['name']],
  ),
  ['ports', ['containerPort', 'port']],
  ['volumeMounts', ['mountPath']],
  ['volumeDevices', ['devicePath']],
  ['conditions', ['type']],
  ['hostAliases', ['ip']],
  ['ownerReferences', ['uid']],
  ['topologySpreadConstraints', ['topologyKey']],
]);

/** Lists of plain values that are sets. */
const sets: ReadonlySet<string> = new Set(['finalizers']);

export type ListKind = { readonly type: 'map'; readonly keys: readonly string[] } | { readonly type: 'set' } | { readonly type: 'atomic' };

const ATOMIC: ListKind = { type: 'atomic' };
const SET: ListKind = { type: 'set' };

export function listKind(name: string): ListKind {
  if (sets.has(name)) return SET;
  const known = keys.get(name);
  return known === undefined ? ATOMIC : { type: 'map', keys: known };
}
