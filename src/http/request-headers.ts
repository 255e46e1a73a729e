import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HttpRequest } from '../triggers/http-exchange.ts';

/** By small name. What is sent carries the name as it was given. */
export type RequestHeaders = ReadonlyMap<string, { readonly name: string; readonly values: readonly string[] }>;

/**
 * The client's own: what belongs to the connection (RFC 9110 7.6.1), what frames the body (a second opinion on its length is how requests are
 * smuggled), and what it can decode. A webhook's headers that are passed on bring theirs along.
 */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const credentialName = /auth|cookie|token|secret|passw|credential|signature|session|hmac|key/;

/** A string says what is wrong, without the value. */
export function requestHeaders(given: HttpRequest['headers']): RequestHeaders | string {
  const headers = new Map<string, { name: string; values: string[] }>([['user-agent', { name: 'User-Agent', values: ['tappet'] }]]);
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(given ?? {})) {
    const key = name.toLowerCase();
    if (ownHeaders.has(key)) continue;
    const values = typeof value === 'string' ? [value] : [...value];
    const wrong = invalid(name, values);
    if (wrong !== undefined) return wrong;
    // Two spellings of one name are one header.
    if (seen.has(key)) headers.get(key)?.values.push(...values);
    else headers.set(key, { name, values });
    seen.add(key);
  }
  return headers;
}

/** For another origin: what may be a credential stays here. */
export function withoutCredentials(headers: RequestHeaders): RequestHeaders {
  return new Map([...headers].filter(([key]) => !credentialName.test(key)));
}

/** For a request that lost its body. */
export function withoutContent(headers: RequestHeaders): RequestHeaders {
  return new Map([...headers].filter(([key]) => !key.startsWith('content-')));
}

function invalid(name: string, values: readonly string[]): string | undefined {
  try {
    validateHeaderName(name);
  } catch {
    return `the header name ${JSON.stringify(name)} has characters that no header name may have`;
  }
  try {
    for (const value of values) validateHeaderValue(name, value);
  } catch {
    return `the value of header ${name} has characters that no header may have (line breaks, control characters, or beyond Latin-1)`;
  }
  return undefined;
}
