import type { GroupKind, KubeObject, Stored } from '../resources/object.ts';
import { typeOfGroupKind } from '../resources/registry.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { ServerRecord } from './connection.ts';

/** What the API says when it refuses: Kubernetes' `Status`. */
export interface ApiStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly { readonly field: string; readonly message: string }[];
}

/** The server answered, and the answer was no. */
export class ApiError extends Error {
  readonly status: ApiStatus;

  constructor(status: ApiStatus) {
    super(status.message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export interface WriteResult {
  readonly object: Stored;
  readonly warnings: readonly string[];
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Stored;
}

const EVENTS = '/apis/tappet.dev/v1alpha1/events';

type Query = Readonly<Record<string, string | undefined>>;

/** Speaks the Kubernetes REST conventions to the server's private listener, and nothing else. */
export class ApiClient {
  readonly server: ServerRecord;

  constructor(server: ServerRecord) {
    this.server = server;
  }

  async get(kind: GroupKind, namespace: string | undefined, name: string): Promise<Stored | undefined> {
    const response = await this.#send('GET', path(kind, namespace, name));
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    return this.#json<Stored>(response);
  }

  async list(kind: GroupKind, namespace: string | undefined, query: Query = {}): Promise<{ items: Stored[]; resourceVersion: string }> {
    const list = await this.#json<{ items?: Stored[]; metadata?: { resourceVersion?: string } }>(
      await this.#send('GET', path(kind, namespace), query),
    );
    return { items: list.items ?? [], resourceVersion: list.metadata?.resourceVersion ?? '' };
  }

  create(object: KubeObject, kind: GroupKind, options: { readonly dryRun?: boolean } = {}): Promise<WriteResult> {
    return this.#write('POST', path(kind, object.metadata.namespace), object, strictly(options));
  }

  replace(object: KubeObject, kind: GroupKind, options: { readonly dryRun?: boolean } = {}): Promise<WriteResult> {
    const target = path(kind, object.metadata.namespace, object.metadata.name);
    return this.#write('PUT', target, object, strictly(options));
  }

  patch(kind: GroupKind, namespace: string | undefined, name: string, patch: unknown): Promise<WriteResult> {
    return this.#write('PATCH', path(kind, namespace, name), patch, {}, 'application/merge-patch+json');
  }

  async delete(kind: GroupKind, namespace: string | undefined, name: string): Promise<void> {
    await this.#json(await this.#send('DELETE', path(kind, namespace, name)));
  }

  /** Every later change, as the API sends them; ends when the server ends it or the signal aborts. */
  async *watch(kind: GroupKind, namespace: string | undefined, query: Query, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const response = await this.#send('GET', path(kind, namespace), { ...query, watch: '1' }, undefined, signal);
    if (!response.ok) await this.#json(response);
    for await (const line of lines(response, signal)) if (line !== '') yield JSON.parse(line);
  }

  /** The output of one container; with `follow` until it has ended. */
  async *logs(namespace: string, pod: string, query: Query, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const response = await this.#send('GET', `/api/v1/namespaces/${enc(namespace)}/pods/${enc(pod)}/log`, query, undefined, signal);
    if (!response.ok) await this.#json(response);
    try {
      for await (const chunk of response.body ?? []) yield chunk;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async events<T>(namespace: string | undefined, query: Query): Promise<readonly T[]> {
    const scope = namespace === undefined ? '' : `namespaces/${enc(namespace)}/`;
    const list = await this.#json<{ items?: T[] }>(await this.#send('GET', `/apis/tappet.dev/v1alpha1/${scope}events`, query));
    return list.items ?? [];
  }

  async event<T>(id: string): Promise<T | undefined> {
    const response = await this.#send('GET', `${EVENTS}/${enc(id)}`);
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    return this.#json<T>(response);
  }

  /** Fires a schedule now; gives the event's id. */
  async runSchedule(namespace: string, name: string): Promise<string> {
    const target = `/apis/tappet.dev/v1alpha1/namespaces/${enc(namespace)}/schedules/${enc(name)}/run`;
    return (await this.#json<{ readonly eventId: string }>(await this.#send('POST', target))).eventId;
  }

  /** The event with its body as text, where it is text. */
  async eventWithBody<T>(id: string): Promise<T> {
    return this.#json<T>(await this.#send('GET', `${EVENTS}/${enc(id)}`, { body: '1' }));
  }

  async explain<T>(id: string, trigger: string): Promise<T> {
    return this.#json<T>(await this.#send('GET', `${EVENTS}/${enc(id)}/explain`, { trigger }));
  }

  /** The event as a test of its listener's triggers. */
  async triggerTest<T>(id: string): Promise<T> {
    return this.#json<T>(await this.#send('GET', `${EVENTS}/${enc(id)}/trigger-test`));
  }

  /** Replay or retry of an event. */
  async act<T>(id: string, action: 'replay' | 'retry', request: unknown): Promise<T> {
    const content = { body: JSON.stringify(request), contentType: 'application/json' };
    return this.#json<T>(await this.#send('POST', `${EVENTS}/${enc(id)}/${action}`, {}, content));
  }

  async #write(method: string, target: string, body: unknown, query: Query, contentType = 'application/json'): Promise<WriteResult> {
    const response = await this.#send(method, target, query, { body: JSON.stringify(body), contentType });
    const warnings = warningsOf(response.headers.get('warning'));
    return { object: await this.#json<Stored>(response), warnings };
  }

  async #send(
    method: string,
    target: string,
    query: Query = {},
    content?: { readonly body: string; readonly contentType: string },
    signal?: AbortSignal,
  ): Promise<Response> {
    const url = new URL(this.server.api + target);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
    try {
      return await fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          ...(content === undefined ? {} : { 'content-type': content.contentType }),
          ...(this.server.token === undefined ? {} : { authorization: `Bearer ${this.server.token}` }),
        },
        ...(content === undefined ? {} : { body: content.body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CliError(exitCodes.unavailable, `cannot reach the server at ${this.server.api}: ${cause}`, { cause: error });
    }
  }

  async #json<T>(response: Response): Promise<T> {
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    throw new ApiError(statusOf(response.status, text));
  }
}

/** A field nobody knows is a mistake in somebody's file. */
function strictly({ dryRun }: { readonly dryRun?: boolean }): Query {
  return { fieldValidation: 'Strict', ...(dryRun === true && { dryRun: 'All' }) };
}

function path(kind: GroupKind, namespace: string | undefined, name?: string): string {
  const type = typeOfGroupKind(kind);
  if (type === undefined) throw new CliError(exitCodes.usage, `unknown kind ${kind}`);
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${enc(namespace)}` : '';
  return `${root}${scope}/${type.plural}${name === undefined ? '' : `/${enc(name)}`}`;
}

const enc = encodeURIComponent;

function statusOf(code: number, text: string): ApiStatus {
  try {
    const status = JSON.parse(text);
    return { code, reason: status.reason ?? '', message: status.message ?? text, causes: status.details?.causes ?? [] };
  } catch {
    return { code, reason: '', message: text.trim() === '' ? `the server answered ${code}` : text.trim(), causes: [] };
  }
}

/** `299 - "text", 299 - "text"`. */
function warningsOf(header: string | null): string[] {
  return [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}

async function* lines(response: Response, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true });
      let end = rest.indexOf('\n');
      while (end >= 0) {
        yield rest.slice(0, end);
        rest = rest.slice(end + 1);
        end = rest.indexOf('\n');
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
