import { type AccessRole, accessRoles } from '../../resources/access-token/schema.ts';
import type { Principal } from './principal.ts';
import type { RequestAttributes, ResourceAttributes, Verb } from './request-attributes.ts';

const READ: readonly Verb[] = ['get', 'list', 'watch'];
const WRITE: readonly Verb[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Verbs on `resource.group` or `resource.group/subresource`, as a ClusterRole's rules. */
export interface Grant {
  readonly group: string;
  /** `*`: all but those in `SENSITIVE`. */
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
}

/** What values of secrets can be read from, and what opens doors: for admins alone. */
const SENSITIVE: ReadonlySet<string> = new Set(['secrets', 'accesstokens.tappet.dev']);

/** What each role may do beyond the one before it. Admins may do everything. */
export const grants: Readonly<Record<Exclude<AccessRole, 'admin'>, readonly Grant[]>> = {
  viewer: [
    { group: '*', resources: ['*'], verbs: READ },
    { group: 'authorization.k8s.io', resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] },
    { group: 'authentication.k8s.io', resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
  runner: [
    { group: 'tekton.dev', resources: ['pipelineruns', 'taskruns'], verbs: WRITE },
    { group: 'tappet.dev', resources: ['runactions'], verbs: WRITE },
    { group: 'tappet.dev', resources: ['events/replay', 'events/retry', 'schedules/run'], verbs: ['create'] },
  ],
  approver: [{ group: 'tekton.dev', resources: ['customruns', 'customruns/status'], verbs: ['update', 'patch'] }],
};

/** Subresources that are seen by whoever sees the object. */
const SHOWN: ReadonlySet<string> = new Set(['status', 'log', 'explain', 'trigger-test']);

export function allows({ role, namespace }: Principal, { verb, path, resource }: RequestAttributes): boolean {
  if (resource === undefined) {
    if (role === 'admin' && namespace === undefined) return true;
    return READ.includes(verb) && (namespace === undefined || path !== '/metrics');
  }
  const self = resource.resource.startsWith('selfsubject');
  if (namespace !== undefined && !self) {
    if (resource.namespace !== namespace) return false;
    // The room itself is not its holder's.
    if (isNamespace(resource) && !READ.includes(verb)) return false;
  }
  if (role === 'admin') return true;
  return rolesUpTo(role).some((each) => grants[each].some((grant) => grantsIt(grant, verb, resource)));
}

/** The roles whose grants a role has, but for admin. */
export function rolesUpTo(role: AccessRole): readonly Exclude<AccessRole, 'admin'>[] {
  return accessRoles.slice(0, accessRoles.indexOf(role) + 1).filter((each): each is Exclude<AccessRole, 'admin'> => each !== 'admin');
}

/** The least role that may do it, where the namespace is no hindrance. */
export function leastRole(attributes: RequestAttributes): AccessRole {
  return accessRoles.find((role) => allows({ name: '', role }, attributes)) ?? 'admin';
}

function grantsIt(grant: Grant, verb: Verb, { group, resource, subresource }: ResourceAttributes): boolean {
  if (!grant.verbs.includes(verb)) return false;
  if (grant.group === '*') {
    return !SENSITIVE.has(qualified(group, resource)) && (subresource === undefined || SHOWN.has(subresource));
  }
  return grant.group === group && grant.resources.includes(subresource === undefined ? resource : `${resource}/${subresource}`);
}

function qualified(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function isNamespace({ group, resource }: ResourceAttributes): boolean {
  return group === '' && resource === 'namespaces';
}
