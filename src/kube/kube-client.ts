import type { StoreErrorCode } from '../ports/store.ts';

export type Query = Readonly<Record<string, string | undefined>>;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the server: `/apis/tekton.dev/v1/namespaces/ci/taskruns`. */
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the body; `application/json` if absent. */
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In whose name: `system:serviceaccount:ci:bot`. Absent: our own. */
  readonly impersonate?: string | undefined;
  /** Besides those that say who we are and what is sent. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface KubeAnswer<T> {
  readonly status: number;
  readonly body: T;
  /** Texts of the answer's `Warning` headers. */
  readonly warnings: readonly string[];
}

/**
 * Speaks to one Kubernetes API server; a few connections, kept open. It waits for its rate limit, waits and asks again when it is told to (429,
 * `Retry-After`) or a GET finds nobody, renews credentials that ended, and gives up when the signal says so.
 */
export interface KubeClient {
  /** For messages: `https://10.0.0.1:6443`. */
  readonly server: string;
  /** Rejects with a `KubeError` for any answer but 2xx. */
  request<T>(request: KubeRequest): Promise<KubeAnswer<T>>;
  /** The body of a GET as it comes: logs, watches. Ends when the server ends it or the signal aborts; rejects when the connection breaks off. */
  stream(request: Omit<KubeRequest, 'method' | 'body' | 'contentType'>): AsyncIterable<Uint8Array>;
  close(): void;
}

/** The server's no, as its `Status` says it, or (`code` 0, reason `Unreachable`) that there was no answer. */
export class KubeError extends Error {
  readonly code: number;
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Forbidden`, `Expired`, `TooManyRequests`, … */
  readonly reason: string;
  readonly causes: readonly { readonly field: string; readonly message: string }[];

  constructor(
    code: number,
    reason: string,
    message: string,
    options: ErrorOptions & { readonly causes?: readonly { readonly field: string; readonly message: string }[] } = {},
  ) {
    super(message, options);
    this.name = 'KubeError';
    this.code = code;
    this.reason = reason;
    this.causes = options.causes ?? [];
  }
}

/** What a store calls it. */
export function storeErrorCode(error: KubeError): StoreErrorCode {
  switch (error.reason) {
    case 'NotFound':
    case 'AlreadyExists':
    case 'Conflict':
    case 'Invalid':
      return error.reason;
    case 'Expired':
    case 'Gone':
      return 'Gone';
    default:
      if (error.code === 403) return 'Forbidden';
      return error.code === 400 || error.code === 422 ? 'Invalid' : 'Unavailable';
  }
}
