import { createKubeClient } from '../kube/create-kube-client.ts';
import { jsonLines } from '../kube/json-lines.ts';
import { type KubeClient, KubeError, type KubeRequest, type Query } from '../kube/kube-client.ts';
import { listAll } from '../kube/list-pages.ts';
import { resourceUrl } from '../kube/resource-url.ts';
import type { Clock } from '../ports/clock.ts';
import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { type ResourceType, typeOfGroupKind } from '../resources/registry.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { eventJournal } from './event-journal.ts';
import type { Reached } from './reach.ts';

export interface WriteResult {
  readonly object: Stored;
  readonly warnings: readonly string[];
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Stored;
}

/** Of a server that is being started again a command does not wait longer than this. */
const ATTEMPTS = 3;

/** Unlike the server's clock it keeps the process alive: a command that waits is not done. */
const commandClock: Clock = {
  now: () => Date.now(),
  at(instant, run) {
    const timer = setTimeout(run, Math.max(0, instant - Date.now()));
    return () => clearTimeout(timer);
  },
};

/** Speaks the Kubernetes REST conventions, to a server of ours or to a cluster's. Refusals are `KubeError`s; what is not reached, a `CliError`. */
export class ApiClient {
  /** For messages: `https://10.0.0.1:6443`. */
  readonly server: string;
  /** The listener for webhooks; empty if it is not known. */
  readonly ingress: string;
  /** Whether output of steps comes from a cluster, which hands it out as it was written. */
  readonly isCluster: boolean;
  readonly #client: KubeClient;
  readonly #inJournal: <T>(request: KubeRequest) => Promise<T>;

  constructor({ connection, ingress, inCluster }: Reached) {
    this.server = connection.server;
    this.ingress = ingress;
    this.isCluster = inCluster !== undefined;
    this.#client = createKubeClient(connection, { clock: commandClock, attempts: ATTEMPTS });
    this.#inJournal = eventJournal(this.#client, inCluster);
  }

  async get(kind: GroupKind, namespace: string | undefined, name: string): Promise<Stored | undefined> {
    return this.#send<Stored>({ method: 'GET', path: pathOf(kind, namespace, name) }).catch(unlessNotFound);
  }

  async list(
    kind: GroupKind,
    namespace: string | undefined,
    query: Query = {},
  ): Promise<{ items: readonly Stored[]; resourceVersion: string }> {
    return this.#telling(() => listAll(this.#client, { path: pathOf(kind, namespace), query }));
  }

  create(object: KubeObject, kind: GroupKind, options: { readonly dryRun?: boolean } = {}): Promise<WriteResult> {
    return this.#write({ method: 'POST', path: pathOf(kind, object.metadata.namespace), body: object, query: strictly(options) });
  }

  replace(object: KubeObject, kind: GroupKind, options: { readonly dryRun?: boolean } = {}): Promise<WriteResult> {
    const path = pathOf(kind, object.metadata.namespace, object.metadata.name);
    return this.#write({ method: 'PUT', path, body: object, query: strictly(options) });
  }

  patch(kind: GroupKind, namespace: string | undefined, name: string, patch: unknown): Promise<WriteResult> {
    const path = pathOf(kind, namespace, name);
    return this.#write({ method: 'PATCH', path, body: patch, contentType: 'application/merge-patch+json' });
  }

  async delete(kind: GroupKind, namespace: string | undefined, name: string): Promise<void> {
    await this.#send({ method: 'DELETE', path: pathOf(kind, namespace, name) });
  }

  /** Every later change, as the API sends them; ends when the server ends it or the signal aborts. */
  async *watch(kind: GroupKind, namespace: string | undefined, query: Query, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const chunks = this.#client.stream({ path: pathOf(kind, namespace), query: { ...query, watch: '1' }, signal });
    try {
      yield* jsonLines<WatchEvent>(chunks);
    } catch (error) {
      if (!signal.aborted) throw told(error);
    }
  }

  /** The output of one container; with `follow` until it has ended. */
  async *logs(namespace: string, pod: string, query: Query, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const path = `/api/v1/namespaces/${enc(namespace)}/pods/${enc(pod)}/log`;
    try {
      yield* this.#client.stream({ path, query, signal, accept: '*/*' });
    } catch (error) {
      throw told(error);
    }
  }

  async events<T>(namespace: string | undefined, query: Query): Promise<readonly T[]> {
    const scope = namespace === undefined ? '' : `/namespaces/${enc(namespace)}`;
    return (await this.#journal<{ items?: T[] }>({ method: 'GET', path: `${scope}/events`, query })).items ?? [];
  }

  async event<T>(id: string): Promise<T | undefined> {
    return this.#journal<T>({ method: 'GET', path: `/events/${enc(id)}` }).catch(unlessNotFound);
  }

  /** Fires a schedule now; gives the event's id. */
  async runSchedule(namespace: string, name: string): Promise<string> {
    const path = `/namespaces/${enc(namespace)}/schedules/${enc(name)}/run`;
    return (await this.#journal<{ readonly eventId: string }>({ method: 'POST', path })).eventId;
  }

  /** The event with its body as text, where it is text. */
  async eventWithBody<T>(id: string): Promise<T> {
    return this.#journal<T>({ method: 'GET', path: `/events/${enc(id)}`, query: { body: '1' } });
  }

  async explain<T>(id: string, trigger: string): Promise<T> {
    return this.#journal<T>({ method: 'GET', path: `/events/${enc(id)}/explain`, query: { trigger } });
  }

  /** The event as a test of its listener's triggers. */
  async triggerTest<T>(id: string): Promise<T> {
    return this.#journal<T>({ method: 'GET', path: `/events/${enc(id)}/trigger-test` });
  }

  /** Replay or retry of an event. */
  async act<T>(id: string, action: 'replay' | 'retry', request: unknown): Promise<T> {
    return this.#journal<T>({ method: 'POST', path: `/events/${enc(id)}/${action}`, body: request });
  }

  async #write(request: KubeRequest): Promise<WriteResult> {
    const { body: object, warnings } = await this.#telling(() => this.#client.request<Stored>(request));
    return { object, warnings };
  }

  async #send<T>(request: KubeRequest): Promise<T> {
    return (await this.#telling(() => this.#client.request<T>(request))).body;
  }

  /** `path` is what follows our group and version. */
  #journal<T>(request: KubeRequest): Promise<T> {
    return this.#telling(() => this.#inJournal<T>({ ...request, path: `/apis/tappet.dev/v1alpha1${request.path}` }));
  }

  async #telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw told(error);
    }
  }
}

/** Without an answer there is nothing to be told apart: the command ends, or waits for the server to come back. */
function told(error: unknown): unknown {
  return error instanceof KubeError && error.code === 0 ? new CliError(exitCodes.unavailable, error.message, { cause: error }) : error;
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof KubeError && error.code === 404) return undefined;
  throw error;
}

/** A field nobody knows is a mistake in somebody's file. */
function strictly({ dryRun }: { readonly dryRun?: boolean }): Query {
  return { fieldValidation: 'Strict', ...(dryRun === true && { dryRun: 'All' }) };
}

function pathOf(kind: GroupKind, namespace: string | undefined, name?: string): string {
  return resourceUrl(knownType(kind), { namespace, name });
}

function knownType(kind: GroupKind): ResourceType {
  const type = typeOfGroupKind(kind);
  if (type === undefined) throw new CliError(exitCodes.usage, `unknown kind ${kind}`);
  return type;
}

const enc = encodeURIComponent;
