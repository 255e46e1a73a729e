import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiAccess } from '../api/api-options.ts';
import { type AuditedRequest, auditEvent, isAudited } from './audit-log.ts';
import { checkBrowser } from './browser-check.ts';
import type { Principal } from './principal.ts';
import { attributesOf, type RequestAttributes } from './request-attributes.ts';
import { allows, leastRole } from './roles.ts';

/** Where nobody is asked for a token. */
const ANYBODY: Principal = { name: 'system:anonymous', role: 'admin' };

export interface AccessControlOptions {
  readonly access: ApiAccess;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** Decides on every request but those for health, and records what has to be. */
export class AccessControl {
  readonly #options: AccessControlOptions;

  constructor(options: AccessControlOptions) {
    this.#options = options;
  }

  readonly guard = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const principal = this.#identify(request, response);
    const attributes = await this.#attributes(request, principal);
    const audited = this.#audited(request, principal, attributes);
    const allowed = allows(principal, attributes);
    if (audited !== undefined) this.#recordWhenAnswered(audited, response, allowed);
    if (!allowed) throw forbidden(principal, attributes);
    response.locals['principal'] = principal;
    next();
  };

  /** For a connection that is to become another protocol: nothing of it is answered yet. */
  async admitUpgrade(request: IncomingMessage): Promise<void> {
    const principal = this.#identify(request);
    const attributes = await this.#attributes(request, principal);
    const allowed = allows(principal, attributes);
    const audited = this.#audited(request, principal, attributes);
    if (audited !== undefined) {
      const { access, clock } = this.#options;
      access.audit?.record(auditEvent(audited, { stage: 'ResponseStarted', code: allowed ? 101 : 403, at: clock.now(), allowed }));
    }
    if (!allowed) throw forbidden(principal, attributes);
  }

  #identify(request: IncomingMessage, response?: ServerResponse): Principal {
    const { authenticate, allowedHosts } = this.#options.access;
    checkBrowser(allowedHosts, request.headers);
    if (authenticate === undefined) return ANYBODY;
    // A cluster's API server that passes a request on has kept `Authorization` to itself.
    const given = request.headers['x-tappet-authorization'] ?? request.headers.authorization ?? '';
    const [, token] = /^Bearer +(\S+)$/i.exec(String(given)) ?? [];
    const principal = token === undefined ? undefined : authenticate(token);
    if (principal !== undefined) return principal;
    response?.setHeader('WWW-Authenticate', 'Bearer');
    const why = token === undefined ? 'send the token as "Authorization: Bearer <token>"' : 'this token is not known here, or has expired';
    throw new ApiError(401, 'Unauthorized', `Unauthorized: ${why}`);
  }

  /** Of an event that is asked for by its id, the namespace is that of its listener. */
  async #attributes(request: IncomingMessage, { namespace }: Principal): Promise<RequestAttributes> {
    const attributes = attributesOf(request.method ?? 'GET', request.url ?? '/');
    const { resource } = attributes;
    const byId = resource?.group === 'tappet.dev' && resource.resource === 'events' && resource.namespace === undefined;
    if (namespace === undefined || !byId || resource.name === undefined) return attributes;
    const entry = await this.#options.journal.get(resource.name);
    return { ...attributes, resource: { ...resource, namespace: entry?.namespace } };
  }

  #audited(request: IncomingMessage, principal: Principal, attributes: RequestAttributes): AuditedRequest | undefined {
    const { access, clock } = this.#options;
    if (access.audit === undefined || !isAudited(attributes)) return undefined;
    return {
      principal,
      attributes,
      requestURI: request.url ?? '/',
      sourceIP: request.socket.remoteAddress ?? '',
      userAgent: request.headers['user-agent'],
      receivedAt: clock.now(),
    };
  }

  #recordWhenAnswered(audited: AuditedRequest, response: Response, allowed: boolean): void {
    const { access, clock } = this.#options;
    let name: string | undefined;
    if (audited.attributes.verb === 'create') {
      const answer = response.json.bind(response);
      response.json = (body: { readonly metadata?: { readonly name?: unknown } } | undefined) => {
        if (typeof body?.metadata?.name === 'string') name = body.metadata.name;
        return answer(body);
      };
    }
    // `close` comes also for a client that has gone before its answer.
    response.once('close', () => {
      access.audit?.record(auditEvent(audited, { stage: 'ResponseComplete', code: response.statusCode, at: clock.now(), allowed, name }));
    });
  }
}

/** As Kubernetes says it, and what to do about it. */
function forbidden(principal: Principal, attributes: RequestAttributes): ApiError {
  const { verb, path, resource } = attributes;
  const who = `User ${JSON.stringify(principal.name)} (${principal.role}${principal.namespace === undefined ? '' : ` of ${principal.namespace}`})`;
  const least = leastRole(attributes);
  const elsewhere = principal.namespace !== undefined && resource?.namespace !== principal.namespace;
  const remedy = elsewhere ? `its token is for the namespace ${principal.namespace} alone` : `it takes a token of the role ${least}`;
  if (resource === undefined) return new ApiError(403, 'Forbidden', `forbidden: ${who} cannot ${verb} path "${path}": ${remedy}`);
  const { group, namespace, name, subresource } = resource;
  const plural = subresource === undefined ? resource.resource : `${resource.resource}/${subresource}`;
  const qualified = group === '' ? resource.resource : `${resource.resource}.${group}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return new ApiError(
    403,
    'Forbidden',
    `${qualified}${name === undefined ? '' : ` "${name}"`} is forbidden: ${who} cannot ${verb} resource "${plural}" in API group "${group}" ${where}: ${remedy}`,
    { group, kind: resource.resource, ...(name === undefined ? {} : { name }) },
  );
}
