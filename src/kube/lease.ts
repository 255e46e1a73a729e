import type { Stored } from '../resources/object.ts';

/** coordination.k8s.io/v1, as far as it is looked at here. */
export interface Lease extends Stored {
  readonly spec: { readonly holderIdentity?: string; readonly renewTime?: string };
}

/** On a Lease, the name of the group its replica belongs to. */
export const GROUP_LABEL = 'tappet.dev/replicas-of';

export function leasesPath(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
}

export function leaseName(identity: string): string {
  return `tappet-${identity}`;
}

/** Who holds a Lease, as client-go's leader elections write it: the replica's name and, after `_`, its process. */
export function holderOf(identity: string, process: string): string {
  return `${identity}_${process}`;
}

export function identityOf(holder: string): string {
  const end = holder.lastIndexOf('_');
  return end < 0 ? holder : holder.slice(0, end);
}

/** Kubernetes' MicroTime. */
export function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}
