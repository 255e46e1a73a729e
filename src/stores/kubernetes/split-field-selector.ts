import type { GroupKind } from '../../resources/object.ts';
import { type FieldRequirement, type FieldSelector, parseFieldSelector } from '../selectors/field-selector.ts';

/** What an API server selects by for every kind; for custom kinds it knows no more. */
const ALWAYS = ['metadata.name', 'metadata.namespace'];
/** What it knows besides (kubernetes pkg/registry/core, each kind's strategy), as far as anybody here asks. */
const OF_KIND: Readonly<Record<GroupKind, readonly string[]>> = {
  Pod: ['spec.nodeName', 'spec.serviceAccountName', 'status.phase'],
  Event: ['involvedObject.kind', 'involvedObject.name', 'involvedObject.namespace', 'involvedObject.uid', 'reason', 'type'],
  Secret: ['type'],
};

export interface SplitFieldSelector {
  /** For the API server. Absent: nothing. */
  readonly remote: string | undefined;
  /** For us, of what comes back. */
  readonly local: FieldSelector;
}

/** Throws `StoreError` `Invalid`. */
export function splitFieldSelector(kind: GroupKind, text: string | undefined): SplitFieldSelector {
  const known = [...ALWAYS, ...((Object.hasOwn(OF_KIND, kind) && OF_KIND[kind]) || [])];
  const isRemote = ({ path }: FieldRequirement): boolean => known.includes(path.join('.'));
  const all = parseFieldSelector(text);
  const remote = all.filter(isRemote).map(written);
  return { remote: remote.length === 0 ? undefined : remote.join(','), local: all.filter((requirement) => !isRemote(requirement)) };
}

function written({ path, equal, value }: FieldRequirement): string {
  return `${path.join('.')}${equal ? '=' : '!='}${value.replace(/[\\,=]/g, '\\$&')}`;
}
