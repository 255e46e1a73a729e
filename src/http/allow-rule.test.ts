import { describe, expect, it } from 'vitest';
import { allowsAddress, allowsName, parseAllowRule, plainName } from './allow-rule.ts';
import { parseIp } from './ip-address.ts';

function allows(rule: string, host: string, port: number): boolean {
  const parsed = parseAllowRule(rule);
  if (parsed === undefined) throw new Error(`${rule} is no rule`);
  const address = parseIp(host);
  return address === undefined ? allowsName([parsed], plainName(host), port) : allowsAddress([parsed], address, port);
}

describe('what the operator allows', () => {
  it.each([
    ['hooks.internal', 'hooks.internal', 80],
    ['hooks.internal', 'hooks.internal', 9000],
    ['Hooks.Internal.', 'hooks.internal', 80],
    ['hooks.internal:9000', 'hooks.internal', 9000],
    ['hooks', 'hooks', 80],
    ['my_service.ns.svc.cluster.local', 'my_service.ns.svc.cluster.local', 80],
    ['bücher.example', 'xn--bcher-kva.example', 80],
    ['localhost', 'localhost', 1],
    ['127.0.0.1', '127.0.0.1', 1],
    ['127.0.0.1', '::ffff:127.0.0.1', 1],
    ['::ffff:127.0.0.1', '127.0.0.1', 1],
    ['127.0.0.1:9000', '127.0.0.1', 9000],
    ['::1', '::1', 1],
    ['[::1]', '::1', 1],
    ['[::1]:9000', '::1', 9000],
    ['[0:0:0:0:0:0:0:1]:9000', '::1', 9000],
    ['10.0.0.0/8', '10.255.255.255', 1],
    ['10.1.2.3/32', '10.1.2.3', 1],
    ['fd00::/8', 'fdff::1', 1],
    ['0.0.0.0/0', '127.0.0.1', 1],
    ['::/0', '::1', 1],
  ])('%s allows %s at port %i', (rule, host, port) => {
    expect(allows(rule, host, port)).toBe(true);
  });

  it.each([
    ['hooks.internal', 'internal', 80],
    ['hooks.internal', 'x.hooks.internal', 80],
    ['hooks.internal', '127.0.0.1', 80],
    ['hooks.internal:9000', 'hooks.internal', 80],
    ['127.0.0.1', '127.0.0.2', 1],
    ['127.0.0.1', '::1', 1],
    ['127.0.0.1:9000', '127.0.0.1', 9001],
    ['10.0.0.0/8', '11.0.0.0', 1],
    ['10.0.0.0/8', '9.255.255.255', 1],
    ['10.1.2.3/32', '10.1.2.4', 1],
    ['0.0.0.0/0', '::1', 1],
    ['::/0', '127.0.0.1', 1],
    // What is NAT64's is another way than the address it stands for.
    ['127.0.0.1', '64:ff9b::127.0.0.1', 1],
  ])('%s does not allow %s at port %i', (rule, host, port) => {
    expect(allows(rule, host, port)).toBe(false);
  });

  it.each([
    '',
    ' ',
    '*',
    '*.internal',
    'http://hooks.internal',
    'hooks.internal/path',
    'hooks.internal:0',
    'hooks.internal:65536',
    'hooks.internal:port',
    'hooks.internal:',
    'user@hooks.internal',
    'a..b',
    '-a.b-',
    '.internal',
    '127.1',
    '0x7f.0.0.1',
    '127.0.0.256',
    '2130706433',
    '1.2.3.4.5',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8:80',
    'fd00::/129',
    'fd00::1/8',
    '::ffff:10.0.0.0/104',
    '[10.0.0.1]x',
    '[::1',
    '::1]:80',
    'fe80::1%eth0',
    'a'.repeat(254),
  ])('%j is no rule', (text) => {
    expect(parseAllowRule(text)).toBeUndefined();
  });
});
