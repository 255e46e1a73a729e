import type { Request, Response } from 'express';
import { type ObjectKey, StoreError } from '../../ports/store.ts';
import { inStoredVersion, inVersion, problemsInVersion } from '../../resources/in-version.ts';
import type { KubeObject, Stored } from '../../resources/object.ts';
import type { ResourceType } from '../../resources/registry.ts';
import { addressed, groupKind, metadataOf } from './addressed.ts';
import { ApiError, asApiError, badRequest, invalid, notFound } from './api-error.ts';
import type { ApiOptions } from './api-options.ts';
import { readJson } from './json-request.ts';
import { mergeApplied, settleApplied } from './managed-fields/apply.ts';
import { applyConflict } from './managed-fields/conflict.ts';
import { hasKeyedLists, type ManagedFields, managersAfterUpdate, readManagedFields, type Writer } from './managed-fields/managers.ts';
import { writerOf } from './managed-fields/writer.ts';
import { APPLY, readPatch } from './patches/read-patch.ts';
import { isDryRun, queryFlag, unknownFieldsOf } from './query.ts';
import { representationFor } from './representation.ts';
import type { ResourcePath, Target } from './resource-path.ts';
import { addWarnings } from './warning-headers.ts';

const JSON_TYPES = ['application/json'];
/** A write meets another that was quicker: read and change again, as the API server does. */
const ATTEMPTS = 5;

type Fields = Readonly<Record<string, unknown>>;

/** Kubernetes' create, update, patch and apply over the store. Each keeps the record of who manages which field. */
export class ResourceWrites {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async create(request: Request, response: Response, path: ResourcePath): Promise<void> {
    const raw = addressed(await this.#body(request), path);
    await this.#create(request, response, path, raw, writerOf(request, path, this.#options.clock));
  }

  async replace(request: Request, response: Response, target: Target): Promise<void> {
    const body = await this.#body(request);
    const writer = writerOf(request, target, this.#options.clock);
    const managers = managersOf(body);
    await this.#retrying(target, versionOf(body) !== undefined, (current) =>
      this.#update(request, response, target, current, addressed(body, target), managers ?? managersOf(current) ?? [], writer),
    );
  }

  async patch(request: Request, response: Response, target: Target): Promise<void> {
    const patch = await readPatch(request, hasKeyedLists(`${target.type.group}/`));
    const writer = writerOf(request, target, this.#options.clock);
    if (patch.type === APPLY) return await this.#apply(request, response, target, patch.config, writer);
    await this.#retrying(target, patch.version !== undefined, async (current) => {
      const patched = patch.applyTo(inVersion(current, target.apiVersion));
      await this.#update(request, response, target, current, addressed(patched, target), managersOf(patched) ?? [], writer);
    });
  }

