import type { KubeObject } from '../../resources/object.ts';
import type { Finding } from './finding.ts';

/** A finding and the object it is in. */
export interface LocatedFinding extends Finding {
  readonly about: KubeObject;
  /** Where another object uses it in a way that does not work: `Trigger build`. */
  readonly usedBy?: string | undefined;
}

/** Each once, however many ways lead to it. */
export function distinct(findings: readonly LocatedFinding[]): readonly LocatedFinding[] {
  const seen = new Map<KubeObject, Set<string>>();
  return findings.filter(({ about, code, path, message, excerpt }) => {
    const known = seen.get(about) ?? new Set();
    seen.set(about, known);
    const identity = JSON.stringify([code, path, message, excerpt?.offset]);
    return known.size < known.add(identity).size;
  });
}
