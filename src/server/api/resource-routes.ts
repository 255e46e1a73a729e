import type { Request, Response } from 'express';
import type { ObjectKey } from '../../ports/store.ts';
import { groupKindOf, type KubeObject, type Stored } from '../../resources/object.ts';
import { apiVersionOf, type ResourceType } from '../../resources/registry.ts';
import { ApiError, asApiError, badRequest, invalid, notFound } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';
import { readJson } from './json-request.ts';
import { applyMergePatch } from './merge-patch.ts';
import type { ResourcePath } from './resource-path.ts';
import { addWarnings } from './warning-headers.ts';

const JSON_TYPES = ['application/json'];
const PATCH_TYPES = ['application/merge-patch+json'];
/** A patch meets a writer that was quicker: read and merge again, as the API server does. */
const PATCH_ATTEMPTS = 5;

interface Target extends ResourcePath {
  readonly name: string;
}

/** Kubernetes' REST verbs over the store, one method each; watch is apart. */
export class ResourceRoutes {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async get(response: Response, target: Target): Promise<void> {
    response.json(await this.#current(target));
  }

  async list(request: Request, response: Response, { type, namespace }: ResourcePath): Promise<void> {
    const { query } = request;
    const list = await this.#options.store.list(groupKind(type), {
      namespace,
      labelSelector: queryText(query['labelSelector']),
      fieldSelector: queryText(query['fieldSelector']),
      limit: queryCount(query['limit'], 'limit'),
      continue: queryText(query['continue']),
    });
    const { resourceVersion, items, remainingItemCount } = list;
    const metadata = { resourceVersion, continue: list.continue, remainingItemCount };
    response.json({ kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items });
  }

  async create(request: Request, response: Response, path: ResourcePath): Promise<void> {
    const raw = await this.#body(request, JSON_TYPES);
    const object = await this.#admit(response, path, this.#addressed(raw, path), isDryRun(request));
    const { name, resourceVersion } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== '')
      throw badRequest('resourceVersion should not be set on objects to be created');
    if (isDryRun(request)) {
      if (name !== undefined && (await this.#find({ ...path, name })) !== undefined) throw alreadyExists(path.type, name);
      response.status(201).json(object);
      return;
    }
    response.status(201).json(await this.#options.store.create(object));
  }

  async replace(request: Request, response: Response, target: Target): Promise<void> {
    const raw = this.#addressed(await this.#body(request, JSON_TYPES), target);
    const current = await this.#current(target);
    await this.#write(request, response, target, raw, current);
  }

  async patch(request: Request, response: Response, target: Target): Promise<void> {
    const patch = await this.#body(request, PATCH_TYPES);
    for (let attempt = 1; ; attempt++) {
      const current = await this.#current(target);
      const merged = this.#addressed(applyMergePatch(current, patch) as Record<string, unknown>, target);
      try {
        return await this.#write(request, response, target, merged, current);
      } catch (error) {
        // A patch that names a version means that version.
        if (asApiError(error)?.reason !== 'Conflict' || attempt >= PATCH_ATTEMPTS || metadataOf(patch)['resourceVersion'] !== undefined)
          throw error;
      }
    }
  }

  async delete(request: Request, response: Response, target: Target): Promise<void> {
    const options = (await readJson(request, JSON_TYPES)) ?? {};
    const current = await this.#current(target);
    const preconditions = (options['preconditions'] ?? {}) as { uid?: string; resourceVersion?: string };
    const propagation = queryText(request.query['propagationPolicy']) ?? options['propagationPolicy'];
    if (propagation !== undefined && propagation !== 'Background' && propagation !== 'Foreground' && propagation !== 'Orphan') {
      throw badRequest(`invalid propagationPolicy ${JSON.stringify(propagation)}: use Background, Foreground or Orphan`);
    }
    if (isDryRun(request) || (Array.isArray(options['dryRun']) && options['dryRun'].includes('All'))) {
      response.json(current);
      return;
    }
    const { uid, resourceVersion } = preconditions;
    const last = await this.#options.store.delete(keyOf(target), { propagation, uid, resourceVersion });
    if (last !== undefined && (last.metadata.finalizers?.length ?? 0) > 0) {
      response.json(last);
      return;
    }
    const { group, plural } = target.type;
    const details = { name: target.name, group, kind: plural, uid: current.metadata.uid };
    response.json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  }

  async #write(request: Request, response: Response, target: Target, raw: Record<string, unknown>, current: Stored): Promise<void> {
    const { store, validateUpdate } = this.#options;
    if (target.subresource === 'status') {
      const next = { ...current, status: raw['status'], metadata: { ...current.metadata, resourceVersion: versionOf(raw) } } as KubeObject;
      response.json(isDryRun(request) ? next : await store.updateStatus(next));
      return;
    }
    const object = await this.#admit(response, target, raw, isDryRun(request));
    const errors = validateUpdate?.(object, current) ?? [];
    if (errors.length > 0) throw invalid(target.type.kind, target.type.group, target.name, errors);
    response.json(isDryRun(request) ? object : await store.update(object));
  }

  /** Kind and place must be those of the path; what is not said is filled in. Fields that are the store's to set are taken out. */
  #addressed(raw: Readonly<Record<string, unknown>>, { type, namespace, name }: ResourcePath): Record<string, unknown> {
    const apiVersion = raw['apiVersion'] ?? apiVersionOf(type);
    const kind = raw['kind'] ?? type.kind;
    // Another version of the group is for admission to convert or refuse.
    if (typeof apiVersion !== 'string' || groupKindOf({ apiVersion, kind: type.kind }) !== groupKind(type) || kind !== type.kind) {
      throw badRequest(
        `the object in the body is ${JSON.stringify(apiVersion)} ${JSON.stringify(kind)}, the path is for ${apiVersionOf(type)} ${type.kind}`,
      );
    }
    const metadata = metadataOf(raw);
    const place = type.namespaced ? (namespace ?? metadata['namespace']) : undefined;
    if (type.namespaced && (typeof place !== 'string' || place === ''))
      throw badRequest(`a ${type.kind} needs a namespace: POST to /namespaces/<namespace>/${type.plural}`);
    if (metadata['namespace'] !== undefined && metadata['namespace'] !== '' && metadata['namespace'] !== place) {
      throw badRequest(
        `the namespace of the object (${String(metadata['namespace'])}) does not match the namespace of the request (${String(place)})`,
      );
    }
    if (name !== undefined && metadata['name'] !== undefined && metadata['name'] !== name) {
      throw badRequest(`the name of the object (${String(metadata['name'])}) does not match the name of the request (${name})`);
    }
    const addressed: Record<string, unknown> = { ...metadata };
    if (place === undefined) delete addressed['namespace'];
    else addressed['namespace'] = place;
    if (name !== undefined) addressed['name'] = name;
    delete addressed['managedFields'];
    return { ...raw, apiVersion, kind, metadata: addressed };
  }

  async #admit(response: Response, { type }: ResourcePath, raw: Record<string, unknown>, dryRun: boolean): Promise<KubeObject> {
    const admission = this.#options.admit(raw);
    const { name, generateName } = metadataOf(raw);
    const shown = typeof name === 'string' ? name : typeof generateName === 'string' ? generateName : '';
    if (!admission.ok) throw invalid(type.kind, type.group, shown, admission.errors);
    const { object, warnings } = admission;
    addWarnings(response, [...warnings, ...((await this.#options.advise?.(object, dryRun)) ?? [])]);
    return object;
  }

  async #body(request: Request, mediaTypes: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const body = await readJson(request, mediaTypes);
    if (body === undefined) throw badRequest('the request has no body; send the object as JSON');
    return body;
  }

  #find(target: Target): Promise<Stored | undefined> {
    return this.#options.store.get(keyOf(target));
  }

  async #current(target: Target): Promise<Stored> {
    const found = await this.#find(target);
    if (found === undefined) throw notFound(target.type.plural, target.type.group, target.name);
    return found;
  }
}

