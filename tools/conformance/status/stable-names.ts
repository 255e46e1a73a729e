import { childName } from '../../../src/resources/naming/child-name.ts';
import type { KubeObject } from '../../../src/resources/object.ts';
import type { WorkspaceBinding } from '../../../src/resources/workspaces.ts';

/** The runs of a namespace under names that two clusters agree on. */
export interface NamedRuns {
  /** By stable name: `TaskRun recipe-time-*-fetch`, without what a server makes up at random. */
  readonly runs: ReadonlyMap<string, KubeObject>;
  /** Replaces what a server makes up in a text: names, uids, the namespace, names of claims. */
  readonly stable: (text: string) => string;
}

/**
 * Gives every run a stable name: a run that was named by `generateName` is `PREFIX*`, a child is named after its owner's stable name and its
 * pipeline task as upstream names children, with its number where the task fans out.
 */
export function nameRuns(objects: readonly KubeObject[]): NamedRuns {
  const names = new Map<string, string>();
  const byName = new Map(objects.map((object) => [keyOf(object.kind, object.metadata.name), object]));
  const siblings = new Map<string, number>();
  for (const object of objects) count(siblings, fanKey(object));

  const nameOf = (object: KubeObject): string => {
    const { name = '', generateName } = object.metadata;
    const known = names.get(keyOf(object.kind, name));
    if (known !== undefined) return known;
    const owner = ownerOf(object);
    const parent = owner && byName.get(keyOf(owner.kind, owner.name));
    const given = parent === undefined ? rootName(name, generateName) : `${nameOf(parent)}${suffixOf(object, parent, siblings)}`;
    names.set(keyOf(object.kind, name), given);
    return given;
  };

  const runs = new Map<string, KubeObject>();
  const madeUp = new Map<string, string>();
  for (const object of objects) {
    const { name = '' } = object.metadata;
    const given = nameOf(object);
    runs.set(unused(runs, `${object.kind} ${given}`), object);
    if (given !== name) madeUp.set(name, given);
    const { uid, namespace } = object.metadata;
    if (uid !== undefined) madeUp.set(uid, '<uid>');
    if (namespace !== undefined) madeUp.set(namespace, '<namespace>');
  }
  const named = replacer(madeUp);
  const claims = claimNames(objects);
  return { runs, stable: (text) => named(text).replaceAll(claims, '$1-<hash>') };
}

function rootName(name: string, generateName: string | undefined): string {
  return generateName === undefined ? name : `${generateName}*`;
}

/** As upstream names it, not shortened: `-TASK`, `-TASK-0` of a matrix. */
function suffixOf(object: KubeObject, parent: KubeObject, siblings: ReadonlyMap<string, number>): string {
  const { name = '', labels } = object.metadata;
  const task = labels?.['tekton.dev/pipelineTask'];
  const parentName = parent.metadata.name ?? '';
  if (task === undefined) return name.startsWith(parentName) ? name.slice(parentName.length) : `/${name}`;
  const suffix = `-${task}`;
  if ((siblings.get(fanKey(object)) ?? 0) < 2 && name === childName(parentName, suffix)) return suffix;
  const number = /-(\d+)$/.exec(name)?.[1];
  return number === undefined ? suffix : `${suffix}-${number}`;
}

/** A claim made from a template has a hash of its owner's uid in its name. */
function claimNames(objects: readonly KubeObject[]): RegExp {
  const heads = objects.flatMap(({ spec }) => {
    const { workspaces = [] } = (spec ?? {}) as { readonly workspaces?: readonly WorkspaceBinding[] };
    return workspaces.flatMap(({ volumeClaimTemplate: template }) => (template ? [template.metadata?.name || 'pvc'] : []));
  });
  return new RegExp(`\\b(${heads.map(escaped).join('|') || 'pvc'})-[0-9a-f]{10}\\b`, 'g');
}

function fanKey(object: KubeObject): string {
  const owner = ownerOf(object);
  return JSON.stringify([object.kind, owner?.kind, owner?.name, object.metadata.labels?.['tekton.dev/pipelineTask']]);
}

function ownerOf(object: KubeObject): { readonly kind: string; readonly name: string } | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** Two runs of one generateName that nothing tells apart are told apart by their order. */
function unused(runs: ReadonlyMap<string, unknown>, name: string): string {
  for (let number = 2, free = name; ; number++) {
    if (!runs.has(free)) return free;
    free = `${name} (${number})`;
  }
}

/** Whole names only; the longest first, since a child's begins with its owner's. */
function replacer(names: ReadonlyMap<string, string>): (text: string) => string {
  if (names.size === 0) return (text) => text;
  const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![a-z0-9])(?:${longestFirst.join('|')})(?![a-z0-9])`, 'g');
  return (text) => text.replaceAll(pattern, (name) => names.get(name) ?? name);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function keyOf(kind: string, name: string | undefined): string {
  return `${kind}/${name ?? ''}`;
}
