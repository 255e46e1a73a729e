import { domainToASCII } from 'node:url';
import { type AddressRange, inRange, isSingle, parseRange } from './address-range.ts';
import type { IpAddress } from './ip-address.ts';

/** One thing the operator lets this server call although it would not: a server by name, or addresses; at one port or at any. */
export type AllowRule = ({ readonly name: string } | { readonly range: AddressRange }) & { readonly port?: number };

export const allowRuleForms =
  'expected a host name, an address or a range of addresses, the first two with a port or without: hooks.internal, hooks.internal:9000, 127.0.0.1:9000, [::1]:9000, 10.0.0.0/8';

const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

export function parseAllowRule(text: string): AllowRule | undefined {
  const whole = parseRange(text);
  if (whole !== undefined) return { range: whole };
  const [, bracketed, plain, digits] = /^(?:\[([^\]/]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? {} : { port: Number(digits) };
  if (port.port === 0 || (port.port ?? 0) > 65_535) return undefined;
  const range = parseRange(bracketed ?? plain ?? '');
  if (range !== undefined) return { range, ...port };
  // A name that ends in a number is an address to every URL parser; it is not written as one, so it means nothing.
  if (/(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(plain ?? '')) return undefined;
  const name = plainName(domainToASCII(plain ?? ''));
  return NAME.test(name) ? { name, ...port } : undefined;
}

/** As names are compared: `Hooks.Internal.` is `hooks.internal`. */
export function plainName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

export function allowsName(rules: readonly AllowRule[], name: string, port: number): boolean {
  return rules.some((rule) => 'name' in rule && rule.name === name && allowsPort(rule, port));
}

/** `alone`: only by a rule for that very address. */
export function allowsAddress(rules: readonly AllowRule[], address: IpAddress, port: number, { alone = false } = {}): boolean {
  return rules.some(
    (rule) => 'range' in rule && inRange(address, rule.range) && allowsPort(rule, port) && (!alone || isSingle(rule.range)),
  );
}

function allowsPort(rule: AllowRule, port: number): boolean {
  return rule.port === undefined || rule.port === port;
}
