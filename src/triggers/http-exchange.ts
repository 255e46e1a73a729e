/**
 * One request to the outside and what came of it. Declared here because interceptors ask with it; `ports/http.ts` is the port that answers.
 */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  /**
   * Sent as given; a list is sent as several headers. The client's own are Host, Content-Length, Accept-Encoding and what belongs to one
   * connection (Connection, Transfer-Encoding, Expect …): given ones are left out.
   */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** From the call to the last byte of the answer, redirects included. Milliseconds; 10,000 when absent. */
  readonly timeoutMs?: number | undefined;
  /** Given up as soon as it says so, as if time were up. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the answer's body, after decompression; 1 MiB when absent. */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Redirects to follow; 0 when absent, and then one is the answer. Headers with credentials do not go along to another origin; the body does
   * when the server asks for the same request there (307, 308).
   */
  readonly maxRedirects?: number | undefined;
  /** PEM. When given, only certificates signed by these are trusted, and the system's roots are not. */
  readonly caBundle?: string | undefined;
  /**
   * The author of the configuration named this very server, who may mean one in the same network: private addresses are allowed. Loopback,
   * link-local and metadata addresses stay refused unless the server's settings allow them. Redirects to another server are not meant by this.
   */
  readonly privateNetwork?: boolean | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Reason phrase, as sent. */
  readonly statusText: string;
  /**
   * Canonical names (`Content-Type`), every value kept. Without what described the body on its way: Transfer-Encoding, and of a compressed one
   * Content-Encoding and Content-Length.
   */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Decompressed. */
  readonly body: Uint8Array;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

export type HttpFailureCode =
  /** The address or the scheme is one this server does not call; see its settings. */
  | 'Refused'
  /** No connection, or it broke off. */
  | 'Unreachable'
  | 'Timeout'
  /** The answer is larger than asked for. */
  | 'TooLarge'
  | 'TooManyRedirects'
  /** The certificate is not trusted, or the CA bundle holds none. */
  | 'Untrusted'
  /** What came is no HTTP, or what was to be sent is none: its URL, its method, a header. */
  | 'Malformed';

export type HttpResult =
  | { readonly ok: true; readonly response: HttpResponse }
  /** `message`: what and where, for people; no credentials in it. */
  | { readonly ok: false; readonly code: HttpFailureCode; readonly message: string };

/** Never rejects for anything the network does. */
export type SendHttp = (request: HttpRequest) => Promise<HttpResult>;
