import { isIPv4, isIPv6 } from 'node:net';

export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

const MAPPED = 0xffffn;

/**
 * An address in any of its textual forms. `::ffff:127.0.0.1` is `127.0.0.1`: the kernel connects to the same. A zone (`%eth0`) names an
 * interface of this machine and is no part of the address.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, value: ofIpv4(text) };
  if (!isIPv6(text)) return undefined;
  const value = ofIpv6(text.replace(/%.*$/, ''));
  return value >> 32n === MAPPED ? lowIpv4(value) : { family: 6, value };
}

/** The IPv4 address in the bits from `shift` upwards. */
export function lowIpv4(value: bigint, shift = 0n): IpAddress {
  return { family: 4, value: (value >> shift) & 0xffff_ffffn };
}

export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function ofIpv4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** `text` is valid: at most one `::`, perhaps an IPv4 tail. */
function ofIpv6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const between = Array.from({ length: 8 - before.length - after.length }, () => 0n);
  return [...before, ...between, ...after].reduce((value, group) => (value << 16n) | group, 0n);
}

function groups(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [BigInt(`0x${part}`)];
    const value = ofIpv4(part);
    return [value >> 16n, value & MAPPED];
  });
}
