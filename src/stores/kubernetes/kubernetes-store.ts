import { jsonLines } from '../../kube/json-lines.ts';
import { type KubeClient, KubeError, type KubeRequest, storeErrorCode } from '../../kube/kube-client.ts';
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
import { matchesFields } from '../selectors/field-selector.ts';
import { collectionPath, objectPath, typeOf } from './resource-url.ts';
import { splitFieldSelector } from './split-field-selector.ts';

export interface KubernetesStoreOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** In whose name objects are written: `system:serviceaccount:ci:bot`. Absent: our own. */
  readonly impersonate?: string | undefined;
}

const PAGE = 500;
/** Of a write without a version, when others write too. */
const ATTEMPTS = 10;
/** An expired page means that the list begins anew; on a busy cluster that may happen again. */
const LISTS = 5;
const WATCH_SECONDS = 300;
const MERGE_PATCH = 'application/merge-patch+json';
/** Between a watch that broke off and the next, at first; doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 15_000;

interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Stored & { readonly code?: number; readonly reason?: string; readonly message?: string };
}

/** The store port over a Kubernetes API server: CRDs for Tekton's kinds and ours, Kubernetes' own for the rest. */
export class KubernetesStore implements Store {
  readonly #options: KubernetesStoreOptions;
  readonly #closed: AbortController;

  constructor(options: KubernetesStoreOptions, closed = new AbortController()) {
    this.#options = options;
    this.#closed = closed;
  }

  /** The same store, whose writes are somebody else's: what they may not do fails. */
  as(user: string): KubernetesStore {
    return new KubernetesStore({ ...this.#options, impersonate: user }, this.#closed);
  }

  async get<T extends KubeObject = KubeObject>(key: ObjectKey): Promise<Stored<T> | undefined> {
    return await this.#ask<Stored<T>>({ method: 'GET', path: objectPath(key) }).catch(unlessNotFound);
  }

  async list<T extends KubeObject = KubeObject>(kind: GroupKind, options: ListOptions = {}): Promise<ObjectList<T>> {
    if (options.limit !== undefined || options.continue !== undefined) return await this.#page<T>(kind, options);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#pages<T>(kind, options);
      } catch (error) {
        if (!(error instanceof StoreError && error.code === 'Gone') || attempt >= LISTS) throw error;
      }
    }
  }