  /** Server-side apply: creates what is not there. */
  async #apply(request: Request, response: Response, target: Target, config: Fields, writer: Writer): Promise<void> {
    if (metadataOf(config)['managedFields'] !== undefined) throw badRequest('metadata.managedFields must be nil');
    const { kind, group } = target.type;
    const asked = addressed(config, target);
    // What is merged and owned is what is stored: of the version that was written admission sees nothing any more.
    const problems = problemsInVersion(asked, kind);
    if (problems.length > 0) throw invalid(kind, group, target.name, problems);
    const wanted = inStoredVersion(asked, kind) as KubeObject;
    const force = queryFlag(request.query['force']);
    for (let attempt = 1; ; attempt++) {
      const live = await this.#find(target);
      const merged = mergeApplied(live, wanted, writer);
      const settle = (admitted: KubeObject): readonly ManagedFields[] => {
        const { conflicts, managers } = settleApplied(live, admitted, merged, writer, force);
        if (conflicts.length > 0) throw applyConflict(conflicts);
        return managers;
      };
      try {
        if (live !== undefined) {
          const raw = { ...merged.object, metadata: { ...metadataOf(merged.object), ...pinned(live, wanted) } };
          return await this.#write(request, response, target, live, addressed(raw, target), settle);
        }
        if (target.subresource !== undefined) throw notFound(target.type.plural, target.type.group, target.name);
        return await this.#create(request, response, target, addressed(merged.object, target), writer, settle);
      } catch (error) {
        const reason = asApiError(error)?.reason;
        const raced = (reason === 'Conflict' && !isApplyConflict(error)) || reason === 'AlreadyExists';
        if (!raced || attempt >= ATTEMPTS || versionOf(config) !== undefined) throw error;
      }
    }
  }

  async #create(
    request: Request,
    response: Response,
    path: ResourcePath,
    raw: Fields,
    writer: Writer,
    settle: (admitted: KubeObject) => readonly ManagedFields[] = (admitted) => managersAfterUpdate([], undefined, admitted, writer),
  ): Promise<void> {
    const { store, clock } = this.#options;
    const dryRun = isDryRun(request);
    const admitted = await this.#admit(request, response, path, raw);
    const { name, resourceVersion } = admitted.metadata;
    if (resourceVersion !== undefined && resourceVersion !== '')
      throw badRequest('resourceVersion should not be set on objects to be created');
    const object = withManagers(admitted, settle(admitted));
    const representation = representationFor(request, clock, path);
    if (!dryRun) {
      const created = await store.create(object).catch((error: unknown) => {
        const taken = error instanceof StoreError && error.code === 'AlreadyExists' && name !== undefined;
        throw taken ? alreadyExists(path.type, name) : error;
      });
      response.status(201).json(representation.one(created));
      return;
    }
    if (name !== undefined && (await this.#find({ ...path, name })) !== undefined) throw alreadyExists(path.type, name);
    response.status(201).json(representation.one(object as Stored));
  }

  async #update(
    request: Request,
    response: Response,
    target: Target,
    current: Stored,
    raw: Fields,
    managers: readonly ManagedFields[],
    writer: Writer,
  ): Promise<void> {
    const version = versionOf(raw) ?? current.metadata.resourceVersion;
    const pinnedRaw = { ...raw, metadata: { ...metadataOf(raw), resourceVersion: version } };
    await this.#write(request, response, target, current, pinnedRaw, (admitted) =>
      managersAfterUpdate(managers, current, admitted, writer),
    );
  }

  async #write(
    request: Request,
    response: Response,
    target: Target,
    current: Stored,
    raw: Fields,
    settle: (admitted: KubeObject) => readonly ManagedFields[],
  ): Promise<void> {
    const { store, validateUpdate, clock } = this.#options;
    const dryRun = isDryRun(request);
    const representation = representationFor(request, clock, target);
    if (target.subresource === 'status') {
      const { resourceVersion } = metadataOf(raw) as { readonly resourceVersion?: string };
      const next: KubeObject = {
        ...current,
        status: inStoredVersion(raw, target.type.kind)['status'],
        metadata: { ...current.metadata, resourceVersion },
      };
      response.json(representation.one(dryRun ? (next as Stored) : await store.updateStatus(next)));
      return;
    }
    const admitted = await this.#admit(request, response, target, raw);
    const errors = validateUpdate?.(admitted, current) ?? [];
    if (errors.length > 0) throw invalid(target.type.kind, target.type.group, target.name, errors);
    const object = withManagers(admitted, settle(admitted));
    const shown = dryRun
      ? ({ ...object, ...(current['status'] !== undefined && { status: current['status'] }) } as Stored)
      : await store.update(object).catch((error: unknown) => {
          throw error instanceof StoreError && error.code === 'Conflict' ? conflict(target, error) : error;
        });
    response.json(representation.one(shown));
  }

  /** Gives `change` what is there, and again when another write came between and the client has not said which version it means. */
  async #retrying(target: Target, versioned: boolean, change: (current: Stored) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const current = await this.#find(target);
      if (current === undefined) throw notFound(target.type.plural, target.type.group, target.name);
      try {
        return await change(current);
      } catch (error) {
        if (asApiError(error)?.reason !== 'Conflict' || attempt >= ATTEMPTS || versioned) throw error;
      }
    }
  }

  async #admit(request: Request, response: Response, { type }: ResourcePath, raw: Fields): Promise<KubeObject> {
    const admission = this.#options.admit(raw, unknownFieldsOf(request));
    const { name, generateName } = metadataOf(raw);
    const shown = typeof name === 'string' ? name : typeof generateName === 'string' ? generateName : '';
    if (!admission.ok) throw invalid(type.kind, type.group, shown, admission.errors);
    const { object, warnings } = admission;
    addWarnings(response, [...warnings, ...((await this.#options.advise?.(object, isDryRun(request))) ?? [])]);
    return object;
  }

  async #body(request: Request): Promise<Fields> {
    const body = await readJson(request, JSON_TYPES);
    if (body === undefined) throw badRequest('the request has no body; send the object as JSON');
    return body;
  }

  #find({ type, namespace, name }: Target): Promise<Stored | undefined> {
    return this.#options.store.get(keyOf(type, namespace, name));
  }
}

export function keyOf(type: ResourceType, namespace: string | undefined, name: string): ObjectKey {
  return { kind: groupKind(type), namespace, name };
}

/** The version that the change was made for: another write in between is a conflict, of which the client learns only if it named a version. */
function pinned(live: Stored, config: KubeObject): { readonly uid: string; readonly resourceVersion: string } {
  const { uid, resourceVersion } = live.metadata;
  return { uid, resourceVersion: versionOf(config) ?? resourceVersion };
}

/** `undefined`: nothing is said of them. An empty list says that nobody manages anything. */
function managersOf(raw: Fields): readonly ManagedFields[] | undefined {
  const { managedFields } = metadataOf(raw);
  return managedFields === undefined ? undefined : readManagedFields(managedFields);
}

function withManagers(object: KubeObject, managers: readonly ManagedFields[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: managers.length === 0 ? metadata : { ...metadata, managedFields: managers } };
}

function versionOf(raw: Fields): string | undefined {
  const version = metadataOf(raw)['resourceVersion'];
  return typeof version === 'string' && version !== '' ? version : undefined;
}

function isApplyConflict(error: unknown): boolean {
  return error instanceof ApiError && error.details?.causes !== undefined;
}

/** In the words that clients look for, and what exactly it was. */
function conflict({ type: { plural, group }, name }: Target, { message }: StoreError): ApiError {
  const qualified = group === '' ? plural : `${plural}.${group}`;
  return new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified} "${name}": ${message}`, {
    name,
    group,
    kind: plural,
  });
}

function alreadyExists({ plural, group }: ResourceType, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${group === '' ? plural : `${plural}.${group}`} "${name}" already exists`, {
    name,
    group,
    kind: plural,
  });
}
