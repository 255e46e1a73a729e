import { type AddressRange, inRange, parseRange } from './address-range.ts';
import { type IpAddress, lowIpv4 } from './ip-address.ts';

export type AddressKind =
  | 'public'
  /** RFC 1918, RFC 6598 (shared, as in cloud and overlay networks), unique local. */
  | 'private'
  | 'loopback'
  | 'link-local'
  /** Where a cloud tells its machines their credentials. */
  | 'metadata'
  | 'multicast'
  /** "This network": Linux connects 0.0.0.0 and :: to loopback. */
  | 'unspecified'
  /** Set aside by IANA for something that is no server of the Internet. */
  | 'reserved';

/** What is in the range is of the kind; or the IPv4 address in its bits from `ipv4At` on says. */
type Row = readonly [range: string, kind: AddressKind | { readonly ipv4At: bigint }];

/** First match wins. From IANA's special-purpose address registries (RFC 6890 and later) and the clouds' manuals. */
const rows: readonly Row[] = [
  ['169.254.169.254', 'metadata'], // AWS, Google, Azure, OpenStack and most others
  ['169.254.170.2', 'metadata'], // AWS ECS: credentials of tasks
  ['169.254.170.23', 'metadata'], // AWS EKS: credentials of pods
  ['169.254.42.42', 'metadata'], // Scaleway
  ['100.100.100.200', 'metadata'], // Alibaba
  ['168.63.129.16', 'metadata'], // Azure's host
  ['192.0.0.192', 'metadata'], // Oracle
  ['fd00:ec2::254', 'metadata'], // AWS
  ['fd00:ec2::23', 'metadata'], // AWS EKS
  ['fd20:ce::254', 'metadata'], // Google
  ['fd00:42::42', 'metadata'], // Scaleway
  ['fe80::a9fe:a9fe', 'metadata'], // OpenStack

  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'private'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'reserved'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['198.51.100.0/24', 'reserved'],
  ['203.0.113.0/24', 'reserved'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['0.0.0.0/0', 'public'],

  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::/96', { ipv4At: 0n }], // IPv4-compatible
  ['::ffff:0:0:0/96', { ipv4At: 0n }], // IPv4-translated
  ['64:ff9b::/96', { ipv4At: 0n }], // NAT64
  ['2002::/16', { ipv4At: 80n }], // 6to4
  ['2001::/23', 'reserved'], // Teredo among them
  ['2001:db8::/32', 'reserved'],
  ['3fff::/20', 'reserved'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
  ['2000::/3', 'public'],
  // What is not given out yet is not public either.
  ['::/0', 'reserved'],
];

const table = rows.map(([text, kind]) => ({ range: known(text), kind }));

export function addressKind(address: IpAddress): AddressKind {
  const row = table.find(({ range }) => inRange(address, range));
  if (row === undefined) return 'reserved';
  return typeof row.kind === 'string' ? row.kind : addressKind(lowIpv4(address.value, row.kind.ipv4At));
}

function known(text: string): AddressRange {
  const range = parseRange(text);
  if (range === undefined) throw new Error(`${text} in the table of address kinds is no range`);
  return range;
}
