import { expect, it } from 'vitest';
import type { NameResolution } from '../isolation.ts';
import { nameFiles } from './name-files.ts';

const own = {
  hosts: '127.0.0.1 localhost',
  resolver: '# by hand\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch old.example\nsearch a.example b.example\noptions ndots:1 rotate\n',
};
const files = (names: NameResolution): Record<string, string> => Object.fromEntries(nameFiles(names, own));

it("are this machine's own where nothing else is asked for", () => {
  expect(
    ['Default', 'ClusterFirst', 'ClusterFirstWithHostNet', undefined].map((dnsPolicy) => files({ dnsPolicy, hostAliases: [] })),
  ).toEqual([{}, {}, {}, {}]);
});

it('have aliases added to the hosts of the machine', () => {
  expect(
    files({
      hostAliases: [
        { ip: '10.1.2.3', hostnames: ['db', 'db.example'] },
        { ip: '::1', hostnames: ['six'] },
      ],
    }),
  ).toEqual({ '/etc/hosts': '127.0.0.1 localhost\n\n# Entries added by HostAliases.\n10.1.2.3\tdb\tdb.example\n::1\tsix\n' });
});

it("have servers, domains and options added to the machine's, the pod's options over them", () => {
  const dnsConfig = {
    nameservers: ['10.0.0.2', '1.1.1.1'],
    searches: ['b.example', 'c.example'],
    options: [{ name: 'ndots', value: '5' }, { name: 'edns0' }],
  };
  expect(files({ dnsConfig })).toEqual({
    '/etc/resolv.conf':
      'nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 1.1.1.1\nsearch a.example b.example c.example\noptions ndots:5 rotate edns0\n',
  });
  expect(files({ dnsPolicy: 'None', dnsConfig })).toEqual({
    '/etc/resolv.conf': 'nameserver 10.0.0.2\nnameserver 1.1.1.1\nsearch b.example c.example\noptions ndots:5 edns0\n',
  });
});

it('are not made without a single server', () => {
  expect(() => files({ dnsPolicy: 'None', dnsConfig: { searches: ['a'] } })).toThrow('at least one DNS nameserver');
});
