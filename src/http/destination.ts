import type { LookupAddress } from 'node:dns';
import { type AddressKind, addressKind } from './address-kind.ts';
import { type AllowRule, allowsAddress, allowsName, plainName } from './allow-rule.ts';
import { failure, type HttpFailure } from './failure.ts';
import { parseIp } from './ip-address.ts';
import type { ResolveName } from './resolve-name.ts';
import { shownUrl } from './shown-url.ts';

/** What the server's settings say about calling others. */
export interface OutboundPolicy {
  /** Called whatever they are; a metadata address only when it is named itself, multicast and unspecified ones never. */
  readonly allow: readonly AllowRule[];
  /** Private addresses are called for every request, not only for those that say `privateNetwork`. */
  readonly allowPrivate: boolean;
}

export interface LocateOptions {
  readonly policy: OutboundPolicy;
  readonly privateNetwork: boolean;
  readonly resolve: ResolveName;
}

export type Located = { readonly ok: true; readonly addresses: readonly LookupAddress[] } | HttpFailure;

/** Names of metadata services. Their addresses are known too; where such a name has another, it is refused all the same. */
const metadataNames: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

const described: Readonly<Record<Exclude<AddressKind, 'public'>, string>> = {
  private: 'a private address',
  loopback: 'a loopback address',
  'link-local': 'a link-local address',
  metadata: "an address of a cloud's metadata service",
  multicast: 'a multicast address',
  unspecified: 'an unspecified address',
  reserved: 'a reserved address',
};

/**
 * The addresses a URL's server has, every one of them checked; the caller connects to one of these and to no other. One that is refused
 * refuses the whole name: a name with a public and a loopback address is an attempt, not a server.
 */
export async function locate(url: URL, options: LocateOptions): Promise<Located> {
  const { policy, privateNetwork, resolve } = options;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const name = plainName(host);
  const port = portOf(url);
  const named = allowsName(policy.allow, name, port);
  if (metadataNames.has(name) && !named) return refused(url, `${name} is a cloud's metadata service`, endpoint(name, port));
  const literal = parseIp(host);
  const addresses = literal === undefined ? await resolved(url, host, resolve) : [{ address: host, family: literal.family }];
  if ('ok' in addresses) return addresses;
  for (const { address } of addresses) {
    const ip = parseIp(address);
    if (ip === undefined) return refused(url, `${name} is ${JSON.stringify(address)}, which is no address`);
    const kind = addressKind(ip);
    if (kind === 'public' || (kind === 'private' && (privateNetwork || policy.allowPrivate))) continue;
    const never = kind === 'multicast' || kind === 'unspecified';
    const alone = kind === 'metadata';
    const allowed = allowsAddress(policy.allow, ip, port, { alone }) || (named && (!alone || metadataNames.has(name)));
    if (allowed && !never) continue;
    const what = literal === undefined ? `${name} is ${address}, ${described[kind]}` : `${address} is ${described[kind]}`;
    return refused(url, what, never ? undefined : endpoint(alone ? address : name, port));
  }
  return { ok: true, addresses };
}

export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

async function resolved(url: URL, host: string, resolve: ResolveName): Promise<readonly LookupAddress[] | HttpFailure> {
  try {
    const addresses = await resolve(host);
    return addresses.length > 0 ? addresses : failure('Unreachable', `cannot reach ${shownUrl(url)}: ${host} has no address`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'ENOTFOUND' ? `there is no server named ${host}` : `${host} cannot be resolved (${String(code ?? error)})`;
    return failure('Unreachable', `cannot reach ${shownUrl(url)}: ${why}`);
  }
}

function refused(url: URL, why: string, allow?: string): HttpFailure {
  const remedy =
    allow === undefined
      ? 'no setting allows it'
      : `if it is meant, allow it with --allow-outbound ${allow} or in the setting outbound.allow`;
  return failure('Refused', `${shownUrl(url)} is not called: ${why}; ${remedy}`);
}

function endpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
