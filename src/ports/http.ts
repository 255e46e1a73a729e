import type { SendHttp } from '../triggers/http-exchange.ts';

/**
 * The one way out. Every request of ours to another server goes through it: webhook interceptors, forges' APIs, resolvers, reporters.
 *
 * - Schemes `http` and `https` only; user and password in a URL are refused.
 * - A name is resolved once and the connection goes to the address that was checked. Loopback, link-local, metadata, multicast and unspecified
 *   addresses are refused, in IPv6 forms of IPv4 too; private ones as well unless the request says `privateNetwork`. Settings may allow more.
 * - Every redirect is checked like a first request; `Authorization`, `Cookie` and headers with tokens are left out on another origin, and
 *   https does not lead to http.
 * - Certificates are verified whatever the environment says; its proxy variables are not looked at.
 * - A kept connection serves only requests that may go where it leads. When it breaks before an answer, what may be done twice (GET, PUT, DELETE)
 *   is sent again once; POST and PATCH are not.
 * - Expected trouble is a value with a code. Messages show a URL's origin and path, never its query.
 */
export interface Http {
  readonly send: SendHttp;
  /** Ends idle connections. Idempotent. */
  close(): Promise<void>;
}
