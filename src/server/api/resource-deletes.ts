import type { Request, Response } from 'express';
import type { DeletePropagation } from '../../ports/store.ts';
import { inVersion } from '../../resources/in-version.ts';
import type { Stored } from '../../resources/object.ts';
import { groupKind } from './addressed.ts';
import { badRequest, notFound } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';
import { readJson } from './json-request.ts';
import { isDryRun, queryFlag, queryText } from './query.ts';
import type { ResourcePath, Target } from './resource-path.ts';
import { selectionOf } from './resource-reads.ts';

interface DeleteRequest {
  readonly propagation: DeletePropagation | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly dryRun: boolean;
}

/** Objects deleted at once by one request for a collection. */
const AT_ONCE = 50;

export async function deleteResource({ store }: ApiOptions, request: Request, response: Response, target: Target): Promise<void> {
  const { propagation, uid, resourceVersion, dryRun } = await readOptions(request);
  const { type, namespace, name } = target;
  const key = { kind: groupKind(type), namespace, name };
  const current = await store.get(key);
  if (current === undefined) throw notFound(type.plural, type.group, name);
  if (dryRun) {
    response.json(inVersion(current, target.apiVersion));
    return;
  }
  const last = await store.delete(key, { propagation, uid, resourceVersion });
  if (last !== undefined && isHeld(last)) {
    response.json(inVersion(last, target.apiVersion));
    return;
  }
  const details = { name, group: type.group, kind: type.plural, uid: current.metadata.uid };
  response.json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

/** Every object of a collection that the selectors choose, as the list of them. */
export async function deleteCollection({ store }: ApiOptions, request: Request, response: Response, path: ResourcePath): Promise<void> {
  const { type, apiVersion } = path;
  if (type.namespaced && path.namespace === undefined)
    throw badRequest(`${type.plural}: a collection is deleted in one namespace at a time`);
  const { propagation, dryRun } = await readOptions(request);
  const kind = groupKind(type);
  const { items, resourceVersion } = await store.list(kind, selectionOf(request, path));
  for (let start = 0; !dryRun && start < items.length; start += AT_ONCE) {
    const some = items.slice(start, start + AT_ONCE);
    await Promise.all(
      some.map(({ metadata: { namespace, name, uid } }) => store.delete({ kind, namespace, name }, { propagation, uid }).catch(unlessGone)),
    );
  }
  const shown = items.map((item) => inVersion(item, apiVersion));
  response.json({ kind: `${type.kind}List`, apiVersion, metadata: { resourceVersion }, items: shown });
}

async function readOptions(request: Request): Promise<DeleteRequest> {
  const body = (await readJson(request, ['application/json'])) ?? {};
  const preconditions = (body['preconditions'] ?? {}) as { readonly uid?: string; readonly resourceVersion?: string };
  const orphan = queryFlag(request.query['orphanDependents']) || body['orphanDependents'] === true;
  const propagation = queryText(request.query['propagationPolicy']) ?? body['propagationPolicy'] ?? (orphan ? 'Orphan' : undefined);
  if (propagation !== undefined && propagation !== 'Background' && propagation !== 'Foreground' && propagation !== 'Orphan') {
    throw badRequest(`invalid propagationPolicy ${JSON.stringify(propagation)}: use Background, Foreground or Orphan`);
  }
  const dryRun = isDryRun(request) || (Array.isArray(body['dryRun']) && body['dryRun'].includes('All'));
  return { propagation, uid: preconditions.uid, resourceVersion: preconditions.resourceVersion, dryRun };
}

function isHeld({ metadata }: Stored): boolean {
  return (metadata.finalizers?.length ?? 0) > 0;
}

/** Another object of that name by now: the one that was meant is gone. */
function unlessGone(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'Conflict' || error.code === 'NotFound')) return undefined;
  throw error;
}
