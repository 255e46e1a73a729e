import type { Request, Response } from 'express';
import type { ListOptions } from '../../ports/store.ts';
import { apiVersionOf } from '../../resources/registry.ts';
import { groupKind } from './addressed.ts';
import { ApiError, badRequest, notFound } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';
import { queryCount, queryText } from './query.ts';
import { representationFor } from './representation.ts';
import type { ResourcePath, Target } from './resource-path.ts';

export async function getResource({ store, clock }: ApiOptions, request: Request, response: Response, target: Target): Promise<void> {
  const { type, namespace, name } = target;
  const found = await store.get({ kind: groupKind(type), namespace, name });
  if (found === undefined) throw notFound(type.plural, type.group, name);
  response.json(representationFor(request, clock, target).one(found));
}

/**
 * One page of what is there now. A `resourceVersion` is a lower bound, which the present meets; one that has to be met exactly is `Expired` once
 * anything has changed, as from a cluster that has compacted its past.
 */
export async function listResources({ store, clock }: ApiOptions, request: Request, response: Response, path: ResourcePath): Promise<void> {
  const { type } = path;
  const { query } = request;
  const representation = representationFor(request, clock, path);
  const list = await store.list(groupKind(type), {
    ...selectionOf(request, path),
    limit: queryCount(query['limit'], 'limit'),
    continue: queryText(query['continue']),
  });
  const { resourceVersion, remainingItemCount } = list;
  checkVersion(queryText(query['resourceVersion']), queryText(query['resourceVersionMatch']), resourceVersion);
  const metadata = { resourceVersion, continue: list.continue, remainingItemCount };
  response.json(representation.list({ kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata }, groupKind(type), list.items));
}

/** Which objects of a collection are meant: by namespace, labels, fields, or by the one name that the path has. */
export function selectionOf({ query }: Request, { namespace, name }: ResourcePath): ListOptions {
  return {
    namespace,
    labelSelector: queryText(query['labelSelector']),
    fieldSelector: name === undefined ? queryText(query['fieldSelector']) : `metadata.name=${name}`,
  };
}

function checkVersion(wanted: string | undefined, match: string | undefined, current: string): void {
  if (match !== undefined && match !== 'Exact' && match !== 'NotOlderThan') {
    throw badRequest(`invalid resourceVersionMatch ${JSON.stringify(match)}: use Exact or NotOlderThan`);
  }
  if (match !== undefined && wanted === undefined) throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (wanted === undefined || wanted === '0') return;
  if (!/^\d{1,15}$/.test(wanted))
    throw badRequest(`invalid resourceVersion ${JSON.stringify(wanted)}: expected a number that this server gave`);
  if (Number(wanted) > Number(current)) {
    const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
    throw new ApiError(504, 'Timeout', `Too large resource version: ${wanted}, current: ${current}`, { causes, retryAfterSeconds: 1 });
  }
  if (match === 'Exact' && wanted !== current) {
    throw new ApiError(410, 'Expired', `the list as of resourceVersion ${wanted} is no longer kept (now: ${current}); list without one`);
  }
}
