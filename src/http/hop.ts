import type { HttpRequest } from '../triggers/http-exchange.ts';
import { failure, type HttpFailure } from './failure.ts';
import { parseUrl } from './parse-url.ts';
import { type RequestHeaders, requestHeaders, withoutContent, withoutCredentials } from './request-headers.ts';
import { shownUrl } from './shown-url.ts';

/** One request of a chain. */
export interface Hop {
  readonly url: URL;
  readonly method: HttpRequest['method'];
  readonly headers: RequestHeaders;
  readonly body: Uint8Array | undefined;
}

const methods: ReadonlySet<string> = new Set<HttpRequest['method']>(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The request as it was asked for, if it can be sent at all. Its parts may come from a user's YAML or a webhook: trouble is a value. */
export function firstHop({ url: text, method, headers: given, body, caBundle }: HttpRequest): Hop | HttpFailure {
  const url = parseUrl(text);
  if (!(url instanceof URL)) return url;
  const refuse = (why: string): HttpFailure => failure('Malformed', `${shownUrl(url)} is not called: ${why}`);
  if (!methods.has(method)) return refuse(`the method is ${JSON.stringify(method)}, expected one of ${[...methods].join(', ')}`);
  const headers = requestHeaders(given);
  if (typeof headers === 'string') return refuse(headers);
  // Node takes an empty bundle for none, and would trust the system's roots.
  if (caBundle !== undefined && !/-----BEGIN CERTIFICATE-----/.test(caBundle))
    return failure('Untrusted', `${shownUrl(url)} is not called: its caBundle holds no certificate in PEM form`);
  return { url, method, headers, body: typeof body === 'string' ? new TextEncoder().encode(body) : body };
}

export function isRedirect(status: number, location: string | undefined): location is string {
  return redirects.has(status) && location !== undefined;
}

/** Where a redirect leads, as browsers follow it (fetch, HTTP-redirect fetch). Going from https to http is refused. */
export function redirected(hop: Hop, status: number, location: string): Hop | HttpFailure {
  const url = parseUrl(location, hop.url);
  if (!(url instanceof URL)) return { ...url, message: `${shownUrl(hop.url)} redirects: ${url.message}` };
  if (hop.url.protocol === 'https:' && url.protocol === 'http:')
    return failure('Refused', `${shownUrl(hop.url)} redirects to ${shownUrl(url)}: from https to http is not followed`);
  const headers = url.origin === hop.url.origin ? hop.headers : withoutCredentials(hop.headers);
  const becomesGet = status === 303 || (status <= 302 && hop.method === 'POST');
  if (!becomesGet) return { ...hop, url, headers };
  return { url, method: 'GET', headers: withoutContent(headers), body: undefined };
}
