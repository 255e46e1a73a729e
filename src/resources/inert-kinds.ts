import { objectMetaSchema } from './object-meta.ts';
import { z } from './zod.ts';

/**
 * Kinds that stand beside listeners and pipelines in the files people have, and that only a cluster acts on: rights, services, workloads. They are
 * kept as written, so that such a file applies whole and moves to a cluster unchanged; applying one says that nothing here acts on it.
 */
export interface InertKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
}

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', shortNames: [] };
const apps = { group: 'apps', version: 'v1', namespaced: true };
const batch = { group: 'batch', version: 'v1', namespaced: true };
const networking = { group: 'networking.k8s.io', version: 'v1', namespaced: true };

export const inertKinds: readonly InertKind[] = [
  { ...rbac, kind: 'Role', plural: 'roles', namespaced: true },
  { ...rbac, kind: 'RoleBinding', plural: 'rolebindings', namespaced: true },
  { ...rbac, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
  { ...rbac, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false },
  { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true, shortNames: ['svc'] },
  { ...apps, kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'] },
  { ...apps, kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'] },
  { ...batch, kind: 'Job', plural: 'jobs', shortNames: [] },
  { ...batch, kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'] },
  { ...networking, kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'] },
  { ...networking, kind: 'NetworkPolicy', plural: 'networkpolicies', shortNames: ['netpol'] },
];

export function inertSchema({ group, version, kind }: InertKind) {
  return z.looseObject({
    apiVersion: z.literal(group === '' ? version : `${group}/${version}`),
    kind: z.literal(kind),
    metadata: objectMetaSchema,
  });
}

export function inertWarning(kind: string): string {
  return `${kind} is kept as it is: nothing on this server acts on it, only a cluster does`;
}