export function groupKind(type: ResourceType): string {
  return groupKindOf({ apiVersion: apiVersionOf(type), kind: type.kind });
}

function keyOf({ type, namespace, name }: Target): ObjectKey {
  return { kind: groupKind(type), namespace, name };
}

function alreadyExists({ plural, group }: ResourceType, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${group === '' ? plural : `${plural}.${group}`} "${name}" already exists`, {
    name,
    group,
    kind: plural,
  });
}

function metadataOf(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = raw['metadata'] ?? {};
  if (typeof metadata !== 'object' || Array.isArray(metadata)) throw badRequest('metadata: expected an object');
  return metadata as Readonly<Record<string, unknown>>;
}

function versionOf(raw: Readonly<Record<string, unknown>>): string | undefined {
  const version = metadataOf(raw)['resourceVersion'];
  return typeof version === 'string' && version !== '' ? version : undefined;
}

function isDryRun(request: Request): boolean {
  const dryRun = queryText(request.query['dryRun']);
  if (dryRun !== undefined && dryRun !== 'All') throw badRequest(`invalid dryRun ${JSON.stringify(dryRun)}: use All`);
  return dryRun === 'All';
}

/** A query parameter given once; given twice, the last one counts. */
export function queryText(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' && last !== '' ? last : undefined;
}

export function queryCount(value: unknown, name: string): number | undefined {
  const text = queryText(value);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`invalid ${name} ${JSON.stringify(text)}: expected a whole number`);
  return text === '0' ? undefined : Number(text);
}
