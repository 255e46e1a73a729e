import { bitsOf, type IpAddress, parseIp } from './ip-address.ts';

/** Addresses that begin alike: a CIDR. A single address is a range of all its bits. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly bits: number;
  /** The bits that count, moved to the right. */
  readonly prefix: bigint;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. `undefined`: neither, or bits are set after the prefix. */
export function parseRange(text: string): AddressRange | undefined {
  const [, base = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIp(base);
  if (address === undefined) return undefined;
  const { family, value } = address;
  const width = bitsOf(family);
  const bits = length === undefined ? width : Number(length);
  // Of ::ffff:0:0/96 and what is inside it, the length still counts from the front of the IPv6 form: not taken, write it as IPv4.
  if (bits > width || (family === 4 && length !== undefined && base.includes(':'))) return undefined;
  const rest = BigInt(width - bits);
  const prefix = value >> rest;
  return prefix << rest === value ? { family, bits, prefix } : undefined;
}

export function inRange({ family, value }: IpAddress, range: AddressRange): boolean {
  return family === range.family && value >> BigInt(bitsOf(family) - range.bits) === range.prefix;
}

export function isSingle({ family, bits }: AddressRange): boolean {
  return bits === bitsOf(family);
}
