import { describe, expect, it } from 'vitest';
import { parseAllowRule } from './allow-rule.ts';
import { locate, type OutboundPolicy } from './destination.ts';

interface Case {
  readonly host: string;
  readonly allow?: readonly string[];
  readonly allowPrivate?: boolean;
  readonly privateNetwork?: boolean;
  /** What the host's name stands for. */
  readonly addresses?: readonly string[];
}

/** Nothing is connected to here: only what would be. */
async function located({
  host,
  allow = [],
  allowPrivate = false,
  privateNetwork = false,
  addresses = [],
}: Case): Promise<string | readonly string[]> {
  const policy: OutboundPolicy = { allow: allow.map((text) => parseAllowRule(text)!), allowPrivate };
  const resolve = async (): Promise<{ address: string; family: number }[]> =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const result = await locate(new URL(`https://${host}/a?secret`), { policy, privateNetwork, resolve });
  return result.ok ? result.addresses.map(({ address }) => address) : result.message;
}

describe('where a request goes', () => {
  it.each<[string, Case]>([
    ['public addresses', { host: '8.8.8.8' }],
    ['public addresses of a name', { host: 'public.test', addresses: ['8.8.8.8', '2606:4700::1111'] }],
    ['private addresses of a request that says so', { host: '10.0.0.1', privateNetwork: true }],
    [
      'private addresses of such a request by name',
      { host: 'svc.test', addresses: ['10.0.0.1', 'fd00::1', '100.64.0.1'], privateNetwork: true },
    ],
    ['private addresses when all may', { host: '192.168.0.1', allowPrivate: true }],
    ['an address that is allowed', { host: '10.0.0.1', allow: ['10.0.0.0/8'] }],
    ['loopback that is allowed', { host: '[::1]', allow: ['[::1]:443'] }],
    ['a name that is allowed, at loopback', { host: 'localhost', addresses: ['::1', '127.0.0.1'], allow: ['localhost'] }],
    [
      'a name of which one address is allowed and the other public',
      { host: 'both.test', addresses: ['8.8.8.8', '10.0.0.1'], allow: ['10.0.0.1'] },
    ],
    ['link-local that is allowed', { host: '169.254.1.1', allow: ['169.254.0.0/16'] }],
    ['reserved that is allowed', { host: '198.18.0.1', allow: ['198.18.0.0/15'] }],
    ['the metadata address that is allowed itself', { host: '169.254.169.254', allow: ['169.254.169.254'] }],
    [
      'a metadata name that is allowed',
      { host: 'metadata.google.internal', addresses: ['169.254.169.254'], allow: ['metadata.google.internal'] },
    ],
  ])('to %s', async (_, given) => {
    const host = given.host.replace(/^\[|\]$/g, '');
    expect(await located(given)).toEqual(given.addresses ?? [host]);
  });

  it.each<[string, Case, string]>([
    [
      'private addresses',
      { host: '10.0.0.1' },
      '10.0.0.1 is a private address; if it is meant, allow it with --allow-outbound 10.0.0.1:443',
    ],
    ['a private address of a name', { host: 'a.test', addresses: ['8.8.8.8', 'fd00::1'] }, 'a.test is fd00::1, a private address'],
    ['loopback for the private network', { host: '127.0.0.1', privateNetwork: true, allowPrivate: true }, 'a loopback address'],
    ['loopback by IPv6', { host: '[::1]' }, '--allow-outbound [::1]:443 or'],
    ['link-local for the private network', { host: '169.254.1.1', privateNetwork: true, allowPrivate: true }, 'a link-local address'],
    ['metadata within a range that is allowed', { host: '169.254.169.254', allow: ['169.254.0.0/16'] }, "a cloud's metadata service"],
    [
      'metadata behind a name that is allowed',
      { host: 'a.test', addresses: ['169.254.169.254'], allow: ['a.test'] },
      '--allow-outbound 169.254.169.254:443 or',
    ],
    [
      'a metadata name, unasked',
      { host: 'metadata.google.internal', addresses: ['8.8.8.8'] },
      "metadata.google.internal is a cloud's metadata service",
    ],
    ['multicast, whatever is allowed', { host: '224.0.0.1', allow: ['0.0.0.0/0'] }, 'a multicast address; no setting allows it'],
    ['unspecified, whatever is allowed', { host: '0.0.0.0', allow: ['0.0.0.0'] }, 'an unspecified address; no setting allows it'],
    ['unspecified behind a name that is allowed', { host: 'a.test', addresses: ['::'], allow: ['a.test'] }, 'no setting allows it'],
    [
      'what a resolver says that is no address',
      { host: 'a.test', addresses: ['nonsense'], allow: ['a.test'] },
      '"nonsense", which is no address',
    ],
  ])('not to %s', async (_, given, message) => {
    const result = await located(given);
    expect(result).toContain(message);
    expect(result).toContain(`https://${given.host}/a is not called`);
    expect(result).not.toContain('secret');
  });
});
