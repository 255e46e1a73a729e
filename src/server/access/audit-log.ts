import type { Principal } from './principal.ts';
import type { RequestAttributes, ResourceAttributes } from './request-attributes.ts';

/** Takes records, gives each an `auditID`, and never changes what it has taken. */
export interface AuditLog {
  record(event: AuditEvent): void;
}

/** In the form of Kubernetes' audit log (`audit.k8s.io/v1`, level Metadata), which log collectors understand. */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: 'Metadata';
  /** `ResponseStarted` for what goes on while it is told: a command beside a container. */
  readonly stage: 'ResponseStarted' | 'ResponseComplete';
  readonly requestURI: string;
  readonly verb: string;
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  readonly sourceIPs: readonly string[];
  readonly userAgent?: string | undefined;
  readonly objectRef?: Readonly<Record<string, string>> | undefined;
  readonly responseStatus: { readonly code: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface AuditedRequest {
  readonly principal: Principal;
  readonly attributes: RequestAttributes;
  readonly requestURI: string;
  readonly sourceIP: string;
  readonly userAgent?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Changes, replays, reads of secrets, and commands beside containers; the rest of what is read is not recorded. */
export function isAudited({ verb, resource }: RequestAttributes): boolean {
  if (resource === undefined) return verb !== 'get';
  if (resource.resource.startsWith('selfsubject')) return false;
  const read = verb === 'get' || verb === 'list' || verb === 'watch';
  return !read || (resource.group === '' && resource.resource === 'secrets');
}

/** `name`: what the answer says the object is called, for those that are named by the server. */
export function auditEvent(
  request: AuditedRequest,
  outcome: {
    readonly stage: AuditEvent['stage'];
    readonly code: number;
    readonly at: number;
    readonly allowed: boolean;
    readonly name?: string | undefined;
  },
): AuditEvent {
  const { principal, attributes } = request;
  const { resource } = attributes;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    stage: outcome.stage,
    requestURI: request.requestURI,
    verb: attributes.verb,
    user: { username: principal.name, groups: [`tappet:${principal.role}`] },
    sourceIPs: [request.sourceIP],
    ...(request.userAgent === undefined ? {} : { userAgent: request.userAgent }),
    ...(resource === undefined ? {} : { objectRef: reference(resource, outcome.name) }),
    responseStatus: { code: outcome.code },
    requestReceivedTimestamp: new Date(request.receivedAt).toISOString(),
    stageTimestamp: new Date(outcome.at).toISOString(),
    annotations: { 'authorization.k8s.io/decision': outcome.allowed ? 'allow' : 'forbid' },
  };
}

function reference({ resource, namespace, name, group, version, subresource }: ResourceAttributes, given?: string): Record<string, string> {
  const parts = { resource, namespace, name: name ?? given, apiGroup: group === '' ? undefined : group, apiVersion: version, subresource };
  return Object.fromEntries(Object.entries(parts).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
