import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { plainName } from './allow-rule.ts';
import type { ConnectionPool, Pinned } from './connection-pool.ts';
import { portOf } from './destination.ts';
import type { Hop } from './hop.ts';

export type Exchanged =
  | {
      readonly ok: true;
      /** The head of the answer; its body is to be read or destroyed. */
      readonly message: IncomingMessage;
      /** What went wrong since, when the body breaks off: the body's stream itself knows only that it did. */
      brokenBy(): NodeJS.ErrnoException | undefined;
    }
  | {
      readonly ok: false;
      readonly error: NodeJS.ErrnoException;
      /** The server's certificate was the trouble. */
      readonly untrusted: boolean;
      /** The connection had served before: it may have been closed while we wrote. */
      readonly reused: boolean;
    };

export interface ExchangeOptions {
  readonly pool: ConnectionPool;
  /** Checked; no others are connected to. Not empty. */
  readonly addresses: readonly LookupAddress[];
  readonly caBundle: string | undefined;
  /** On a connection of its own, which is not kept. */
  readonly alone: boolean;
  readonly signal: AbortSignal;
}

/** A server may not send more than this before its answer's body begins. */
const MAX_HEADER_BYTES = 32 * 1024;
/** How long one of several addresses may take to connect before the next one is tried. */
const NEXT_ADDRESS_AFTER_MS = 1_000;

/** Sends one request and waits for the head of its answer. Does not reject for what the network does. */
export function exchange({ url, method, headers, body }: Hop, options: ExchangeOptions): Promise<Exchanged> {
  const { pool, addresses, caBundle, alone, signal } = options;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const tls = url.protocol === 'https:';
  const requestOptions: RequestOptions & Pinned & { autoSelectFamily: boolean; autoSelectFamilyAttemptTimeout: number } = {
    agent: alone ? false : pool.agentFor(url.protocol),
    pin: addresses
      .map(({ address }) => address)
      .toSorted()
      .join(),
    host,
    port: portOf(url),
    path: `${url.pathname}${url.search}`,
    method,
    lookup: pinnedLookup(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    setHost: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Said, so that neither flags nor environment variables of Node say otherwise.
    insecureHTTPParser: false,
    signal,
    ...(tls && { rejectUnauthorized: true, minVersion: 'TLSv1.2', servername: isIP(host) > 0 ? '' : plainName(host) }),
    ...(tls && caBundle !== undefined && { ca: caBundle }),
  };
  return new Promise((resolve) => {
    let socket: Socket | undefined;
    let broken: NodeJS.ErrnoException | undefined;
    const request = (tls ? httpsRequest : httpRequest)(requestOptions);
    // The number of headers is bounded by their bytes; Node's own limit drops what is beyond it, in silence.
    request.maxHeadersCount = 0;
    const fail = (error: NodeJS.ErrnoException): void => {
      broken ??= error;
      resolve({
        ok: false,
        error,
        untrusted: socket instanceof TLSSocket && Boolean(socket.authorizationError),
        reused: request.reusedSocket,
      });
    };
    request.once('socket', (given) => {
      socket = given;
    });
    request.on('error', fail);
    request.once('close', () => fail(new Error('the connection was closed')));
    request.once('response', (message) => resolve({ ok: true, message, brokenBy: () => broken }));
    request.setHeader('Host', url.host);
    request.setHeader('Accept-Encoding', 'gzip, br');
    for (const { name, values } of headers.values()) request.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
    if (body !== undefined || method === 'POST' || method === 'PUT' || method === 'PATCH')
      request.setHeader('Content-Length', body?.byteLength ?? 0);
    request.end(body);
  });
}

/** Knows the addresses that were checked. Not asked when the host is an address, which was checked as well. */
function pinnedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (host, options, callback) => {
    const [first] = addresses;
    if (first === undefined) callback(new Error(`${host} has no address`), '');
    else if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}
