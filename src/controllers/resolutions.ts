import { goQuote } from '../expressions/variables/go-quote.ts';
import type { Clock } from '../ports/clock.ts';
import { type Store, StoreError } from '../ports/store.ts';
import { isDnsSubdomain, isLabelValue } from '../resources/names.ts';
import type { KubeObject, Stored } from '../resources/object.ts';
import type { Pipeline } from '../resources/pipeline/schema.ts';
import type { RemoteReference } from '../resources/references.ts';
import { newResolutionRequest } from '../resources/resolution-request/new-request.ts';
import { requestName } from '../resources/resolution-request/request-name.ts';
import type { ResolutionRequest } from '../resources/resolution-request/schema.ts';
import type { Resolved } from '../resources/resolved.ts';
import { refSourceSchema } from '../resources/status.ts';
import type { StepAction } from '../resources/step-action/schema.ts';
import type { Task } from '../resources/task/schema.ts';
import { timestamp } from '../resources/timestamp.ts';
import type { Informer } from './informer.ts';
import { isDone } from './is-done.ts';

/** The kinds that are fetched. */
export interface Definitions {
  readonly Pipeline: Pipeline;
  readonly Task: Task;
  readonly StepAction: StepAction;
}

/**
 * What fetched bytes are. `unreadable`: no such object can be made of them; `another`: they are an object of another kind; `invalid`: they
 * would be refused if they were applied.
 */
export type ReadDefinition = (
  data: Uint8Array,
  kind: keyof Definitions,
) =>
  | { readonly type: 'read'; readonly object: KubeObject }
  | { readonly type: 'unreadable' | 'another' | 'invalid'; readonly message: string };

export interface ResolutionsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly requests: Informer<ResolutionRequest>;
  readonly read: ReadDefinition;
}

/** A run that asks. */
export interface Asker {
  readonly run: Stored;
  /** See `NewRequest`. */
  readonly base: string;
  /** Called when there is an answer. */
  readonly wake: () => void;
}

/** Base64 characters of what is kept read. */
const MOST_READ = 16 * 1024 * 1024;

/**
 * What runs ask of resolvers: a question becomes a ResolutionRequest beside the run, and whoever asked is woken when it is answered. The
 * answer stays in it, so that the run's children, and the run itself after a restart, find the same.
 */
export class Resolutions {
  readonly #options: ResolutionsOptions;
  /** By request and by the run's uid. */
  readonly #waiting = new Map<string, Map<string, () => void>>();
  /** Answers that were read, oldest first, by the version of their request. */
  readonly #read = new Map<string, { readonly resolved: Resolved<KubeObject>; readonly size: number }>();
  #size = 0;

  constructor(options: ResolutionsOptions) {
    this.#options = options;
  }

  /** The ResolutionRequest informer's listener. */
  onRequest(now: Stored<ResolutionRequest> | undefined, _before: Stored<ResolutionRequest> | undefined, key: string): void {
    if (now !== undefined && !isDone(now)) return;
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    for (const wake of waiting?.values() ?? []) wake();
  }

  async ask<K extends keyof Definitions>(kind: K, reference: RemoteReference, asker: Asker): Promise<Resolved<Definitions[K]>> {
    const { store } = this.#options;
    const { namespace = '' } = asker.run.metadata;
    const name = requestName(reference, namespace, asker.base);
    if (!isDnsSubdomain(name) || !isLabelValue(reference.resolver)) {
      const why = 'a resolver’s name consists of lower case letters, digits and dashes';
      return failed(kind, reference, `ResolutionRequest.resolution.tekton.dev ${goQuote(name)} is invalid: metadata.name: ${why}`);
    }
    const key = `${namespace}/${name}`;
    // Before it is looked at: an answer that comes in between wakes in vain, and is not missed.
    const waiting = this.#waiting.get(key) ?? new Map<string, () => void>();
    this.#waiting.set(key, waiting.set(asker.run.metadata.uid, asker.wake));
    const request =
      (await store.get<ResolutionRequest>({ kind: 'resolution.tekton.dev/ResolutionRequest', namespace, name })) ??
      (await this.#create(reference, asker));
    if (request === undefined || !isDone(request)) return { type: 'pending' };
    waiting.delete(asker.run.metadata.uid);
    if (waiting.size === 0) this.#waiting.delete(key);
    return this.#answer(kind, reference, request) as Resolved<Definitions[K]>;
  }

  async #create(reference: RemoteReference, { run, base }: Asker): Promise<Stored<ResolutionRequest> | undefined> {
    const { store, clock, requests } = this.#options;
    const { apiVersion, kind, metadata } = run;
    const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
    const { namespace = '' } = metadata;
    try {
      const created = await store.create(newResolutionRequest({ reference, namespace, base, owner, now: timestamp(clock.now()) }));
      requests.learn(created);
      return created;
    } catch (error) {
      // Somebody was quicker with the same question.
      if (error instanceof StoreError && error.code === 'AlreadyExists') return undefined;
      throw error;
    }
  }

  #answer(kind: keyof Definitions, reference: RemoteReference, request: Stored<ResolutionRequest>): Resolved<KubeObject> {
    const { uid, resourceVersion } = request.metadata;
    const key = `${kind} ${uid} ${resourceVersion}`;
    const known = this.#read.get(key);
    if (known !== undefined) return known.resolved;
    const resolved = this.#readAnswer(kind, reference, request);
    const size = request.status?.data?.length ?? 0;
    this.#read.set(key, { resolved, size });
    this.#size += size;
    for (const [oldest, entry] of this.#read) {
      if (this.#size <= MOST_READ) break;
      this.#read.delete(oldest);
      this.#size -= entry.size;
    }
    return resolved;
  }

  /** Follows tektoncd/pipeline pkg/remote/resolution/resolver.go, `ResolvedRequest`, and the reconcilers' `resolveTask` and `resolvePipeline`. */
  #readAnswer(kind: keyof Definitions, reference: RemoteReference, { status = {} }: Stored<ResolutionRequest>): Resolved<KubeObject> {
    const condition = status.conditions?.find(({ type }) => type === 'Succeeded');
    if (condition?.status !== 'True') return failed(kind, reference, condition?.message ?? '');
    const data = fromBase64(status.data);
    if (data === undefined) return failed(kind, reference, 'error accessing data from remote resource: illegal base64 data', '');
    const read = this.#options.read(data, kind);
    switch (read.type) {
      case 'read':
        return { type: 'found', object: read.object, refSource: refSourceSchema.safeParse(status.refSource).data };
      case 'unreadable':
        return failed(kind, reference, `invalid runtime object: ${read.message}`, '');
      case 'another':
        return { type: 'missing', message: asRead(kind, read.message) };
      case 'invalid':
        return { type: 'invalid', message: asRead(kind, read.message) };
    }
  }
}

/** Of Pipelines upstream says which step it was that failed. */
function failed(
  kind: keyof Definitions,
  { url = '' }: RemoteReference,
  why: string,
  prefix = 'error requesting remote resource: ',
): Extract<Resolved<never>, { type: 'missing' }> {
  const message = prefix + why;
  return { type: 'missing', message: kind === 'Pipeline' ? `resolver failed to get Pipeline ${url}: ${message}` : message };
}

function asRead(kind: keyof Definitions, message: string): string {
  return kind === 'Pipeline' ? `failed to read runtime object as Pipeline: ${message}` : message;
}

/** Of whoever answered: it may be no base64, and no text at all. */
function fromBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Buffer.from(text, 'base64');
}
