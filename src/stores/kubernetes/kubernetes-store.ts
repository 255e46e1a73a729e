import { followChanges } from '../../kube/follow-changes.ts';
import { type KubeClient, KubeError, type KubeRequest, type Query } from '../../kube/kube-client.ts';
import { type Collection, listAll, listPage } from '../../kube/list-pages.ts';
import { resourceUrl } from '../../kube/resource-url.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  type Change,
  type DeleteOptions,
  type ListOptions,
  type ObjectKey,
  type ObjectList,
  type Store,
  StoreError,
  type Watch,
  type WatchOptions,
} from '../../ports/store.ts';
import { type GroupKind, groupKindOf, type KubeObject, type Stored } from '../../resources/object.ts';
import { isCustom, type ResourceType, typeOfGroupKind } from '../../resources/registry.ts';
import { matchesFields } from '../selectors/field-selector.ts';
import { parseLabelSelector } from '../selectors/label-selector.ts';
import { checkMetadata, describeObject } from '../shared/metadata.ts';
import { settle } from '../shared/settle.ts';
import { OpenWork } from './open-work.ts';
import { selectChanges } from './select-changes.ts';
import { splitFieldSelector } from './split-field-selector.ts';
import { storeError, verbOf } from './store-error.ts';
import { received, sent } from './stored-object.ts';

export interface KubernetesStoreOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** In whose name it writes: `system:serviceaccount:ci:bot`. Absent: our own. */
  readonly impersonate?: string | undefined;
}

/** Of a write without a version, when others write too. */
const ATTEMPTS = 10;
const MERGE_PATCH = 'application/merge-patch+json';

/**
 * The store port over a Kubernetes API server: custom kinds for Tekton's resources and ours, Kubernetes' own for the rest. Where the port promises more
 * than a cluster can: what an object owned goes when the cluster's collector comes by, and `delete` gives the state that was read just before it.
 */
export class KubernetesStore implements Store {
  readonly #options: KubernetesStoreOptions;
  readonly #work: OpenWork;

  constructor(options: KubernetesStoreOptions, work = new OpenWork(options.clock)) {
    this.#options = options;
    this.#work = work;
  }

