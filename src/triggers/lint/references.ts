import type { GroupKind, KubeObject } from '../../resources/object.ts';
import { coreInterceptorNames } from '../interceptors/registry.ts';
import type { LocatedFinding } from './located-finding.ts';
import { nearest } from './nearest.ts';

/** Something an object names that has to be there when an event comes. */
export interface Reference {
  readonly about: KubeObject;
  readonly path: string;
  readonly kind: GroupKind;
  /** Absent: of cluster-scoped kinds. Empty: the file does not say. */
  readonly namespace?: string | undefined;
  readonly name: string;
  /** Of a Secret. */
  readonly key?: string | undefined;
}

/** What is known of the object a reference names. */
export interface Referred {
  readonly found: boolean;
  /** Keys of a Secret that is there. */
  readonly keys?: readonly string[] | undefined;
  /** Names of objects of that kind that are there. */
  readonly names?: readonly string[] | undefined;
}

/** A warning, as the object may come later: the order in which things are applied is free. */
export function missingFindings(reference: Reference, { found, keys, names = [] }: Referred): readonly LocatedFinding[] {
  const { about, path, kind, namespace, name, key } = reference;
  const shown = kind.slice(kind.indexOf('/') + 1);
  const where = namespace === undefined || namespace === '' ? '' : ` in namespace ${namespace}`;
  if (!found) {
    const message = `there is no ${shown} ${JSON.stringify(name)}${where}`;
    const candidates = shown === 'ClusterInterceptor' ? [...coreInterceptorNames(), ...names] : names;
    return [{ about, severity: 'warning', code: 'not-found', path, message, suggestion: nearest(name, candidates) }];
  }
  if (key === undefined || key === '' || keys === undefined || keys.includes(key)) return [];
  const message = `${shown} ${JSON.stringify(name)}${where} has no key ${JSON.stringify(key)}`;
  return [{ about, severity: 'warning', code: 'not-found', path, message, suggestion: nearest(key, keys) }];
}