  async create<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>> {
    const type = typeOf(groupKindOf(object));
    const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata;
    const created = await this.#ask<Stored<T>>({
      method: 'POST',
      path: collectionPath(type, object.metadata.namespace),
      body: { ...object, metadata },
    });
    const { status } = object as KubeObject;
    // A server with a status subresource leaves it out of what it creates.
    if (status === undefined || (created as Stored)['status'] !== undefined) return created;
    return await this.updateStatus<T>({ ...created, status });
  }

  async update<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>> {
    return await this.#replace(object, undefined);
  }

  async updateStatus<T extends KubeObject = KubeObject>(object: T): Promise<Stored<T>> {
    return await this.#replace(object, 'status');
  }

  async patch<T extends KubeObject = KubeObject>(
    key: ObjectKey,
    mergePatch: Readonly<Record<string, unknown>>,
    { subresource }: { readonly subresource?: 'status' | undefined } = {},
  ): Promise<Stored<T>> {
    return await this.#ask<Stored<T>>({ method: 'PATCH', path: objectPath(key, subresource), body: mergePatch, contentType: MERGE_PATCH });
  }

  async delete(key: ObjectKey, options: DeleteOptions = {}): Promise<Stored | undefined> {
    const { propagation, uid, resourceVersion } = options;
    // The answer to a deletion may be a Status, which does not tell what the object was.
    const last = await this.get(key);
    if (last === undefined) return undefined;
    const preconditions = { uid: uid ?? last.metadata.uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: propagation ?? 'Background', preconditions };
    const answer = await this.#ask<Stored>({ method: 'DELETE', path: objectPath(key), body }).catch(unlessNotFound);
    return answer?.kind === last.kind ? answer : last;
  }

  watch<T extends KubeObject = KubeObject>(kind: GroupKind, options: WatchOptions = {}): Watch<T> {
    const place: { version: string | undefined } = { version: undefined };
    return { position: () => place.version, [Symbol.asyncIterator]: () => this.#changes<T>(kind, options, place) };
  }

  close(): Promise<void> {
    this.#closed.abort();
    return Promise.resolve();
  }

  async #pages<T extends KubeObject>(kind: GroupKind, options: ListOptions): Promise<ObjectList<T>> {
    const items: Stored<T>[] = [];
    let page = await this.#page<T>(kind, { ...options, limit: PAGE });
    const { resourceVersion } = page;
    for (;;) {
      items.push(...page.items);
      if (page.continue === undefined) return { items, resourceVersion };
      page = await this.#page<T>(kind, { ...options, limit: PAGE, continue: page.continue });
    }
  }

  async #page<T extends KubeObject>(kind: GroupKind, options: ListOptions): Promise<ObjectList<T>> {
    const type = typeOf(kind);
    const { remote, local } = splitFieldSelector(options.fieldSelector);
    const { items, metadata, apiVersion } = await this.#ask<{
      readonly apiVersion: string;
      readonly items: readonly Stored<T>[] | null;
      readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
    }>({
      method: 'GET',
      path: collectionPath(type, options.namespace),
      query: {
        labelSelector: options.labelSelector,
        fieldSelector: remote,
        limit: options.limit?.toString(),
        continue: options.continue,
      },
    });
    return {
      // Kubernetes' own kinds leave out what they are in their lists.
      items: (items ?? []).map((item) => ({ ...item, apiVersion, kind: type.kind })).filter((item) => matchesFields(local, item)),
      resourceVersion: metadata.resourceVersion,
      continue: metadata.continue === '' ? undefined : metadata.continue,
      remainingItemCount: metadata.remainingItemCount,
    };
  }

  /** With a version: as it says. Without: over whatever is there. */
  async #replace<T extends KubeObject>(object: T, subresource: 'status' | undefined): Promise<Stored<T>> {
    const { name = '', namespace } = object.metadata;
    const key = { kind: groupKindOf(object), namespace, name };
    const path = objectPath(key, subresource);
    for (let attempt = 1; ; attempt++) {
      const version = object.metadata.resourceVersion ?? (await this.#current(key)).metadata.resourceVersion;
      const body = { ...object, metadata: { ...object.metadata, resourceVersion: version } };
      try {
        return await this.#ask<Stored<T>>({ method: 'PUT', path, body });
      } catch (error) {
        const outdated = error instanceof StoreError && error.code === 'Conflict' && object.metadata.resourceVersion === undefined;
        if (!outdated || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  async #current(key: ObjectKey): Promise<Stored> {
    return await this.#ask<Stored>({ method: 'GET', path: objectPath(key) });
  }

  /** One watch after the other, each from where the last one came to; what has been yielded once is not yielded again. */
  async *#changes<T extends KubeObject>(
    kind: GroupKind,
    { namespace, labelSelector, fieldSelector, resourceVersion, signal }: WatchOptions,
    place: { version: string | undefined },
  ): AsyncGenerator<Change<T>> {
    const ended = AbortSignal.any([this.#closed.signal, ...(signal === undefined ? [] : [signal])]);
    if (ended.aborted) return;
    const { remote, local } = splitFieldSelector(fieldSelector);
    const path = collectionPath(typeOf(kind), namespace);
    place.version = resourceVersion ?? (await this.list(kind, { namespace, limit: 1 })).resourceVersion;
    let failures = 0;
    while (!ended.aborted) {
      const timeoutSeconds = String(WATCH_SECONDS + Math.floor(Math.random() * WATCH_SECONDS));
      const query = {
        watch: '1',
        allowWatchBookmarks: 'true',
        labelSelector,
        fieldSelector: remote,
        resourceVersion: place.version,
        timeoutSeconds,
      };
      try {
        for await (const line of jsonLines(this.#options.client.stream({ path, query, signal: ended }))) {
          const { type, object } = line as WatchLine;
          if (type === 'ERROR') throw watchError(object);
          failures = 0;
          place.version = object.metadata.resourceVersion;
          if (type !== 'BOOKMARK' && matchesFields(local, object)) yield { type, object: object as Stored<T> };
        }
      } catch (error) {
        if (ended.aborted) return;
        const code = error instanceof KubeError ? storeErrorCode(error) : 'Unavailable';
        // To ask again from here makes no sense, or is for the one who asks to decide.
        if (code === 'Gone' || code === 'Invalid' || code === 'Forbidden') throw storeError(error);
        failures++;
      }
      if (failures > 0) await this.#pause(failures, ended);
    }
  }

  #pause(failures: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
    return new Promise((resolve) => {
      const cancel = clock.at(clock.now() + longest / 2 + (Math.random() * longest) / 2, resolve);
      signal.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
  }

  async #ask<T>(request: Omit<KubeRequest, 'impersonate' | 'signal'>): Promise<T> {
    if (this.#closed.signal.aborted) throw new StoreError('Unavailable', 'the store is closed');
    const { client, impersonate } = this.#options;
    const writes = request.method !== 'GET';
    try {
      return (await client.request<T>({ ...request, impersonate: writes ? impersonate : undefined })).body;
    } catch (error) {
      throw storeError(error);
    }
  }
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof StoreError && error.code === 'NotFound') return undefined;
  throw error;
}

function watchError({ code = 0, reason = '', message = '' }: WatchLine['object']): KubeError {
  return new KubeError(code, code === 410 ? 'Expired' : reason, message);
}

function storeError(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  const remedy =
    error.code === 403 ? '; the role of whoever asks lacks a rule for it: charts/tappet/README.md says which there have to be' : '';
  return new StoreError(storeErrorCode(error), `${error.message}${remedy}`, { cause: error });
}