  /** The same store, whose writes are somebody else's: what they may not do fails as `Forbidden`. */
  as(user: string): KubernetesStore {
    return new KubernetesStore({ ...this.#options, impersonate: user }, this.#work);
  }

  async get<T extends KubeObject = KubeObject>(key: ObjectKey): Promise<Stored<T> | undefined> {
    return this.#one<T>('GET', key).catch(unlessNotFound);
  }

  async list<T extends KubeObject = KubeObject>(kind: GroupKind, options: ListOptions = {}): Promise<ObjectList<T>> {
    const { limit, continue: next } = options;
    const { collection, local, type } = this.#collection(kind, options);
    const { items, ...page } = await this.#work.read({ verb: 'list', type }, (signal) =>
      (limit === undefined || limit <= 0) && next === undefined
        ? listAll<T>(this.#options.client, { ...collection, signal })
        : listPage<T>(this.#options.client, { ...collection, signal }, { limit: limit?.toString(), continue: next }),
    );
    const matching = items.map(received).filter((item) => matchesFields(local, item));
    // The server counts what it selects, not what is left of it here.
    const counted = local.length === 0 && page.remainingItemCount !== undefined && { remainingItemCount: page.remainingItemCount };
    const { resourceVersion } = page;
    return { items: matching, resourceVersion, ...(page.continue !== undefined && { continue: page.continue }), ...counted };
  }

  /** A status is a second request where the kind keeps it apart; if that one fails, the object is there without it. */
  async create<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>> {
    const draft = taken(object);
    const type = typeOf(groupKindOf(draft));
    const { uid: _, ...metadata } = sent(draft).metadata;
    const created = await this.#write<T>(type, {
      method: 'POST',
      path: resourceUrl(type, { namespace: metadata.namespace, version: versionOf(draft, type) }),
      body: { ...draft, metadata },
    });
    const status = draft['status'];
    if (status === undefined || !isCustom(type) || (created as Stored)['status'] !== undefined) return created;
    return this.#replace<T>({ ...created, metadata: { ...created.metadata, resourceVersion: undefined }, status }, 'status');
  }

  async update<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>> {
    return this.#replace<T>(taken(object));
  }

  async updateStatus<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>> {
    return this.#replace<T>(taken(object), 'status');
  }

  async patch<T extends KubeObject = KubeObject>(
    key: ObjectKey,
    mergePatch: Readonly<Record<string, unknown>>,
    { subresource }: { readonly subresource?: 'status' | undefined } = {},
  ): Promise<Stored<T>> {
    const body = settle(mergePatch);
    const metadata = body['metadata'] as { readonly name?: unknown; readonly resourceVersion?: unknown } | null | undefined;
    if (metadata === null || (metadata?.name !== undefined && metadata.name !== key.name))
      throw new StoreError('Invalid', `patch of ${describeObject(key)} must not change metadata.name, or take metadata away`);
    // The server merges anew a few times when others write too, and then says so.
    const again = metadata?.resourceVersion === undefined;
    return this.#insisting(again, () => this.#one<T>('PATCH', key, { subresource, body, contentType: MERGE_PATCH }));
  }

  async delete(key: ObjectKey, { propagation = 'Background', uid, resourceVersion }: DeleteOptions = {}): Promise<Stored | undefined> {
    const { kind } = typeOf(key.kind);
    return this.#insisting(uid === undefined && resourceVersion === undefined, async () => {
      // The answer may be a Status, which does not tell what the object was.
      const last = await this.get(key);
      if (last === undefined) return undefined;
      const preconditions = { uid: uid ?? last.metadata.uid, ...(resourceVersion !== undefined && { resourceVersion }) };
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: propagation, preconditions };
      const answer = await this.#one('DELETE', key, { body }).catch(unlessNotFound);
      return answer?.kind === kind ? answer : last;
    });
  }

  watch<T extends KubeObject = KubeObject>(kind: GroupKind, options: WatchOptions = {}): Watch<T> {
    const place: { position?: string } = {};
    // "From now" means from this call: what has to be known first is asked for now, and writes of ours wait until it is.
    const first = this.#first(kind, options);
    // It is told where the changes are read.
    first?.catch(() => undefined);
    const changes = this.#changes(kind, options, first, place) as AsyncGenerator<Change<T>>;
    return { [Symbol.asyncIterator]: () => changes, position: () => place.position };
  }

  close(): Promise<void> {
    return this.#work.close();
  }

  async *#changes(
    kind: GroupKind,
    options: WatchOptions,
    first: Promise<ObjectList> | undefined,
    place: { position?: string },
  ): AsyncGenerator<Change> {
    const signal = this.#work.until(options.signal);
    const { collection, local, type } = this.#collection(kind, options);
    try {
      if (signal.aborted) return;
      const start = await first;
      const resourceVersion = options.resourceVersion ?? start?.resourceVersion ?? '';
      const select = local.length === 0 ? undefined : selectChanges(local, start?.items ?? []);
      // The API server answers 500 to this, as if asking again could help.
      if (!/^\d+$/.test(resourceVersion))
        throw new StoreError('Invalid', `resourceVersion "${resourceVersion}": expected one that a list gave`);
      place.position = resourceVersion;
      const { client, clock } = this.#options;
      const onPosition = (position: string): void => {
        place.position = position;
      };
      for await (const { type: change, object } of followChanges(client, { ...collection, signal, clock, resourceVersion, onPosition })) {
        const seen: Change = { type: change, object: received(object) };
        const selected = select === undefined ? seen : select(seen);
        if (selected === undefined) continue;
        place.position = selected.object.metadata.resourceVersion;
        yield selected;
      }
    } catch (error) {
      if (!signal.aborted) throw storeError(error, { verb: 'watch', type });
    }
  }

  /** What a watch has to know before it begins: the version of this moment, or, of fields that we select by ourselves, what matches them already. */
  #first(kind: GroupKind, { resourceVersion, signal, ...selection }: WatchOptions): Promise<ObjectList> | undefined {
    const selected = splitFieldSelector(kind, selection.fieldSelector).local.length > 0;
    if (this.#work.closed || signal?.aborted === true || (resourceVersion !== undefined && !selected)) return undefined;
    const version = resourceVersion === undefined ? {} : { resourceVersion, resourceVersionMatch: 'Exact' };
    return this.#work.before(() => (selected ? this.#all(kind, selection, version) : this.list(kind, { ...selection, limit: 1 })));
  }

  async #all(kind: GroupKind, selection: ListOptions, version: Query): Promise<ObjectList> {
    const { collection, local, type } = this.#collection(kind, selection);
    const { items, resourceVersion } = await this.#work.read({ verb: 'list', type }, (signal) =>
      listAll(this.#options.client, { ...collection, signal }, version),
    );
    return { items: items.map(received).filter((item) => matchesFields(local, item)), resourceVersion };
  }

  /** What of a selection is the server's, and what is ours. Throws `Invalid`. */
  #collection(kind: GroupKind, { namespace, labelSelector, fieldSelector }: ListOptions) {
    const type = typeOf(kind);
    parseLabelSelector(labelSelector);
    const { remote, local } = splitFieldSelector(kind, fieldSelector);
    const query = { labelSelector: labelSelector?.trim() === '' ? undefined : labelSelector, fieldSelector: remote };
    const collection: Collection = { path: resourceUrl(type, { namespace }), query };
    return { collection, local, type };
  }

  /** With a version: over that one. Without: over whatever is there. */
  #replace<T extends KubeObject>(object: KubeObject, subresource?: 'status'): Promise<Stored<T>> {
    const type = typeOf(groupKindOf(object));
    const { name = '', namespace, uid, resourceVersion } = object.metadata;
    const key = { kind: groupKindOf(object), namespace, name };
    if (name === '') throw new StoreError('Invalid', `${describeObject(key)}: metadata.name: required to write an object that exists`);
    const path = resourceUrl(type, { namespace, name, subresource, version: versionOf(object, type) });
    return this.#insisting(resourceVersion === undefined, async () => {
      const current = resourceVersion === undefined ? await this.#one('GET', key) : undefined;
      if (uid !== undefined && current !== undefined && uid !== current.metadata.uid)
        throw new StoreError(
          'Conflict',
          `${describeObject(key)}: uid ${uid} was expected, but it is ${current.metadata.uid}: read it again`,
        );
      const body = sent(object, resourceVersion ?? current?.metadata.resourceVersion);
      return this.#write<T>(type, { method: 'PUT', path, body }, subresource);
    });
  }

  /** Again, when another's write came in between and the caller has not said which version is meant. */
  async #insisting<T>(insist: boolean, attempt: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count++) {
      try {
        return await attempt();
      } catch (error) {
        // Only the server's word: what we said ourselves stays true.
        const raced = error instanceof StoreError && error.code === 'Conflict' && error.cause instanceof KubeError;
        if (!insist || !raced || count >= ATTEMPTS) throw error;
      }
    }
  }

  #one<T extends KubeObject>(
    method: KubeRequest['method'],
    { kind, namespace, name }: ObjectKey,
    { subresource, ...content }: { readonly subresource?: string | undefined } & Partial<KubeRequest> = {},
  ): Promise<Stored<T>> {
    const type = typeOf(kind);
    if (name === '') throw new StoreError('Invalid', `${describeObject({ kind, namespace, name })}: metadata.name: required`);
    const request = { method, path: resourceUrl(type, { namespace, name, subresource }), ...content };
    if (method !== 'GET') return this.#write<T>(type, request, subresource);
    const { client } = this.#options;
    return this.#work.read({ verb: 'get', type }, async (signal) =>
      received((await client.request<Stored<T>>({ ...request, signal })).body),
    );
  }

  #write<T extends KubeObject>(type: ResourceType, request: KubeRequest, subresource?: string): Promise<Stored<T>> {
    const { client, impersonate } = this.#options;
    return this.#work.write({ verb: verbOf(request.method), type, subresource }, async (signal) => {
      const { body } = await client.request<Stored<T>>({ ...request, impersonate, signal });
      return received(body);
    });
  }
}

function typeOf(kind: GroupKind): ResourceType {
  const type = typeOfGroupKind(kind);
  if (type === undefined) throw new StoreError('Invalid', `unknown kind ${kind}`);
  return type;
}

/** The caller's object as it is now. */
function taken(object: KubeObject): KubeObject {
  checkMetadata(object);
  return settle(object);
}

function versionOf({ apiVersion }: KubeObject, { olderVersions }: ResourceType): string | undefined {
  return olderVersions.find((older) => apiVersion.endsWith(`/${older}`));
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof StoreError && error.code === 'NotFound') return undefined;
  throw error;
}
